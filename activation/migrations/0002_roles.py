from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_permissions(apps: Any, schema_editor: Any) -> None:
    view = "activation.view_activationrequest"
    grant(apps, [view, "activation.process_activationrequest"], Role.OPERATOR)
    grant(apps, [view], Role.ADMINISTRATOR)
    grant(
        apps,
        ["activation.change_activationsettings"],
        Role.REFERENT,
        Role.ADMINISTRATOR,
    )


def create_settings(apps: Any, schema_editor: Any) -> None:
    apps.get_model("activation", "ActivationSettings").objects.create()


class Migration(migrations.Migration):
    dependencies = [
        ("activation", "0001_initial"),
        ("accounts", "0002_roles"),
    ]

    operations = [
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
        migrations.RunPython(create_settings, migrations.RunPython.noop),
    ]
