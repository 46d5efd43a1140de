from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

PERMISSIONS = [
    *("quotas.add_campaign", "quotas.change_campaign", "quotas.view_campaign"),
    *("quotas.change_freequota", "quotas.view_freequota"),
]


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(apps, PERMISSIONS, Role.REFERENT)


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0003_campaigns"),
        ("accounts", "0002_roles"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
