"""A référent at their desk."""

import time
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from tests import factories


@pytest.fixture
def referent(db: None) -> User:
    made: User = factories.UserFactory(role=Role.REFERENT, first_name="Rose", last_name="Petit")
    return made


def browser(user: User) -> Client:
    """Log somebody of the team in, who has just proved who they are."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    return client


@pytest.fixture
def desk(referent: User) -> Client:
    return browser(referent)


@pytest.fixture
def structure(referent: User) -> Any:
    return factories.StructureFactory(name="Maison du Lien", account_manager=referent)
