"""What the shop's pages are tested with: a partner at the counter, and their clicks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from portal.accounts.models import User
from portal.structures.models import Membership
from shop.ordering.models import PlacedOrder
from tests import factories


def hidden(response: HttpResponse, name: str) -> str:
    """Return the value of a hidden field, as the browser would send it."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, f"no field {name}"
    return found[1]


def numbers(response: HttpResponse) -> list[str]:
    """Return the recharge numbers that a page shows in clear."""
    return re.findall(r'data-copy="([0-9]{10})"', response.content.decode())


@dataclass
class Counter:
    """A logged-in partner and what they do."""

    member: Membership
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: object) -> Any:
        return self.client.post(path, fields)

    def add(self, upc: str, quantity: object = 1) -> Any:
        return self.post("/panier/ajouter/", product=upc, quantity=quantity)

    def form(self) -> dict[str, str]:
        """Return the fields of the confirmation, as the basket shows them."""
        page = self.get("/panier/")
        return {name: hidden(page, name) for name in ("key", "seen")}

    def order(self, **quantities: int) -> PlacedOrder:
        """Order by the pages: ``order(monde=2)``."""
        for upc, quantity in quantities.items():
            self.add(upc.replace("_", "-"), quantity)
        answer = self.post("/commande/", **self.form())
        return PlacedOrder.objects.get(uuid=answer.url.split("/")[2])


def counter(member: Membership) -> Counter:
    """Log a member in."""
    client = Client()
    user: User = member.user
    client.force_login(user)
    return Counter(member, client)


@pytest.fixture
def partner(db: None) -> Counter:
    """A partner whose structure may order, logged in."""
    factories.product()
    return counter(factories.MembershipFactory())


@pytest.fixture
def colleague(partner: Counter) -> Counter:
    """Another partner of the same structure, logged in."""
    return counter(factories.MembershipFactory(structure=partner.member.structure))


@pytest.fixture
def stranger(partner: Counter) -> Counter:
    """A partner of another structure, logged in."""
    return counter(factories.MembershipFactory())


@pytest.fixture
def text() -> Callable[[Any], str]:
    """Return a function that returns a page's words, without tags, its spaces made one."""

    def words(response: Any) -> str:
        bare = re.sub(r"<[^>]+>", " ", response.content.decode())
        return re.sub(r"[ \n]+", " ", bare).replace("&nbsp;", "\u00a0")

    return words
