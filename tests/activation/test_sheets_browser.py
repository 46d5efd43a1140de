"""Many activations by file in a real browser: keyboard, phone, no JavaScript, axe."""

import pytest
from playwright.sync_api import Browser, Page, expect

from activation.models import ActivationRequest
from portal.accounts.models import User
from tests.activation import factories
from tests.activation.sheets import UPLOAD, csv_of, line, rows, xlsx_of
from tests.activation.test_activation_browser import log_in
from tests.support.browser import Axe, new_context, overflow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def partner() -> User:
    return factories.member(factories.structure(name="CCAS de Lille"))


def choose(
    page: Page, content: bytes, *, name: str = "demandes.csv", kind: str = "text/csv"
) -> None:
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(
        {"name": name, "mimeType": kind, "buffer": content}
    )
    page.get_by_role("button", name="Vérifier le fichier").press("Enter")


def test_a_file_is_corrected_and_sent(server: str, page: Page, partner: User, axe: Axe) -> None:
    log_in(page.context, server, partner)
    page.goto(f"{server}{UPLOAD}")
    axe(page)
    page.get_by_text("Ce qu’il faut écrire dans chaque colonne").click()
    axe(page)
    choose(page, b"")
    expect(page.locator(".error-summary")).to_contain_text("Ce fichier est vide.")
    axe(page)

    right, wrong = line(), line(iccid="8933105997000020901", birth_department="20")
    choose(page, csv_of(rows(right, wrong)))
    expect(page.get_by_role("heading", name="Fichier à corriger")).to_be_visible()
    expect(page.get_by_text("Il manque 1 chiffre")).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer")).to_have_count(0)
    axe(page)

    page.get_by_role("link", name="Déposer un autre fichier").click()
    page.get_by_role("link", name="Reprendre ce fichier").click()
    page.get_by_role("link", name="Déposer un autre fichier").click()
    content = xlsx_of(rows(right, line()))
    choose(page, content, name="demandes.xlsx", kind=XLSX)
    expect(page.get_by_role("heading", name="Fichier prêt à partir")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Envoyer les 2 demandes").press("Enter")
    expect(page.get_by_text("Vos 2 demandes sont envoyées.")).to_be_visible()
    assert ActivationRequest.objects.count() == 2


def test_a_file_is_sent_on_a_small_phone_without_javascript(
    server: str, browser: Browser, partner: User
) -> None:
    context = new_context(browser, width=320, height=640, java_script_enabled=False)
    log_in(context, server, partner)
    page = context.new_page()
    page.goto(f"{server}{UPLOAD}")
    choose(page, csv_of(rows(line(), line(last_name=""))))
    expect(page.get_by_text("Indiquez le nom")).to_be_visible()
    page.get_by_role("button", name="Abandonner ce fichier").click()
    expect(page.get_by_text("Le fichier est effacé.")).to_be_visible()
    choose(page, csv_of(rows(line())))
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("Votre demande est envoyée.")).to_be_visible()
    assert ActivationRequest.objects.count() == 1
    context.close()


def test_the_pages_fit_a_small_phone(
    server: str, phone_page: Page, partner: User, axe: Axe
) -> None:
    page = phone_page
    log_in(page.context, server, partner)
    page.goto(f"{server}{UPLOAD}")
    page.get_by_text("Ce qu’il faut écrire dans chaque colonne").click()
    assert overflow(page) == 0
    axe(page)
    table = rows(line(), line(iccid="8,93E+19", identity_checked="", last_name="A3"))
    table[0].append("Une colonne au nom tellement long qu’il ne tiendrait sur aucun téléphone")
    choose(page, csv_of(table))
    expect(page.get_by_text("Le tableur a abrégé ce numéro")).to_be_visible()
    assert overflow(page) == 0
    axe(page)
