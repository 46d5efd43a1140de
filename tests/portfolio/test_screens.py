"""Structures and points d'accueil in a real browser: wide, narrow, and without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.models import Structure
from tests import factories
from tests.portfolio.conftest import browser as logged_in
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer

WIDTHS = (1440, 320)


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def place(url: str) -> Structure:
    """A structure with a team, a quota, and a place in the public list."""
    where = {"latitude": "44.837912", "longitude": "-0.579541", "phone": "+33536490001"}
    referent = factories.UserFactory(role=Role.REFERENT, password=factories.PASSWORD)
    made: Structure = factories.StructureFactory(
        name="Maison du Lien", account_manager=referent, is_listed=True, **where
    )
    factories.MembershipFactory(structure=made, is_structure_lead=True)
    factories.quota(made, "monde", 5, used=2)
    return made


def open_as(browser: Browser, user: User | None, url: str, width: int, **options: Any) -> Page:
    context = new_context(browser, width=width, height=900, **options)
    if user:
        session = logged_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_screens_fit_and_axe_is_silent(
    browser: Browser, place: Structure, url: str, axe: Axe, width: int
) -> None:
    page = open_as(browser, place.account_manager, url, width)
    home = f"{url}/gestion/structures/"
    for end in (f"{place.uuid}/", f"{place.uuid}/fiche/", "ecrire/", "confier/", "importer/"):
        page.goto(home + end)
        assert (end, overflow(page)) == (end, 0)
        axe(page, "#main")
    page.goto(home)
    assert overflow(page) == 0
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_anybody_finds_a_place_without_javascript(
    browser: Browser, place: Structure, url: str, axe: Axe, width: int
) -> None:
    page = open_as(browser, None, url, width, java_script_enabled=False)
    page.goto(f"{url}/points-accueil/")
    page.get_by_label("Commune, code postal ou nom").fill("lien bordeaux")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="Maison du Lien")).to_be_visible()
    page.get_by_label("Département").select_option("33")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_label("Commune", exact=True)).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("1\u00a0lieu dans le département")
    page.context.close()

    page = open_as(browser, None, url, width)
    page.goto(f"{url}/points-accueil/?departement=33")
    assert overflow(page) == 0
    axe(page)
    page.context.close()


def test_a_referent_suspends_and_reopens_a_structure(
    browser: Browser, place: Structure, url: str
) -> None:
    page = open_as(browser, place.account_manager, url, 1440)
    page.goto(f"{url}/gestion/structures/{place.uuid}/")
    page.get_by_text("Suspendre", exact=True).click()
    page.locator("#motif-suspended").fill("Impayés")
    page.get_by_role("button", name="Suspendre la structure").click()
    expect(page.locator(".gestion-timeline li").first).to_contain_text("Impayés")
    page.get_by_text("Réactiver", exact=True).click()
    page.locator("#motif-active").fill("Réglé")
    page.get_by_role("button", name="Réactiver la structure").click()
    expect(page.locator(".gestion-timeline li").first).to_contain_text("active (avant")
    page.context.close()
