from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_permissions(apps: Any, schema_editor: Any) -> None:
    grant(
        apps,
        [
            "billing.manage_billing:invoice",
            "billing.view_invoice",
            "billing.view_billingrun",
            "billing.change_billingsettings",
        ],
        Role.REFERENT,
        Role.ADMINISTRATOR,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_guards"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
