from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(
        apps,
        ["sims.view_delivery", "sims.prepare_delivery"],
        Role.REFERENT,
        Role.OPERATOR,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sims", "0001_initial"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
