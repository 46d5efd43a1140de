"""The links of the footer: chosen by modérateurs, shown on every page, never at the cost of one."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Page, Site

from portal.pages.models import MenuSettings
from portal.pages.models.site import MenuLinkBlock
from portal.pages.tasks import publish_scheduled
from portal.ui import menus

ORIGINAL = ["/points-accueil/", "/devenir-relais/", "/rendez-vous/"]


def footer(address: str) -> list[str]:
    """Return where the footer's links lead."""
    html = Client().get(address).content.decode()
    links = html.split('class="site-footer__links"')[1].split("</ul>")[0].split('href="')[1:]
    return [one.split('"')[0] for one in links]


def write(*links: dict[str, Any]) -> MenuSettings:
    row = MenuSettings.for_site(Site.objects.get())
    row.footer = json.dumps([{"type": "link", "value": value} for value in links])
    row.save()
    return row


def link(label: str, *, page: Page | None = None, address: str = "") -> dict[str, Any]:
    return {"label": label, "page": page and page.pk, "address": address}


def chosen(address: str, fixed: list[str]) -> list[str]:
    return [one for one in footer(address) if one not in fixed]


@pytest.fixture
def fixed(content: int) -> list[str]:
    """Return the links that nobody chooses: the search, and what the law wants."""
    return [one for one in footer("/faq/") if one not in ORIGINAL]


def test_the_first_links_stand_until_somebody_writes_others(fixed: list[str]) -> None:
    places = ("/faq/", "/connexion/")
    assert [chosen(address, fixed) for address in places] == [ORIGINAL, ORIGINAL]


def test_what_is_written_shows_on_every_page_at_once(
    fixed: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    page = Page.objects.get(slug="acheter-des-recharges")
    with django_capture_on_commit_callbacks(execute=True):
        write(link("Acheter", page=page), link("La FAQ", address="/faq/"))
    expected = ["/ressources/acheter-des-recharges/", "/faq/"]
    for address in ("/faq/", "/connexion/"):
        assert chosen(address, fixed) == expected
        assert set(fixed) <= set(footer(address))
    assert {"/mentions-legales/", "/donnees-personnelles/", "/accessibilite/"} <= set(fixed)
    with django_capture_on_commit_callbacks(execute=True):
        write()
    assert chosen("/faq/", fixed) == ORIGINAL


def test_a_page_that_is_taken_away_leaves_the_footer_with_the_clock(content: int) -> None:
    page = Page.objects.get(slug="acheter-des-recharges")
    write(link("Acheter", page=page), link("La FAQ", address="/faq/"))
    page.specific.unpublish()
    publish_scheduled()
    assert [one.href for one in menus.footer()] == ["/faq/"]


def test_the_footer_costs_no_query(content: int, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert [one.href for one in menus.footer()] == ORIGINAL


def test_redis_away_leaves_the_first_links(settings: Any) -> None:
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }
    menus.keep([menus.MenuLink("/faq/", "La FAQ")])
    assert [one.href for one in menus.footer()] == ORIGINAL


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//ailleurs.example", "faq", "http://x"]
)
def test_an_address_is_ours_or_a_safe_one(address: str) -> None:
    with pytest.raises(ValidationError):
        MenuLinkBlock().clean({"label": "x", "page": None, "address": address})


def test_a_link_leads_to_one_place(content: int) -> None:
    both = {"label": "x", "page": Page.objects.get(slug="faq"), "address": "/faq/"}
    for value in (both, {"label": "x", "page": None, "address": ""}):
        with pytest.raises(ValidationError):
            MenuLinkBlock().clean(value)
