from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    view = "training.view_trainingsession"
    change = ["training.add_trainingsession", "training.change_trainingsession"]
    grant(apps, [view, *change], Role.REFERENT)
    grant(apps, [view], Role.ADMINISTRATOR)


class Migration(migrations.Migration):
    dependencies = [("training", "0002_sessions"), ("accounts", "0002_roles")]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
