"""A month's invoices, from the drafts to a credit note, by a référent in a browser."""

import re

from playwright.sync_api import Browser, Page, expect

from shop.billing.models import CreditNote, Invoice
from shop.handovers.months import written
from tests.billing import world
from tests.journeys.test_sim_cards import arrive
from tests.support.browser import Axe, overflow

MAIN = ".billing"


def test_a_month_is_prepared_mended_issued_and_corrected(
    browser: Browser, server: str, axe: Axe
) -> None:
    world.seller()
    world.stock(illimite_france=10)
    world.ordered(world.customer(name="CCAS de Lille"), illimite_france=3)
    world.ordered(world.customer(name="Mission locale", siret=""), illimite_france=1)
    page = arrive(browser, server, world.manager())
    try:
        _prepare(page, server, axe)
        _mend(page, axe)
        _issue(page, axe)
        _correct(page, axe)
    finally:
        page.context.close()


def _prepare(page: Page, server: str, axe: Axe) -> None:
    page.goto(f"{server}/gestion/facturation/")
    axe(page, MAIN)
    page.get_by_label("Mois à préparer").fill(written(world.last_month()))
    page.get_by_role("button", name="Préparer un mois").click()
    # The page asks by itself, and shows the month once it is ready.
    expect(page.get_by_text("1 structure à compléter avant d’émettre")).to_be_visible()


def _mend(page: Page, axe: Axe) -> None:
    axe(page, MAIN)
    missing = page.get_by_role("region", name="1 structure à compléter avant d’émettre")
    expect(missing).to_contain_text("il manque SIRET")
    back = page.url
    missing.get_by_role("link", name="Mission locale").click()
    page.get_by_label("SIRET").fill(world.siret())
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("La fiche est enregistrée.")).to_be_visible()
    page.goto(back)
    expect(page.get_by_text("à compléter avant d’émettre")).to_have_count(0)


def _issue(page: Page, axe: Axe) -> None:
    page.get_by_role("link", name="Émettre les factures").click()
    expect(page.get_by_text("2 factures pour 24,00\u00a0€")).to_be_visible()
    axe(page, MAIN)
    page.get_by_role("button", name="Émettre 2 documents").click()
    expect(page.get_by_text("2 documents en cours d’émission.")).to_be_visible()
    expect(page.get_by_role("heading", name="Émission en cours…")).to_have_count(0)
    expect(page.get_by_role("link", name="Émettre les factures")).to_have_count(0)
    assert sorted(Invoice.objects.issued().values_list("rank", flat=True)) == [1, 2]


def _correct(page: Page, axe: Axe) -> None:
    page.get_by_role("link", name="CCAS de Lille").click()
    expect(page.get_by_role("heading", name=re.compile("Facture 20"))).to_be_visible()
    axe(page, MAIN)
    page.get_by_role("link", name="Faire un avoir").click()
    axe(page, MAIN)
    units = page.get_by_label(re.compile("Articles à rendre"))
    units.fill("4")
    page.get_by_label("Motif").fill("Une recharge de trop")
    page.get_by_role("button", name="Préparer l’avoir").click()
    expect(page.get_by_text("Il reste 3 articles à rendre.")).to_be_visible()
    axe(page, MAIN)
    units.fill("1")
    page.get_by_role("button", name="Préparer l’avoir").click()
    expect(page.get_by_text("L’avoir est prêt.")).to_be_visible()
    axe(page, MAIN)
    page.get_by_role("link", name="Émettre", exact=True).click()
    page.get_by_role("button", name="Émettre cet avoir").click()
    expect(page.get_by_text(re.compile(r"Avoir 20\d\d-000003 émis\."))).to_be_visible()
    assert CreditNote.objects.get().number
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) == 0
