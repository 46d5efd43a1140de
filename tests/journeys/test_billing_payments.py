"""A référent reads a statement of the bank, confirms what is sure, and mends the rest by hand."""

from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from shop.billing.models import Invoice, Payment
from tests import factories
from tests.billing import world
from tests.billing.test_statements import invoices
from tests.journeys.test_sim_cards import arrive
from tests.support.browser import Axe, overflow

MAIN = ".billing"


def test_a_statement_is_read_confirmed_and_completed_by_hand(
    browser: Browser, server: str, axe: Axe, tmp_path: Path
) -> None:
    sure, part, other = invoices(1, 2, 3)
    page = arrive(browser, server, world.manager())
    try:
        _read(page, server, axe, statement(tmp_path, factories.today(), sure, part))
        _confirm(page, axe)
        _choose(page, axe, other)
        _by_hand(page, axe, part)
    finally:
        page.context.close()
    paid = Payment.objects.order_by("pk").values_list("invoice", "amount")
    assert [(key, f"{amount:.2f}") for key, amount in paid] == [
        (sure.pk, "6.00"),
        (other.pk, "9.00"),
        (part.pk, "5.00"),
    ]


def statement(folder: Path, day: date, sure: Invoice, part: Invoice) -> Path:
    """Write a file of the bank: one line that is sure, one partial, one without a number."""
    rows = (
        "Date;Libellé;Montant",
        f"{day:%d/%m/%Y};VIR CCAS FACT {sure.number};6,00",
        f"{day:%d/%m/%Y};VIR ACOMPTE {part.number};5,00",
        f"{day:%d/%m/%Y};VIR SANS REFERENCE;9,00",
    )
    path = folder / "releve.csv"
    path.write_text("\n".join(rows), encoding="cp1252")
    return path


def _read(page: Page, server: str, axe: Axe, file: Path) -> None:
    page.goto(f"{server}/gestion/facturation/paiements/")
    _looks_right(page, axe)
    page.get_by_role("link", name="Importer un relevé bancaire").click()
    wrong = file.with_name("faux.csv")
    wrong.write_text("Date;Libellé;Montant\n31/02/2026;VIR;5,00", encoding="utf-8")
    page.get_by_label("Relevé de la banque (CSV)").set_input_files(wrong)
    page.get_by_role("button", name="Lire ce relevé").click()
    expect(page.get_by_text("n’est pas une date. Écrivez-la jj/mm/aaaa")).to_be_visible()
    _looks_right(page, axe)
    page.get_by_label("Relevé de la banque (CSV)").set_input_files(file)
    page.get_by_role("button", name="Lire ce relevé").click()


def _confirm(page: Page, axe: Axe) -> None:
    expect(page.get_by_role("region", name="À vérifier : 1")).to_contain_text("Paiement partiel")
    _looks_right(page, axe)
    page.get_by_role("button", name="Confirmer les lignes cochées").click()
    expect(page.get_by_text("1 ligne du relevé confirmée.")).to_be_visible()


def _choose(page: Page, axe: Axe, other: Invoice) -> None:
    page.get_by_role("link", name="Choisir une facture (ligne 4)").click()
    page.get_by_label("Structure ou numéro").fill(str(other.number))
    page.get_by_role("button", name="Chercher").click()
    _looks_right(page, axe)
    page.get_by_role("button", name=f"Affecter à la facture {other.number}").click()
    expect(page.get_by_text("Ligne 4 : le paiement est noté.")).to_be_visible()


def _by_hand(page: Page, axe: Axe, part: Invoice) -> None:
    page.goto(f"{page.url.partition('/gestion/')[0]}/gestion/facturation/factures/{part.uuid}/")
    _looks_right(page, axe)
    page.get_by_label("Montant reçu, en euros").fill("5,00")
    page.get_by_role("button", name="Noter ce paiement").dblclick()
    expect(page.get_by_text("Payée en partie : reste 7,00 €")).to_be_visible()
    page.get_by_role("link", name="Annuler ce paiement de 5,00 €").click()
    _looks_right(page, axe)


def _looks_right(page: Page, axe: Axe) -> None:
    """Check a page at both widths."""
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        axe(page, MAIN)
        assert overflow(page) == 0
