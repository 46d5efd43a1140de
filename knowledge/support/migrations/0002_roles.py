"""Référents answer, and write their ready texts."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

PERMISSIONS = (
    "support.view_supportrequest",
    "support.answer_supportrequest",
    *(f"support.{action}_cannedanswer" for action in ("add", "change", "delete", "view")),
)


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(apps, PERMISSIONS, Role.REFERENT)


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial"), ("accounts", "0002_roles")]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
