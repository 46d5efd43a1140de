from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def create_roles(apps: Any, schema_editor: Any) -> None:
    grant(apps, [], *Role)
    staff = [role for role in Role if role is not Role.PARTNER]
    grant(apps, ["wagtailadmin.access_admin:admin"], *staff)
    grant(
        apps,
        ["accounts.add_user", "accounts.change_user", "accounts.view_user"],
        Role.ADMINISTRATOR,
    )
    grant(
        apps,
        ["privacy.view_auditentry", "outbox.view_journalentry"],
        Role.ADMINISTRATOR,
    )
    grant(
        apps,
        ["outbox.view_outboxmessage", "outbox.change_outboxmessage"],
        Role.ADMINISTRATOR,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("outbox", "0001_initial"),
        ("privacy", "0001_initial"),
        ("wagtailadmin", "0006_formstate"),
    ]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
