from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    actions = ("add", "change", "view")
    grant(apps, [f"products.{action}_productterms" for action in actions], Role.REFERENT)


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0004_move_prices"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
