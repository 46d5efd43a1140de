from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(apps, ["ordering.change_placedorder"], Role.REFERENT)


class Migration(migrations.Migration):
    dependencies = [("ordering", "0004_cancelling"), ("accounts", "0002_roles")]

    operations = [
        migrations.AlterModelOptions(
            name="placedorder",
            options={
                "default_permissions": ("view", "change"),
                "ordering": ("-pk",),
                "verbose_name": "commande",
                "verbose_name_plural": "commandes",
            },
        ),
        migrations.RunPython(grant_roles, migrations.RunPython.noop),
    ]
