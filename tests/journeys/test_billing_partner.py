"""A structure's référent and its invoices: the late one, its PDF, its detail, the month so far."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from portal.ui.text import format_euros
from shop.billing.document.issued import keep
from shop.billing.models import Invoice
from tests import factories
from tests.billing import papers, world
from tests.billing.papers import HOME
from tests.shop import books
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer
from tests.tickets.conftest import drawing

__all__ = ("drawing",)


@pytest.fixture
def late(start_server: StartServer) -> Invoice:
    """An invoice of 22,00 € that is late, a paid one, one in part with a credit note; a month."""
    world.seller()
    world.stock(monde=20, illimite_france=9)
    lead = world.customer(name="CCAS de Lille")
    lead.user.email = "lea@ccas.example"
    lead.user.set_password(factories.PASSWORD)
    lead.user.save()
    colleague = factories.MembershipFactory(structure=lead.structure)
    factories.quota(lead.structure, "monde", 2)
    world.ordered(colleague, world.noon(papers.month(3)), illimite_france=2)
    made = papers.invoice(lead, 3, monde=4)
    keep(made)
    papers.pay(papers.invoice(lead, 2, monde=1), "5.00")
    part = papers.invoice(lead, 1, monde=3)
    papers.pay(part, "1.50")
    papers.credit(part)
    books.order(lead, monde=1)
    books.order(colleague, illimite_france=1)
    return made


@pytest.mark.usefixtures("drawing")
def test_the_lead_finds_the_late_invoice_and_what_it_is_made_of(
    browser: Browser, late: Invoice, start_server: StartServer, axe: Axe, tmp_path: Path
) -> None:
    with (
        start_server(workers=1) as url,
        new_context(browser, width=320, height=640) as context,
    ):
        page = context.new_page()
        _log_in(page, url)
        _read(page, late, axe)
        _download(page, late, tmp_path)
        _look_ahead(page, axe)
        page.goto(f"{url}/mon-compte/")
        assert overflow(page) == 0
        page.set_viewport_size({"width": 1440, "height": 900})
        axe(page)
        _without_script(browser, context, url, late)


def _log_in(page: Page, url: str) -> None:
    page.goto(f"{url}{HOME}")
    page.get_by_label("Adresse e-mail").fill("lea@ccas.example")
    page.get_by_label("Mot de passe").fill(factories.PASSWORD)
    page.get_by_role("button", name="Me connecter", exact=True).click()
    expect(page.get_by_role("heading", name="Factures", level=1)).to_be_visible()


def _read(page: Page, late: Invoice, axe: Axe) -> None:
    axe(page)
    assert overflow(page) == 0
    row = page.get_by_role("row", name=str(late.number))
    expect(row).to_contain_text("En retard")
    row.get_by_role("link", name=str(late)).click()
    expect(page.get_by_role("heading", name=str(late))).to_be_visible()
    expect(page.get_by_text("FR76")).to_be_visible()
    page.get_by_text("Voir chaque ligne de commande").press("Enter")
    expect(page.get_by_role("row", name="Illimité France").last).to_be_visible()
    axe(page)
    assert overflow(page) == 0


def _download(page: Page, late: Invoice, folder: Path) -> None:
    with page.expect_download() as started:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert started.value.suggested_filename == f"facture_{late.number}.pdf"
    started.value.save_as(folder / "facture.pdf")
    said = "".join(one.extract_text() for one in PdfReader(folder / "facture.pdf").pages)
    assert (str(late.number) in said, "22,00" in said) == (True, True)

    with page.expect_download() as started:
        page.get_by_role("link", name="Détail en CSV").click()
    started.value.save_as(folder / "detail.csv")
    written = (folder / "detail.csv").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(written), delimiter=";")
    at = head.index("Total (€)")
    assert sum(float(row[at].replace(",", ".")) for row in rows) == 22.0


def _look_ahead(page: Page, axe: Axe) -> None:
    page.get_by_role("link", name="Factures", exact=True).first.click()
    page.get_by_role("link", name="Voir le mois en cours").click()
    expect(page.get_by_text("Ce montant peut encore changer")).to_be_visible()
    expect(page.locator(".stat__value").first).to_have_text(format_euros("11.00"))
    axe(page)
    assert overflow(page) == 0


def _without_script(browser: Browser, logged: BrowserContext, url: str, late: Invoice) -> None:
    state = logged.storage_state()
    with new_context(
        browser, width=320, height=640, java_script_enabled=False, storage_state=state
    ) as context:
        page = context.new_page()
        page.goto(f"{url}{HOME}")
        page.get_by_role("link", name=str(late)).click()
        page.get_by_text("Voir chaque ligne de commande").click()
        expect(page.get_by_role("row", name="Illimité France").last).to_be_visible()
        expect(page.get_by_role("button", name="Imprimer")).to_have_count(0)
        with page.expect_download() as started:
            page.get_by_role("link", name="Télécharger le PDF").click()
        assert started.value.suggested_filename == f"facture_{late.number}.pdf"
        assert overflow(page) == 0
