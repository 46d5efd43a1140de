"""People of the account tests, and ways to log them in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import STAFF_ROLES, Role

PASSWORD = "lapin vert tombe midi"

MakeUser = Callable[..., User]


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """Return a function that creates a person with roles: ``make_user("a@b.fr", Role.EDITOR)``."""

    def make(email: str = "amina@ccas.fr", *roles: Role, **fields: Any) -> User:
        fields.setdefault("password", PASSWORD)
        fields.setdefault("first_name", "Amina")
        fields.setdefault("last_name", "Benali")
        fields.setdefault("is_staff", bool(STAFF_ROLES.intersection(roles)))
        user = User.objects.create_user(email, **fields)
        user.groups.set(Group.objects.filter(name__in=[str(role) for role in roles]))
        return user

    return make


@pytest.fixture
def partner(make_user: MakeUser) -> User:
    """Return a partner."""
    return make_user("amina@ccas.fr", Role.PARTNER)


@pytest.fixture
def editor(make_user: MakeUser) -> User:
    """Return a member of the team."""
    return make_user("elise@emmaus.fr", Role.EDITOR, first_name="Élise", last_name="Roux")


@pytest.fixture
def administrator(make_user: MakeUser) -> User:
    """Return an administrator."""
    return make_user(
        "jeanne@emmaus.fr", Role.ADMINISTRATOR, first_name="Jeanne", last_name="Martin"
    )


def log_in(email: str, password: str = PASSWORD, client: Client | None = None) -> Client:
    """Log in through the real page and return the client; nothing is checked."""
    client = client or Client()
    client.post("/connexion/", {"login": email, "password": password})
    return client


def is_logged_in(client: Client) -> bool:
    """Whether a page of one's own account opens."""
    return client.get("/mon-compte/details/").status_code == 200
