"""The texts and the figures in a real browser: wide, narrow, by keyboard, without JavaScript."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Browser, Page, expect

from activation import moves
from activation.models import ActivationSettings, ExchangeFormat, Reason, SmsText
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.activation import factories
from tests.activation.test_activation_browser import log_in
from tests.support.browser import Axe, new_context, overflow

WORDS = "/gestion/activations-textes/"
FIGURES = "/gestion/activations-chiffres/"


@pytest.fixture
def referent(server: str) -> User:
    return factories.user(Role.REFERENT, first_name="Inès", last_name="Roy")


def months() -> None:
    """Send and activate requests over twelve weeks."""
    operator, now = factories.operator(), timezone.now()
    for name in ("CCAS de Lille", "Maison du Lien", "Centre social intercommunal du Val-de-Marne"):
        within = factories.structure(name=name)
        for week in range(11):
            sent = now - dt.timedelta(weeks=week, days=3)
            with time_machine.travel(sent, tick=False):
                made = factories.request(within=within)
            with time_machine.travel(sent + dt.timedelta(hours=3 + 7 * (week % 5)), tick=False):
                moves.move(made, State.IN_PROGRESS, by=operator)
                line = {"line_number": "+33755667788"}
                moves.move(made, State.ACTIVATED, by=operator, changes=line)


def settings_path(model: type[ActivationSettings | ExchangeFormat]) -> str:
    return f"/gestion/settings/activation/{model._meta.model_name}/{model.load().pk}/"


@pytest.mark.parametrize("width", [1440, 320])
def test_the_screens_fit_and_axe_is_silent(
    browser: Browser, server: str, referent: User, axe: Axe, width: int
) -> None:
    months()
    context = new_context(browser, width=width, height=900)
    log_in(context, server, referent)
    page = context.new_page()
    reason = Reason.objects.earliest("pk")
    own = ("", "sms/fr/", "emails/activated/", "motifs/ajouter/", f"motifs/{reason.pk}/")
    for path in (*(WORDS + end for end in own), FIGURES):
        page.goto(server + path)
        assert (path, overflow(page)) == (path, 0)
        axe(page, ".gestion-page")
    for model in (ActivationSettings, ExchangeFormat):
        page.goto(server + settings_path(model))
        assert (model, overflow(page)) == (model, 0)
        axe(page, "#main dl.gestion-facts")
    context.close()


def test_an_sms_is_written_by_keyboard_with_a_live_count(
    server: str, page: Page, referent: User, axe: Axe
) -> None:
    log_in(page.context, server, referent)
    page.goto(f"{server}{WORDS}sms/fr/")
    box, count = page.get_by_label("Texte"), page.locator("[data-count]")
    expect(count).to_have_text("130 caractères sur 160.")
    box.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" À l’été")
    expect(count).to_have_text("138 caractères sur 160, hors de l’alphabet des SMS : À ’.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("« ’ » n’est pas dans l’alphabet des SMS")).to_be_visible()
    axe(page, ".gestion-page")
    page.get_by_role("button", name="Remplacer ces caractères").press("Enter")
    expect(page.locator(".words-bubble")).to_contain_text("A l'été")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    page.wait_for_url(f"{server}{WORDS}")
    assert SmsText.objects.get(language="fr").body.endswith(" A l'été")


def test_everything_works_without_javascript(browser: Browser, server: str, referent: User) -> None:
    context = new_context(browser, width=1440, height=900, java_script_enabled=False)
    log_in(context, server, referent)
    page = context.new_page()
    page.goto(f"{server}{WORDS}emails/refused/")
    page.get_by_label("Objet").fill("{reference} est refusée")
    page.get_by_role("button", name="Aperçu").click()
    expect(page.get_by_text("3F2A-91BC est refusée").first).to_be_visible()
    expect(
        page.frame_locator(".words-email").get_by_role("link", name="Voir la demande")
    ).to_be_visible()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("button", name="Descendre « Carte illisible »").click()
    page.wait_for_url(f"{server}{WORDS}#motifs-to_correct")
    first = Reason.objects.filter(kind="to_correct").first()
    assert first is not None
    assert first.label == "Nom différent de la pièce"
    page.goto(server + FIGURES)
    page.get_by_label("Du", exact=True).fill("2026-01-05")
    page.get_by_label("Au", exact=True).fill("2026-01-06")
    page.get_by_role("button", name="Afficher", exact=True).click()
    expect(page.get_by_text("Aucune demande de cette sorte")).to_be_visible()
    context.close()


def test_the_delays_are_shown_as_typed(server: str, page: Page, referent: User) -> None:
    log_in(page.context, server, referent)
    page.goto(server + settings_path(ActivationSettings))
    page.get_by_label("Conservation des données").fill("1")
    page.get_by_role("button", name="Afficher/masquer la prévisualisation").click()
    frame = page.frame_locator("iframe[title=Prévisualisation], iframe").first
    expect(frame.get_by_role("heading", name="Avec ces délais")).to_be_visible()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    expect(frame.get_by_text(f"le {date_format(tomorrow, 'l j F Y')}", exact=True)).to_be_visible()
    assert ActivationSettings.load().retention_days == 90
