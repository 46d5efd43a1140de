"""The roles of the product as Django groups.

A migration of each app grants its permissions to the roles with `grant`, so that a role never
holds a permission that its app does not know of.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Group names, as they stand in the database and on screen."""

    PARTNER = "Partenaire"
    EDITOR = "Éditeur"
    MODERATOR = "Modérateur"
    REFERENT = "Référent"
    OPERATOR = "Opérateur"
    ADMINISTRATOR = "Administrateur"


STAFF_ROLES = frozenset(Role) - {Role.PARTNER}


def grant(apps: Any, permissions: Iterable[str], *roles: Role) -> None:
    """Give permissions to roles, from a migration.

    Permissions are normally created after all migrations, too late to be granted by one:
    those that are missing are created here, with the name that Django will keep.

    Args:
        apps: the migration's app registry.
        permissions: ``app_label.codename_model`` strings, such as ``activation.view_request``;
            the model is what follows the first underscore. For a permission that is not of that
            shape write ``app_label.codename:model``.
        roles: the groups that receive them.
    """
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permission_rows = apps.get_model("auth", "Permission").objects
    groups = apps.get_model("auth", "Group").objects
    found = []
    for dotted in permissions:
        app_label, _, codename = dotted.partition(".")
        codename, _, model = codename.partition(":")
        content_type, _ = content_types.get_or_create(
            app_label=app_label, model=model or codename.partition("_")[2]
        )
        permission, _ = permission_rows.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": f"Can {codename}"}
        )
        found.append(permission)
    for role in roles:
        group, _ = groups.get_or_create(name=str(role))
        group.permissions.add(*found)
