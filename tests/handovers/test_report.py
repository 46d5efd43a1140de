"""The monthly cash report, its chart and exports; and references that are forgotten in time."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook

from portal.privacy.models import AuditEntry
from portal.structures.models import Membership
from shop.handovers import chart, reports, retention, services
from shop.handovers.models import HandOver
from shop.handovers.tasks import purge_references
from tests import factories
from tests.handovers.conftest import BOOK, Payer, browser, form, note, order, sold, trail, words

EXPORT = f"{BOOK}rapport/exporter/"


def month() -> dt.date:
    return factories.today().replace(day=1)


@pytest.fixture
def client(member: Membership) -> Client:
    return browser(member)


@pytest.fixture
def filled(member: Membership, stranger: Membership) -> Membership:
    """A month with a free hand-over, two that people paid and one that the structure paid."""
    factories.quota(member.structure, "monde", 1)
    codes = order(member, quantity=3)
    note(member, codes[0], "=1+1")
    sold(member, codes[1], "A1", "4.50")
    sold(member, codes[2], "B2", "5.00", paid_by=Payer.STRUCTURE)
    sold(member, *order(member, "monde-economique"), "C3", "2.00")  # type: ignore[arg-type]
    sold(stranger, *order(stranger))
    return member


def test_a_month_is_summed_up_by_payer_product_and_day(filled: Membership) -> None:
    report = reports.monthly(filled, month())

    def sums(totals: reports.Totals) -> tuple[int, int, Decimal, Decimal]:
        return totals.units, totals.free, totals.beneficiary, totals.structure

    assert sums(report.total) == (4, 1, Decimal("6.50"), Decimal("5.00"))
    assert {name: sums(totals) for name, totals in report.products.items()} == {
        "Monde": (3, 1, Decimal("4.50"), Decimal("5.00")),
        "Monde économique": (1, 0, Decimal("2.00"), Decimal("0.00")),
    }
    assert {day: sums(totals) for day, totals in report.days.items()} == {
        factories.today(): (4, 1, Decimal("6.50"), Decimal("5.00"))
    }


def test_the_screen_tells_the_sums_with_a_chart(client: Client, filled: Membership) -> None:
    page = client.get(f"{BOOK}rapport/")

    assert [text in words(page) for text in ("6,50\u00a0€", "5,00\u00a0€", "Par jour")] == [
        True
    ] * 3
    assert page.content.decode().count("<rect") == 2
    assert 'role="img"' in page.content.decode()
    assert "style=" not in page.content.decode()


def test_bars_are_stacked_to_the_height_of_the_best_day() -> None:
    report = reports.Report(dt.date(2026, 2, 1))
    for day, payer, euros in (
        (1, "beneficiary", "30"),
        (1, "structure", "10"),
        (28, "structure", "20"),
    ):
        report.days[dt.date(2026, 2, day)].add(payer, 1, Decimal(euros))

    drawn = chart.draw(report)

    assert drawn is not None
    assert (drawn.width, drawn.labels[-1], drawn.highest) == (560, 28, Decimal(40))
    assert [(bar.kind, bar.x, bar.y, bar.height) for bar in drawn.bars] == [
        ("beneficiary", 3, 25, 75),
        ("structure", 3, 0, 25),
        ("structure", 543, 50, 50),
    ]


def test_a_month_without_hand_overs_says_so(client: Client) -> None:
    assert "Aucune remise ce mois-ci" in words(client.get(f"{BOOK}rapport/"))


def test_a_month_of_free_hand_overs_says_that_nothing_was_collected(
    client: Client, member: Membership
) -> None:
    factories.quota(member.structure, "monde", 1)
    note(member, *order(member))
    page = client.get(f"{BOOK}rapport/")

    assert "rien n’a été encaissé" in words(page)
    assert "<rect" not in page.content.decode()


ROWS = [
    ("Monde", "=1+1", "Gratuite", "0.00"),
    ("Monde", "A1", "Le bénéficiaire", "4.50"),
    ("Monde", "B2", "La structure", "5.00"),
    ("Monde économique", "C3", "Le bénéficiaire", "2.00"),
]


def test_the_month_is_handed_out_as_csv_and_the_act_is_recorded(
    client: Client, filled: Membership
) -> None:
    answer: Any = client.post(EXPORT, {"mois": f"{month():%Y-%m}", "format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))

    assert lines[0] == list(reports.HEADER)
    day = f"{factories.today():%d/%m/%Y}"
    assert [line[:5] for line in lines[1:]] == [
        [day, product, f"'{ref}" if ref[0] == "=" else ref, payer, amount.replace(".", ",")]
        for product, ref, payer, amount in ROWS
    ]
    assert f'filename="remises-{month():%Y-%m}.csv"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    exported = AuditEntry.objects.get(action="handovers.exported")
    assert exported.by == filled.user
    assert exported.details == {"month": f"{month():%Y-%m}", "format": "csv", "count": 4}


def test_the_month_is_handed_out_as_xlsx(client: Client, filled: Membership) -> None:
    answer = client.post(EXPORT, {"mois": f"{month():%Y-%m}", "format": "xlsx"})
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    lines = list(sheet.iter_rows(values_only=True))

    assert lines[0] == reports.HEADER
    assert [(line[1], line[2], line[3], f"{line[4]:.2f}") for line in lines[1:]] == [
        (product, f"'{ref}" if ref[0] == "=" else ref, payer, amount)
        for product, ref, payer, amount in ROWS
    ]
    assert [line[0].date() for line in lines[1:]] == [factories.today()] * 4


def test_an_export_is_asked_for_and_not_followed(client: Client, filled: Membership) -> None:
    assert client.get(EXPORT).status_code == 405
    assert client.post(EXPORT, {"mois": "2026-13"}).status_code == 409
    assert trail("exported") == []


def age(row: HandOver, days: int) -> None:
    HandOver.objects.filter(pk=row.pk).update(handed_on=factories.today() - dt.timedelta(days=days))


def test_old_references_are_forgotten_and_the_sums_stay(
    member: Membership, stranger: Membership
) -> None:
    kept_days = settings.HANDOVER_REFERENCES_KEPT.days
    codes = order(member, quantity=3)
    old, older, recent = (sold(member, code) for code in codes)
    theirs = sold(stranger, *order(stranger))
    for row, days in ((old, 1), (older, 90), (recent, 0), (theirs, 1)):
        age(row, kept_days + days)

    purge_references()

    references = HandOver.objects.order_by("pk").values_list("reference", "reference_fingerprint")
    assert [bool(text) and bool(mark) for text, mark in references] == [False, False, True, False]
    assert set(references[:2]) == {("", "")}
    assert [row.code for row in services.find_by_reference(member, "Dossier 12")] == [recent.code]
    proofs = AuditEntry.objects.filter(action="handovers.references_purged").order_by("pk")
    before = (factories.today() - settings.HANDOVER_REFERENCES_KEPT).isoformat()
    assert [(one.by, one.target_id, one.details) for one in proofs] == [
        (None, str(member.structure_id), {"count": 2, "before": before}),
        (None, str(stranger.structure_id), {"count": 1, "before": before}),
    ]
    assert reports.monthly(member, older_month(old)).total.units >= 1


def older_month(row: HandOver) -> dt.date:
    return HandOver.objects.get(pk=row.pk).handed_on.replace(day=1)


def test_a_second_purge_finds_nothing_and_says_nothing(member: Membership) -> None:
    row = sold(member, *order(member))
    age(row, settings.HANDOVER_REFERENCES_KEPT.days + 1)

    assert [retention.purge_references(), retention.purge_references()] == [1, 0]
    assert trail("references_purged") == [
        {"count": 1, "before": (factories.today() - settings.HANDOVER_REFERENCES_KEPT).isoformat()}
    ]


def test_a_forgotten_reference_is_shown_as_such(client: Client, member: Membership) -> None:
    (code,) = order(member)
    row = sold(member, code)
    HandOver.objects.filter(pk=row.pk).update(reference="", reference_fingerprint="")

    assert "effacée" in words(client.get(BOOK))
    assert client.get(f"{BOOK}{code.uuid}/").status_code == 200
    assert client.post(f"{BOOK}{code.uuid}/", form(reference="")).status_code == 422
