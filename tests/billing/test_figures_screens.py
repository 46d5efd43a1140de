"""« Chiffres » : who reads them, what the page and the files say."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from portal.accounts.roles import Role
from portal.structures.models import Membership
from shop.billing.backoffice.figures_shown import chart
from shop.billing.figures.reading import Figures
from tests.billing import desk, world
from tests.billing.test_figures import NOW, OCTOBER, SEPTEMBER, customers, euros, now

__all__ = ["customers", "now"]  # fixtures
pytestmark = pytest.mark.django_db
PAGE = reverse("billing_figures:index")
EXPORT = reverse("billing_figures:export")
PAGES = (PAGE, EXPORT, reverse("billing_accounting:index"), reverse("billing_accounting:export"))


@pytest.fixture
def client() -> Iterator[Client]:
    """A référent's browser, in the middle of November."""
    with time_machine.travel(NOW, tick=False):
        yield desk.browser()


def html(answer: Any) -> str:
    """Return a page's source with ordinary spaces."""
    source: str = answer.content.decode()
    return source.replace("&nbsp;", " ").replace("\u00a0", " ")


def table(content: bytes) -> list[list[str]]:
    """Read a CSV of ours."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("role", [Role.REFERENT, Role.ADMINISTRATOR])
def test_referents_and_administrators_read_the_figures(role: Role) -> None:
    client = desk.browser(role)
    assert [client.get(page).status_code for page in PAGES] == [200] * 4


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MODERATOR, Role.OPERATOR])
def test_others_do_not(role: Role) -> None:
    client = desk.browser(role)
    assert [client.get(page).status_code for page in PAGES] == [302] * 4


def test_the_menu_leads_there_through_facturation(client: Client) -> None:
    menu = html(client.get(reverse("billing_runs:index")))
    assert all(page in menu for page in (PAGES[0], PAGES[2]))


def test_a_month_is_shown_with_the_year_that_ends_with_it(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    answer = client.get(PAGE, {"periode": "2026-10"})
    said = answer.context
    assert said["total"].turnover == euros("22.00")
    assert [(row.label, row.width) for row in said["structures"]] == [
        ("CCAS de Lille", 100),
        ("=Lyon", 29),
    ]
    months = {row.label.replace("\u00a0", " "): row.figures.turnover for row in said["months"]}
    assert (len(months), next(iter(months))) == (12, "Octobre 2026")
    assert months["Septembre 2026"] == euros("5.00")
    source = html(answer)
    label = "Chiffre d’affaires et valeur offerte, par mois. Le plus haut : 22,00 €."
    assert f'aria-label="{label}' in source
    assert source.count("<rect") == 3 + 4  # the bars of the months, two products, two structures
    assert "Valeur offerte : </span>0,00 €" in source


def test_the_last_twelve_months_are_shown_first(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    said = client.get(PAGE).context
    assert said["total"].turnover == euros("37.00")
    assert said["total"].given == euros("10.00")
    choices = [label.replace("\u00a0", " ") for _, label in said["form"].fields["periode"].choices]
    assert choices == [
        *("Les douze derniers mois", "Novembre 2026", "Octobre 2026", "Septembre 2026"),
    ]


@pytest.mark.parametrize("asked", ["2020-01", "octobre", "2026-13"])
def test_an_unknown_month_is_told(client: Client, asked: str) -> None:
    for page in (PAGE, EXPORT):
        answer = client.get(page, {"periode": asked})
        assert answer.status_code == 400
        assert "Ce mois n’est pas dans la liste. Choisissez-en un autre." in desk.text(answer)


def test_nothing_sold_yet_is_told(client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Aucune commande ni facture sur cette période." in desk.text(answer)


def test_the_files_hold_what_the_page_shows(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    answer: Any = client.get(EXPORT, {"periode": "2026-10", "format": "csv"})
    sheet: Any = client.get(EXPORT, {"periode": "2026-10", "format": "xlsx"})
    name = 'attachment; filename="chiffres-2026-10-2026-10'
    assert answer["Content-Disposition"] == f'{name}.csv"'
    assert sheet["Content-Disposition"] == f'{name}.xlsx"'
    assert [one["Cache-Control"].split(", ")[0] for one in (answer, sheet)] == ["no-store"] * 2
    rows = table(answer.getvalue())[1:]
    lille = ["3", "0", "17,00", "0,00", "17,00", "6,00", "11,00", "0,00"]
    lyon = ["1", "0", "5,00", "0,00", "5,00", "0,00", "5,00", "0,00"]
    assert rows[0][0] == "Ensemble"
    assert rows[0][3:] == ["4", "0", "22,00", "0,00", "22,00", "6,00", "16,00", "0,00"]
    assert [row[1].replace("\u00a0", " ") for row in rows[1:13]][-2:] == [
        "septembre 2026",
        "octobre 2026",
    ]
    assert [row[2:] for row in rows[13:15]] == [
        ["illimite-france", "2", "0", "12,00", "0,00", "12,00", "6,00", "", ""],
        ["monde", "2", "0", "10,00", "0,00", "10,00", "0,00", "", ""],
    ]
    assert rows[15:] == [
        ["Structure", "CCAS de Lille", "", *lille],
        ["Structure", "'=Lyon", "", *lyon],
    ]
    book = load_workbook(io.BytesIO(sheet.content))
    assert book.active is not None
    assert book.active.max_row == len(rows) + 1
    assert [cell.value for cell in book.active[18]][:2] == ["Structure", "'=Lyon"]


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_costs_a_constant_number_of_queries(
    client: Client, now: None, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.stock(monde=10)
    for _ in range(count):
        world.ordered(world.customer(), at=world.noon(OCTOBER), monde=1)
    client.get(PAGE, {"periode": "2026-10"})
    with django_assert_num_queries(QUERIES):
        client.get(PAGE, {"periode": "2026-10"})


#: Twice three for the figures, one for the choices, one for the names; the rest is Wagtail's frame.
QUERIES = 16


def test_structures_are_shown_by_pages(
    client: Client, now: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.billing.backoffice.figures.PER_PAGE", 2)
    world.stock(monde=10)
    for units in (1, 3, 2):
        name = f"Structure de {units}"
        world.ordered(world.customer(name=name), at=world.noon(SEPTEMBER), monde=units)
    first = client.get(PAGE, {"periode": "2026-09"})
    second = client.get(PAGE, {"periode": "2026-09", "page": "2"})
    assert [row.label for row in first.context["structures"]] == [
        "Structure de 3",
        "Structure de 2",
    ]
    assert [row.label for row in second.context["structures"]] == ["Structure de 1"]
    assert "?periode=2026-09&amp;page=1" in html(second)


def test_the_bars_are_as_high_as_the_figures() -> None:
    months = {
        dt.date(2026, 9, 1): Figures(turnover=euros("5.00"), given=euros("10.00")),
        dt.date(2026, 10, 1): Figures(turnover=euros("20.00")),
    }
    drawn = chart(months)
    assert drawn is not None
    assert [(bar.rank, bar.x, bar.y, bar.height) for bar in drawn.bars] == [
        (0, 3, 75, 25),
        (1, 10, 50, 50),
        (0, 23, 0, 100),
    ]
    assert (drawn.highest, drawn.width) == (euros("20.00"), 40)
    assert chart({SEPTEMBER: Figures()}) is None
