"""The activation in a real browser: checks as one leaves a field, keyboard, phone, axe."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from activation.models import ActivationDraft, ActivationRequest
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


def type_in(page: Page, *pressed: str) -> None:
    """Type with the keyboard alone, from the field that has the focus; Tab follows each text.

    Args:
        page: the page.
        pressed: texts; a word between < and > is a key, without Tab.
    """
    for text in pressed:
        if text.startswith("<"):
            page.keyboard.press(text[1:-1])
        else:
            page.keyboard.type(text)
            page.keyboard.press("Tab")


PERSON = ("Canari", "Clémence", "4", "12", "1985", "99", "Mali")
YES = ("<Space>", "<ArrowDown>", "<Tab>")


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_a_request_is_sent_by_keyboard(
    server: str, width: str, request: pytest.FixtureRequest, partner: User, axe: Axe
) -> None:
    page: Page = request.getfixturevalue(width)
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    for hidden in ("birth_country", "current_number", "rio"):
        expect(page.locator(f"#id_{hidden}")).to_be_hidden()
    axe(page)
    card = factories.card()
    page.locator("#id_iccid").focus()
    type_in(page, card, "<Space>", "<Tab>", *PERSON, *YES)
    grouped = " ".join(card[start : start + 4] for start in range(0, 20, 4))
    expect(page.locator("#id_iccid")).to_have_value(grouped)
    expect(page.locator("#id_rio")).to_be_visible()
    type_in(
        page,
        "0612345678",
        "<Tab>",
        factories.rio_of("0612345678"),
        "<Tab>",
        "E",
        "<Tab>",
        "<Space>",
    )
    assert overflow(page) == 0
    axe(page)
    type_in(page, "<Tab>", "<Enter>")
    page.wait_for_url("**/suivi/*/")
    axe(page)
    row = ActivationRequest.objects.get()
    assert (row.portability, row.birth_country, row.civility) == (True, "Mali", "madame")
    assert (row.current_number, row.contact_phone, row.language) == ("+33612345678", "", "en")
    page.goto(f"{server}/activation-sim/suivi/")
    assert overflow(page) == 0
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


def test_a_new_number_asks_the_rio_again(server: str, page: Page, partner: User) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    page.get_by_label("Oui, il garde son numéro").check()
    error = page.locator("#check-rio .field__error")
    page.locator("#id_current_number").fill("0612345678")
    page.locator("#id_rio").fill("01PEROY4P4TR")
    page.locator("#id_rio").press("Tab")
    page.locator("#id_current_number").fill("0612345679")
    page.locator("#id_current_number").press("Shift+Tab")
    expect(error).to_contain_text("Ce RIO ne correspond pas à ce numéro")
    page.locator("#id_current_number").fill("0612345678")
    type_in(page, "<Tab>", "<Tab>", "<Tab>")  # by the RIO itself, which waits while one is in it
    expect(error).to_have_count(0)


def test_a_card_read_again_is_insisted_on_and_another_is_not(
    server: str, page: Page, partner: User, axe: Axe
) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    insist = page.get_by_label("J’ai relu la carte")
    expect(insist).to_have_count(0)
    page.locator("#id_iccid").fill("89331059970000209013")
    page.locator("#id_iccid").press("Tab")
    insist.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.locator("#check-iccid .field__error")).to_have_count(0)
    expect(insist).to_be_checked()
    expect(page.locator("#check-iccid .alert")).to_contain_text("un opérateur vérifiera")
    axe(page)
    page.locator("#id_iccid").fill("89331059970000209014")
    page.locator("#id_iccid").press("Shift+Tab")
    expect(page.locator("#check-iccid .field__error")).to_contain_text("Un chiffre est faux")
    expect(insist).not_to_be_checked()
    page.locator("#id_iccid").fill("89331059970000209012")
    page.locator("#id_iccid").press("Shift+Tab")
    expect(insist).to_have_count(0)


def begin(page: Page) -> None:
    """Type a name and the number of a phone, and wait until they are kept."""
    page.locator("#id_last_name").fill("Canari")
    with page.expect_response("**/verifier/last_name/"):
        page.locator("#id_last_name").press("Tab")


def test_a_session_that_ends_leads_to_the_login_and_back_to_what_was_typed(
    server: str, page: Page, partner: User, axe: Axe
) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    begin(page)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#id_first_name").fill("Clémence")
    page.locator("#id_first_name").press("Tab")
    page.wait_for_url("**/connexion/**")
    expect(page.get_by_text("Votre session a pris fin")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["next"] == ["/activation-sim/"]
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    expect(page.get_by_text("Vous aviez commencé cette demande le")).to_be_visible()
    expect(page.locator("#id_last_name")).to_have_value("Canari")
    axe(page)


def test_the_browser_keeps_nothing_of_a_beneficiary(server: str, page: Page, partner: User) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}/activation-sim/")
    begin(page)
    kept = "[Object.entries(localStorage), Object.entries(sessionStorage)]"
    where = ["htmx-current-path-for-history", "/activation-sim/"]
    assert page.evaluate(kept) == [[], [where]]
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    assert page.evaluate("caches.keys().then(found => found.length)") == 0
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Connexion")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/connexion/**")
    assert "Canari" not in page.content()


def test_the_form_works_without_javascript(server: str, browser: Browser, partner: User) -> None:
    context = new_context(browser, width=320, height=640, java_script_enabled=False)
    log_in(context, server, partner)
    page = context.new_page()
    page.goto(f"{server}/activation-sim/")
    page.locator("#id_iccid").fill(factories.card())
    page.get_by_label("Monsieur").check()
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_text("Brouillon enregistré")).to_be_visible()
    expect(page.get_by_label("Monsieur")).to_be_checked()
    page.locator("#id_last_name").fill("Canari")
    page.locator("#id_first_name").fill("Paul")
    for place, text in enumerate(("4", "12", "1985")):
        page.locator(f"#id_birth_date_{place}").fill(text)
    page.locator("#id_birth_department").fill("Nord")
    expect(page.locator("#id_birth_country")).to_be_visible()
    page.get_by_label("Non, il aura un nouveau numéro").check()
    expect(page.locator("#id_rio")).to_be_hidden()
    page.get_by_label("Oui, il garde son numéro").check()
    page.locator("#id_current_number").fill("0612345678")
    page.locator("#id_rio").fill("01PEROY4P4TS")
    page.get_by_label("J’ai vérifié la pièce d’identité").check()
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator(".error-summary")).to_contain_text("Ce RIO ne correspond pas à ce numéro")
    page.locator("#id_rio").fill("01 P EROY4P 4TR")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.wait_for_url("**/suivi/*/")
    row = ActivationRequest.objects.get()
    assert (row.birth_department, row.rio) == ("59", "01PEROY4P4TR")
    assert ActivationDraft.objects.count() == 0
    context.close()


def test_an_operator_takes_and_activates(server: str, page: Page, axe: Axe) -> None:
    request = factories.request(rio="02P7PG9G9U+1")
    log_in(page.context, server, factories.operator())
    page.goto(f"{server}/gestion/activations/")
    axe(page, "main")
    page.get_by_role("link", name=request.reference).click()
    axe(page, "main")
    page.get_by_role("button", name="Prendre", exact=True).click()
    expect(page.get_by_text("Zébulonne")).to_be_visible()
    axe(page, ".gestion-page")  # the message above is Wagtail's, in its own colours
    page.get_by_text("Marquer activée").click()
    page.get_by_label("Numéro de la ligne").fill("0755667788")
    page.get_by_role("button", name="Activer et prévenir").click()
    expect(page.get_by_text("La ligne est activée")).to_be_visible()
    row = ActivationRequest.objects.get()
    assert (row.state, row.line_number) == (State.ACTIVATED, "+33755667788")
