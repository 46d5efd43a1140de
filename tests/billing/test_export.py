"""The accounting export: the invoices' lines, to the cent, and the same bytes every time."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from portal.structures.models import Membership
from shop.billing import export, issuing
from shop.billing.export import Days
from shop.billing.models import Invoice
from tests.billing import desk, world
from tests.billing.test_figures import NOW, customers, euros, now

__all__ = ["customers", "now"]  # fixtures
pytestmark = pytest.mark.django_db
PAGE = reverse("billing_accounting:index")
EXPORT = reverse("billing_accounting:export")
NOVEMBER = {"du": "2026-11-01", "au": "2026-11-30"}
VAT = "TVA non applicable, art. 293 B du CGI"


@pytest.fixture
def client() -> Iterator[Client]:
    """A référent's browser, in the middle of November."""
    with time_machine.travel(NOW, tick=False):
        yield desk.browser()


def lines(client: Client, **asked: str) -> list[list[str]]:
    """Return the lines of the CSV under its header."""
    answer: Any = client.get(EXPORT, {**asked, "format": "csv"})
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def test_each_line_is_of_an_invoice_and_a_product(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    lille, lyon = (one.structure for one in customers)
    who = {lille.pk: ["CCAS de Lille", lille.siret], lyon.pk: ["'=Lyon", lyon.siret]}
    found = Invoice.objects.issued().filter(issued_on=NOW.date()).order_by("rank")
    one, two, note = found
    title = dict(one.lines.values_list("upc", "title")) | dict(
        two.lines.values_list("upc", "title")
    )
    products = {
        lille.pk: [
            ["illimite-france", title["illimite-france"], "2", "6,00", "12,00"],
            ["monde", title["monde"], "1", "5,00", "5,00"],
        ],
        lyon.pk: [["monde", title["monde"], "1", "5,00", "5,00"]],
    }
    expected = [
        [
            *("VE", "18/11/2026", str(bill.number), "Facture", *who[bill.structure_id]),
            *(*product, VAT, f"{bill.due_on:%d/%m/%Y}", ""),
        ]
        for bill in (one, two)
        for product in products[bill.structure_id]
    ]
    back = ["illimite-france", title["illimite-france"], "-1", "6,00", "-6,00"]
    corrected = Invoice.objects.get(credit_notes=note)
    expected.append(
        [
            *("VE", "18/11/2026", str(note.number), "Avoir", *who[lille.pk]),
            *(*back, VAT, "18/11/2026", str(corrected.number)),
        ]
    )
    assert lines(client, **NOVEMBER) == expected


def test_orders_of_one_product_make_one_line_a_price(client: Client, now: None) -> None:
    world.seller()
    world.stock(monde=9)
    member = world.customer()
    for units in (1, 2):
        world.ordered(member, monde=units)
    world.ordered(member, monde=1)
    last = member.structure.orders.latest("pk").order.lines.get()
    last.unit_price_incl_tax = last.line_price_incl_tax = euros("4.50")
    last.line_price_before_discounts_incl_tax = euros("4.50")
    last.save()
    issuing.issue_run(world.opened(), by=world.manager())
    world.drain()
    found = [row[8:11] for row in lines(client, **NOVEMBER)]
    assert found == [["1", "4,50", "4,50"], ["3", "5,00", "15,00"]]


def test_free_units_have_no_line(client: Client, customers: tuple[Membership, Membership]) -> None:
    (row,) = lines(client, mois="2026-10")
    assert (row[3], row[8:11]) == ("Facture", ["1", "5,00", "5,00"])


def test_the_lines_add_up_to_the_invoices(customers: tuple[Membership, Membership]) -> None:
    days = Days(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    total = sum((row[10] for row in export.rows(days)), Decimal(0))  # type: ignore[misc]
    issued = Invoice.objects.issued()
    assert total == sum(one.balance for one in issued) == euros("21.00")
    found = export.totals(days)
    assert (found.invoices, found.credit_notes) == (3, 1)
    assert (found.invoiced, found.credited, found.net) == (
        *(euros("27.00"), euros("6.00")),
        total,
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_same_days_give_the_same_bytes(
    client: Client, customers: tuple[Membership, Membership], form: str
) -> None:
    files = []
    for later in (dt.timedelta(), dt.timedelta(days=400)):
        with time_machine.travel(NOW + later, tick=False):
            answer: Any = desk.browser().get(EXPORT, {**NOVEMBER, "format": form})
            files.append((answer["Content-Disposition"], answer.getvalue()))
        customers[0].structure.name = "Un autre nom"
        customers[0].structure.save()
    assert files[0] == files[1]
    assert files[0][0] == f'attachment; filename="comptabilite-2026-11-01-2026-11-30.{form}"'
    assert len(files[0][1]) > 500


def test_the_workbook_holds_the_same_as_the_csv(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    answer: Any = client.get(EXPORT, {**NOVEMBER, "format": "xlsx"})
    assert answer["Cache-Control"].split(", ")[0] == "no-store"
    book = load_workbook(io.BytesIO(answer.content))
    sheet: Any = book.active
    assert [cell.value for cell in sheet[1]] == list(export.HEADER)
    days = Days(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    told = [[None if cell == "" else cell for cell in row] for row in export.rows(days)]
    for row, same in zip(rows, told, strict=True):
        same[4] = "'=Lyon" if same[4] == "=Lyon" else same[4]
        row[1], row[12] = row[1].date(), row[12].date()
        row[9:11] = [Decimal(str(value)) for value in row[9:11]]
        assert row == same


def test_the_page_tells_what_the_file_comes_to(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    words = desk.text(client.get(PAGE, {"mois": "2026-11"}))
    assert "Émis du 1er novembre 2026 au 30 novembre 2026" in words
    assert "Total de l’export 16,00 €" in words
    assert "Ces dates ne sont pas encore toutes passées" in words
    link = f"{EXPORT}?du=2026-11-01&amp;au=2026-11-30&amp;format=csv"
    assert link in client.get(PAGE, {"mois": "2026-11"}).content.decode()


def test_the_month_that_is_over_is_proposed(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    words = desk.text(client.get(PAGE))
    assert "Émis du 1er octobre 2026 au 31 octobre 2026" in words
    assert "pour ces dates, le fichier sera toujours le même" in words


def test_an_empty_period_is_told(client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Rien n’a été émis entre ces dates." in desk.text(answer)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"du": "2026-11-09", "au": "2026-10-01"}, "La période finit avant de commencer"),
        ({"du": "2026-11-09"}, "Indiquez les deux dates de la période."),
        ({"du": "9 novembre", "au": "2026-11-10"}, "Indiquez une date, par exemple 31/12/2026."),
        ({"mois": "2020-01"}, "Ce mois n’est pas dans la liste."),
        ({"mois": "2026-10", "du": "2026-11-09"}, "Choisissez un mois, ou deux dates"),
    ],
)
def test_what_cannot_be_asked_is_told(client: Client, asked: dict[str, str], sentence: str) -> None:
    for page in (PAGE, EXPORT):
        answer = client.get(page, asked)
        assert (answer.status_code, sentence in desk.text(answer)) == (400, True)


def test_nobody_who_ordered_is_named(
    client: Client, customers: tuple[Membership, Membership]
) -> None:
    answer: Any = client.get(EXPORT, {**NOVEMBER, "format": "csv"})
    text = answer.getvalue().decode()
    for member in customers:
        assert member.user.last_name not in text
        assert member.user.email not in text
