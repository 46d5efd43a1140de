"""The footer's links are the modérateurs' to choose."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_menus(apps: Any, schema_editor: Any) -> None:
    grant(apps, ["pages.change_menusettings"], Role.MODERATOR)


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_editing"), ("accounts", "0002_roles")]

    operations = [migrations.RunPython(grant_menus, migrations.RunPython.noop)]
