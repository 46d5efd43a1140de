"""A candidature at each point of its way, brought there by the real services."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.candidatures import links, services
from portal.candidatures.models import Candidature
from portal.candidatures.services import Person
from portal.structures.offer import offered
from shop.products.catalogue import load_catalogue
from tests import factories

SIRET = "73282932000074"
OTHER_SIRET = "35600000000048"  # La Poste's, by its own rule
EMAIL = "ana@maison.example"


def draft(email: str = EMAIL) -> Candidature:
    return services.start(email=email)


def filled(email: str = EMAIL, **said: Any) -> Candidature:
    """A candidature whose every step is saved."""
    load_catalogue()
    made = draft(email)
    structure = {
        "name": "Maison des familles",
        "kind": "association",
        "siret": SIRET,
        "rna": "",
        "public": "Familles",
    }
    place = {
        "address": "3 place du Marché",
        "postcode": "33000",
        "city": "Bordeaux",
        "delivery_mode": "pickup",
    }
    lead = {
        "lead_first_name": "Ana",
        "lead_last_name": "Costa",
        "lead_email": email,
        "lead_phone": "+33556123456",
    }
    for step, values in (("structure", structure), ("lieu", place), ("referent", lead)):
        made = services.save(made, step=step, values={**values, **said.get(step, {})})
    made = services.save_team(
        made, people=said.get("people", [Person("Omar", "Diallo", "omar@maison.example")])
    )
    asked = {product: 10 for product in offered() if product.upc in {"monde", "carte-sim"}}
    return services.save_needs(made, asked=asked, equipment="2 ordinateurs")


def submitted(email: str = EMAIL, **said: Any) -> Candidature:
    return services.submit(filled(email, **said))


@pytest.fixture
def referent(db: None) -> User:
    made: User = factories.UserFactory(role=Role.REFERENT, password=factories.PASSWORD)
    return made


def client_of(candidature: Candidature) -> Client:
    """A browser in which the link of a candidature was opened."""
    browser = Client()
    path = links.make(candidature).partition("//")[2].partition("/")[2]
    assert browser.get(f"/{path}").status_code == 302
    return browser


def staff(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def human(path: str, browser: Client, **typed: str) -> Any:
    """Open a page that keeps robots out, wait as a person does, and send it."""
    with time_machine.travel(timezone.now() - dt.timedelta(seconds=30), tick=False):
        page = browser.get(path).content.decode()
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found
    return browser.post(path, {"stamp": found[1], **typed})
