"""The figures and the accounting export in a real browser: wide, narrow, without JavaScript."""

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.models import User
from shop.billing import issuing
from shop.handovers.months import previous, this_month
from tests import factories
from tests.activation.test_activation_browser import log_in
from tests.billing import world
from tests.support.browser import Axe, new_context, overflow

FIGURES = "/gestion/facturation/chiffres/"
ACCOUNTING = "/gestion/facturation/comptabilite/"


def year() -> None:
    """Order in each of six months, one structure more than the others; issue last month."""
    world.seller()
    world.stock(monde=60, illimite_france=20)
    names = ("CCAS de Lille", "Centre social intercommunal du Val-de-Marne", "Maison du Lien")
    for rank, name in enumerate(names, start=1):
        member, month = world.customer(name=name), this_month()
        factories.quota(member.structure, "monde", 4)
        for turn in range(6 if rank == 1 else 2):
            at = world.noon(month, 1)
            world.ordered(member, at=at, monde=2 + (turn + rank) % 4, illimite_france=1)
            month = previous(month)
    issuing.issue_run(world.opened(), by=world.manager())
    world.drain()


@pytest.fixture
def referent(server: str) -> User:
    year()
    return world.manager()


@pytest.mark.parametrize("width", [1440, 320])
def test_the_screens_fit_and_axe_is_silent(
    browser: Browser, server: str, referent: User, axe: Axe, width: int
) -> None:
    context = new_context(browser, width=width, height=900)
    log_in(context, server, referent)
    page = context.new_page()
    asked = f"{ACCOUNTING}?du={this_month()}&au={this_month().replace(day=28)}"
    for path in (FIGURES, f"{FIGURES}?periode=x", asked, ACCOUNTING, f"{ACCOUNTING}?mois=x"):
        page.goto(server + path)
        assert (path, overflow(page)) == (path, 0)
        axe(page, ".billing")
    context.close()


def test_a_month_and_its_file_are_reached_without_javascript(
    browser: Browser, server: str, referent: User
) -> None:
    context = new_context(browser, width=1440, height=900, java_script_enabled=False)
    log_in(context, server, referent)
    page = context.new_page()
    page.goto(server + FIGURES)
    page.get_by_label("Période").select_option(index=2)
    page.get_by_role("button", name="Afficher", exact=True).click()
    expect(page.get_by_role("table")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter en XLSX").click()
    month = f"{world.last_month():%Y-%m}"
    assert download.value.suggested_filename == f"chiffres-{month}-{month}.xlsx"
    page.get_by_role("link", name="Export comptable").click()
    expect(page.get_by_role("heading", name="Comptabilité")).to_be_visible()
    context.close()
