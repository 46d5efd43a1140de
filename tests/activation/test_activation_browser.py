"""The activation in a real browser: checks as one leaves a field, keyboard, phone, axe."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.models import User
from tests.activation import factories
from tests.support.browser import Axe, new_context, overflow


def log_in(context: BrowserContext, server: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])


@pytest.fixture
def partner() -> User:
    return factories.member(factories.structure(name="CCAS de Lille"))


def type_in(page: Page, **fields: str) -> None:
    """Fill the form by keyboard alone, in the order of the page."""
    page.locator("#id_iccid").focus()
    for text in (fields["iccid"], " ", "Canari", "Clémence", "4", "12", "1985", "99", "Mali"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type("0612345678")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(fields["rio"])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")


def test_a_request_is_sent_by_keyboard(server: str, page: Page, partner: User, axe: Axe) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    expect(page.locator("#id_birth_country")).to_be_hidden()
    expect(page.locator("#id_rio")).to_be_hidden()
    axe(page)
    card = factories.card()
    type_in(page, iccid=card, rio=factories.rio_of("0612345678", "01PEROY4P"))
    grouped = " ".join(card[start : start + 4] for start in range(0, 20, 4))
    expect(page.locator("#id_iccid")).to_have_value(grouped)
    expect(page.locator("#id_rio")).to_be_visible()
    axe(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/suivi/*/")
    axe(page)
    row = ActivationRequest.objects.get()
    assert (row.portability, row.birth_country, row.civility) == (True, "Mali", "madame")
    page.goto(f"{server}/activation-sim/suivi/")
    axe(page)


def test_a_field_is_checked_as_one_leaves_it(
    server: str, phone_page: Page, partner: User, axe: Axe
) -> None:
    page = phone_page
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    page.locator("#id_iccid").fill("8933105997000020901")
    page.locator("#id_iccid").press("Tab")
    expect(page.locator("#check-iccid .field__error")).to_contain_text("Il manque 1 chiffre")
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator(".error-summary")).to_be_focused()
    axe(page)
    page.locator(".error-summary a").first.click()
    expect(page.locator("#id_iccid")).to_be_focused()
    assert overflow(page) == 0


def test_the_form_works_without_javascript(server: str, browser: Browser, partner: User) -> None:
    context = new_context(browser, width=320, height=640, java_script_enabled=False)
    log_in(context, server, partner)
    page = context.new_page()
    page.goto(f"{server}/activation-sim/")
    page.locator("#id_iccid").fill(factories.card())
    page.get_by_label("Monsieur").check()
    typed = {"last_name": "Canari", "first_name": "Paul", "contact_phone": "0612345678"}
    for name, text in typed.items():
        page.locator(f"#id_{name}").fill(text)
    for place, text in enumerate(("4", "12", "1985")):
        page.locator(f"#id_birth_date_{place}").fill(text)
    page.locator("#id_birth_department").fill("Nord")
    expect(page.locator("#id_birth_country")).to_be_visible()
    page.get_by_label("Oui, il garde son numéro").check()
    expect(page.locator("#id_rio")).to_be_visible()
    page.get_by_label("Non, il aura un nouveau numéro").check()
    expect(page.locator("#id_rio")).to_be_hidden()
    page.get_by_label("J’ai vérifié la pièce d’identité").check()
    page.get_by_role("button", name="Envoyer la demande").click()
    page.wait_for_url("**/suivi/*/")
    assert ActivationRequest.objects.get().birth_department == "59"
    context.close()


def test_an_operator_takes_and_activates(server: str, page: Page, axe: Axe) -> None:
    request = factories.request(rio="02P7PG9G9U+1")
    log_in(page.context, server, factories.operator())
    page.goto(f"{server}/gestion/activations/")
    axe(page, "main")
    page.get_by_role("link", name=request.reference).click()
    axe(page, "main")
    page.get_by_role("button", name="Prendre").click()
    expect(page.get_by_text("Zébulonne")).to_be_visible()
    axe(page, ".gestion-page")  # the message above is Wagtail's, in its own colours
    page.get_by_text("Marquer activée").click()
    page.get_by_label("Numéro de la ligne").fill("0755667788")
    page.get_by_role("button", name="Activer et prévenir").click()
    expect(page.get_by_text("La ligne est activée")).to_be_visible()
    row = ActivationRequest.objects.get()
    assert (row.state, row.line_number) == (State.ACTIVATED, "+33755667788")
