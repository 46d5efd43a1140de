"""The operators' queue in a real browser: keyboard, live list, phone, no JavaScript, axe."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from activation.models import ActivationRequest, MessageTask, Reason
from activation.states import State
from portal.accounts.models import User
from tests.activation import factories
from tests.activation.test_activation_browser import log_in
from tests.support.browser import Axe, new_context, overflow

QUEUE = "/gestion/activations/"
EVERY = 15_000  # milliseconds


@pytest.fixture
def operator(server: str) -> User:
    return factories.operator(first_name="Jeanne", last_name="Martin")


def several(count: int) -> list[ActivationRequest]:
    within = factories.structure(name="CCAS de Lille")
    by = factories.member(within)
    return [factories.request(within=within, by=by) for _ in range(count)]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def height(page: Page) -> int:
    """Return where the focused thing stands in the window, once nothing scrolls any more."""
    before = None
    while before != (now := page.evaluate("document.activeElement.getBoundingClientRect().top")):
        before = now
        page.wait_for_timeout(200)
    return round(now)


def test_the_queue_is_worked_through_by_keyboard(
    server: str, page: Page, operator: User, axe: Axe
) -> None:
    first, second, third = several(3)
    MessageTask.objects.create(request=first, channel="sms", message=uuid.uuid4())
    log_in(page.context, server, operator)
    page.goto(server + QUEUE)
    axe(page, "main")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == second.reference
    page.keyboard.press("k")
    assert focused(page) == first.reference
    page.keyboard.press("x")
    expect(page.locator("input[name=demande]:checked")).to_have_count(1)
    page.keyboard.press("t")
    expect(page.locator("[data-said]")).to_have_text(
        f"Vous avez pris la demande {first.reference}."
    )
    assert focused(page) == first.reference
    page.keyboard.press("/")
    page.keyboard.type("jtn?")
    expect(page.get_by_label("Structure")).to_have_value("jtn?")
    page.locator(".activation-chip").first.focus()
    page.keyboard.press("n")
    page.wait_for_url(f"**{QUEUE}{second.uuid}/")
    axe(page, ".gestion-page")
    page.keyboard.press("j")
    page.wait_for_url(f"**{QUEUE}{third.uuid}/")
    page.keyboard.press("k")
    page.wait_for_url(f"**{QUEUE}{second.uuid}/")
    page.keyboard.press("r")
    expect(page.get_by_text("La demande est de nouveau libre")).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_url(f"**{QUEUE}")
    states = ActivationRequest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["in_progress", "submitted", "submitted"]


def test_shortcuts_are_explained_and_switched_off(
    server: str, page: Page, operator: User, axe: Axe
) -> None:
    several(1)
    log_in(page.context, server, operator)
    page.goto(server + QUEUE)
    page.locator(".activation-chip").first.focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    expect(dialog).to_be_visible()
    axe(page, "#raccourcis")
    dialog.get_by_label("Utiliser ces raccourcis sur cet appareil").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".activation-open").first).not_to_be_focused()
    page.reload()
    page.keyboard.press("n")
    assert ActivationRequest.objects.get().state == State.SUBMITTED
    page.get_by_role("button", name="Raccourcis clavier").click()
    expect(dialog.get_by_label("Utiliser ces raccourcis sur cet appareil")).not_to_be_checked()
    dialog.get_by_label("Utiliser ces raccourcis sur cet appareil").check()
    dialog.get_by_role("button", name="Fermer").click()
    page.keyboard.press("j")
    expect(page.locator(".activation-open").first).to_be_focused()


def test_the_list_lives_and_one_keeps_ones_place(
    server: str, page: Page, operator: User, axe: Axe
) -> None:
    made = several(20)
    page.set_viewport_size({"width": 1440, "height": 500})
    page.clock.install()
    log_in(page.context, server, operator)
    page.goto(server + QUEUE)
    link = page.get_by_role("link", name=made[12].reference)
    link.focus()
    page.get_by_label(f"Cocher la demande {made[14].reference}").check()
    link.focus()
    before = height(page)
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(days=2), tick=False):
        factories.request()
    page.clock.run_for(EVERY)
    expect(page.locator("[data-said]")).to_have_text("1 nouvelle demande.")
    expect(page).to_have_title("1 en retard – Activations SIM")
    expect(page.locator("[data-row]")).to_have_count(21)
    expect(link).to_be_focused()
    assert height(page) == before
    expect(page.get_by_label(f"Cocher la demande {made[14].reference}")).to_be_checked()
    axe(page, "main")

    ActivationRequest.objects.filter(pk=made[12].pk).update(
        state="cancelled", closed_at=dt.datetime.now(dt.UTC)
    )
    page.clock.run_for(EVERY)
    expect(page.locator("[data-row]")).to_have_count(20)
    assert focused(page) == made[13].reference


def test_the_list_stands_still_when_one_asks_or_types(
    server: str, page: Page, operator: User
) -> None:
    several(1)
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "en-direct" in one.url else None)
    log_in(page.context, server, operator)
    page.goto(server + QUEUE)
    page.get_by_label("Structure").focus()
    page.clock.run_for(2 * EVERY)
    page.locator(".activation-chip").first.focus()
    page.keyboard.press("?")
    page.clock.run_for(2 * EVERY)
    page.keyboard.press("Escape")
    stop = page.get_by_role("button", name="Arrêter la mise à jour automatique")
    stop.click()
    expect(stop).to_have_attribute("aria-pressed", "true")
    page.clock.run_for(2 * EVERY)
    assert asked == []
    page.locator("#file").evaluate("list => list.classList.add('before')")
    stop.click()
    # Between an answer and its list in the page, a list hears nothing: a person waits 15 s more.
    expect(page.locator("#file.before")).to_have_count(0)
    with page.expect_response(re.compile("en-direct")):
        page.clock.run_for(EVERY)


def test_a_session_that_is_over_is_said(server: str, page: Page, operator: User) -> None:
    several(1)
    page.clock.install()
    log_in(page.context, server, operator)
    page.goto(server + QUEUE)
    Session.objects.all().delete()
    cache.clear()
    page.clock.run_for(EVERY)
    expect(page.locator("[data-said]")).to_contain_text("Votre session est terminée.")
    expect(page.locator("[data-row]")).to_have_count(1)


def test_data_are_copied_and_reasons_fill_the_text(
    server: str, page: Page, operator: User, axe: Axe
) -> None:
    request = factories.request(
        State.IN_PROGRESS, taken_by=operator, iccid_insisted=True, rio="02P7PG9G9U+1"
    )
    reason = Reason.objects.filter(kind="to_correct").earliest("pk")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page.context, server, operator)
    page.goto(f"{server}{QUEUE}{request.uuid}/")
    page.get_by_role("button", name="Copier : Code RIO").click()
    expect(page.locator("[data-said]")).to_have_text("Copié\u00a0: Code RIO.")
    assert page.evaluate("navigator.clipboard.readText()") == "02P7PG9G9U+1"
    page.locator("summary", has_text="À corriger").click()
    text = page.locator("#corriger_reason")
    page.locator("#corriger_choice").select_option(label=reason.label)
    expect(text).to_have_value(reason.text)
    page.locator("#corriger_choice").select_option(label="Autre")
    expect(text).to_have_value("")
    text.fill("Écrit à la main")
    page.locator("#corriger_choice").select_option(label=reason.label)
    expect(text).to_have_value("Écrit à la main")
    axe(page, "main")
    page.locator("summary", has_text="Lever ce contrôle").first.click()
    page.locator("#levercheck_digit_reason").fill("Relu au téléphone")
    page.get_by_role("button", name="Lever ce contrôle").first.click()
    expect(page.get_by_text("Relu au téléphone")).to_be_visible()
    axe(page, ".gestion-page")


def test_the_queue_works_on_a_phone_without_javascript(
    server: str, browser: Browser, operator: User
) -> None:
    first, second, third = several(3)
    context = new_context(browser, width=320, height=640, java_script_enabled=False)
    log_in(context, server, operator)
    page = context.new_page()
    page.goto(server + QUEUE)
    page.get_by_label("Structure").fill("lille")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_role("button", name=f"Prendre la demande {first.reference}").click()
    expect(page.get_by_text(f"Vous avez pris la demande {first.reference}.")).to_be_visible()
    page.get_by_label(f"Cocher la demande {second.reference}").check()
    page.get_by_role("button", name="Prendre les demandes cochées").click()
    page.get_by_role("button", name="Prendre la suivante").click()
    page.wait_for_url(f"**{QUEUE}{third.uuid}/?structure=lille")
    assert page.get_by_role("button", name="Copier").count() == 0
    page.get_by_role("link", name="Revenir à la file").click()
    page.wait_for_url(f"**{QUEUE}?structure=lille")
    assert ActivationRequest.objects.filter(taken_by=operator).count() == 3
    context.close()


def test_the_queue_fits_a_phone(server: str, phone_page: Page, operator: User, axe: Axe) -> None:
    request = factories.request(iccid_insisted=True, rio="02P7PG9G9U+1")
    log_in(phone_page.context, server, operator)
    phone_page.goto(server + QUEUE)
    assert overflow(phone_page) == 0
    axe(phone_page, "main")
    phone_page.get_by_role("link", name=request.reference).click()
    phone_page.get_by_role("button", name="Prendre", exact=True).click()
    expect(phone_page.get_by_text("Zébulonne")).to_be_visible()
    assert overflow(phone_page) == 0
