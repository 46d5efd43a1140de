"""SIM cards, from the basket to the activation, by three people at their own screens."""

import re

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import User
from portal.accounts.roles import Role
from shop.sims.models import Delivery
from shop.sims.states import State
from tests import factories
from tests.sims.conftest import buyer, card
from tests.support.browser import Axe, new_context, overflow

CARDS = [card(number) for number in range(2)]


def arrive(browser: Browser, server: str, user: User, **size: int) -> Page:
    """Return a page of somebody who is logged in."""
    context = new_context(browser, **{"width": 1440, "height": 900, **size})
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])
    return context.new_page()


def test_cards_are_ordered_prepared_sent_received_and_activated(
    browser: Browser, server: str, axe: Axe
) -> None:
    member = buyer(name="CCAS de Lille")
    partner = arrive(browser, server, member.user, width=320, height=640)
    staff = arrive(browser, server, factories.UserFactory(role=Role.REFERENT))
    try:
        _order(partner, server, axe)
        _prepare_and_send(staff, server, axe)
        _receive_and_activate(partner, server, axe)
    finally:
        partner.context.close()
        staff.context.close()


def _order(page: Page, server: str, axe: Axe) -> None:
    page.goto(f"{server}/mon-compte/adresses/ajouter/")
    typed = {
        "Nom de l’adresse": "Antenne nord",
        "Destinataire": "Accueil",
        "Numéro et rue": "8 rue du Nord",
        "Code postal": "59000",
        "Commune": "Lille",
    }
    for label, text in typed.items():
        page.get_by_label(label).fill(text)
    axe(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Antenne nord")).to_be_visible()
    axe(page)

    page.goto(f"{server}/offre-solidaire/")
    product = page.locator("article", has_text="Carte SIM")
    product.get_by_role("spinbutton").fill("2")
    product.get_by_role("button", name=re.compile("Ajouter au panier")).click()
    page.get_by_role("link", name=re.compile("Voir le panier")).first.click()
    expect(page.get_by_text("Antenne nord, Lille")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Valider la commande").click()
    expect(page.get_by_text("8 rue du Nord")).to_be_visible()
    axe(page)


def _prepare_and_send(page: Page, server: str, axe: Axe) -> None:
    page.goto(f"{server}/gestion/cartes-sim/")
    page.get_by_role("row", name=re.compile("CCAS de Lille")).get_by_role("link").first.click()
    expect(page.locator("textarea")).to_be_focused()
    axe(page, "main")
    page.keyboard.type(CARDS[0])
    page.keyboard.press("Enter")
    expect(page.locator(".sim-count")).to_have_text("1 sur 2")
    page.get_by_role("button", name="Enregistrer les 2 cartes").click()
    expect(page.get_by_text("2 cartes attendues, 1 saisie\u00a0: il en manque 1.")).to_be_visible()
    axe(page, ".gestion-page")
    page.keyboard.type(CARDS[1])
    page.keyboard.press("Enter")
    expect(page.locator(".sim-count")).to_have_text("2 sur 2")
    page.get_by_role("button", name="Enregistrer les 2 cartes").click()
    page.get_by_role("link", name="Bordereau").click()
    expect(page.get_by_role("heading", name="2 cartes SIM")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Revenir à la livraison").click()
    page.get_by_label("Numéro de suivi").fill("6A123")
    page.get_by_role("button", name="Marquer envoyée").click()
    expect(page.get_by_text("l’e-mail part")).to_be_visible()
    assert Delivery.objects.get().state == State.SENT


def _receive_and_activate(page: Page, server: str, axe: Axe) -> None:
    page.goto(f"{server}/mon-compte/cartes-sim/")
    axe(page)
    page.get_by_role("button", name=re.compile("J’ai reçu ces cartes")).click()
    links = page.get_by_role("link", name=re.compile("Activer cette carte"))
    expect(links).to_have_count(2)
    axe(page)
    links.first.click()
    expect(page.locator("#id_iccid")).to_have_value(re.compile(r"^(\d{4} ){4}\d{4}$"))
    assert page.locator("#id_iccid").input_value().replace(" ", "") == CARDS[0]
    assert CARDS[0] not in page.url
    expect(page.get_by_text("son numéro est rempli")).to_be_visible()
    axe(page)
    assert overflow(page) == 0
