from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

PERMISSIONS = [f"structures.{verb}_structure" for verb in ("view", "add", "change")]


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(apps, PERMISSIONS, Role.REFERENT, Role.ADMINISTRATOR)


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio", "0002_search"),
        ("structures", "0003_portfolio"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
