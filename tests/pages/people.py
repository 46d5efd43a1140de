"""People who are logged in."""

from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.factories import UserFactory


def logged_in(user: User) -> Client:
    """Return a browser in which ``user`` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def browser_of(role: Role) -> Client:
    """Return a browser in which somebody of that role is logged in."""
    return logged_in(UserFactory(role=role))
