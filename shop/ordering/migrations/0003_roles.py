from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    grant(
        apps,
        ["ordering.view_placedorder", "recharges.add_codelot", "recharges.view_codelot"],
        Role.REFERENT,
    )
    # One of Oscar's migrations makes a group for its dashboard, which is not mounted.
    apps.get_model("auth", "Group").objects.filter(name="All Oscar Dashboard Permissions").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0002_order_number"),
        ("recharges", "0001_initial"),
        ("accounts", "0002_roles"),
        ("customer", "0008_assign_permissions_to_staff"),
    ]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
