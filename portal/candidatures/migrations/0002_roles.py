from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    view = "candidatures.view_candidature"
    grant(apps, [view, "candidatures.change_candidature"], Role.REFERENT)
    grant(apps, [view], Role.ADMINISTRATOR)


class Migration(migrations.Migration):
    dependencies = [
        ("candidatures", "0001_initial"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
