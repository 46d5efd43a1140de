"""Handing out spreadsheets that are harmless to open."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from portal.sheets.writing import neutral, respond

HEADER = ["Structure", "Prix"]
MOMENT = dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)
ROW = ["=1+1", Decimal("4.50"), 7, dt.date(2026, 11, 23), MOMENT, None, "0012"]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Élan", "0012", "a=b", "1-2", "l’été"])
def test_other_texts_stay(text: str) -> None:
    assert neutral(text) == text


def test_controls_go() -> None:
    assert neutral("a\0b\x1bc") == "abc"


def test_a_csv_opens_in_a_french_spreadsheet() -> None:
    answer: Any = respond("csv", name="essai", header=HEADER, rows=[ROW])
    assert b"".join(answer.streaming_content).decode() == (
        "\ufeffStructure;Prix\r\n'=1+1;4,50;7;23/11/2026;23/11/2026 09:05;;0012\r\n"
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="essai.csv"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_workbook_keeps_types_and_texts() -> None:
    answer: Any = respond("xlsx", name="essai", header=HEADER, rows=[ROW])
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]] == [
        "'=1+1",
        4.5,
        7,
        MOMENT.replace(hour=0, minute=0, tzinfo=None),
        MOMENT.replace(tzinfo=None),
        None,
        "0012",
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "d", "d", "n", "s"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_cells_are_the_same_workbook_whenever_it_is_made() -> None:
    made = []
    for day in (1, 400):
        with time_machine.travel(MOMENT + dt.timedelta(days=day), tick=False):
            answer: Any = respond("xlsx", name="essai", header=HEADER, rows=[ROW] * 3)
            made.append(answer.content)
    assert made[0] == made[1]
    assert len(made[0]) > 1000


def test_a_workbook_holds_what_no_xml_may_and_what_no_cell_can() -> None:
    row = ["\uffffé\ufffe", "a" * 40_000, "http://exemple.fr", "a < b & c"]
    answer: Any = respond("xlsx", name="essai", header=HEADER[:4], rows=[row])
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]] == ["é", "a" * 32_767, *row[2:]]
    assert [cell.hyperlink for cell in sheet[2]] == [None] * 4


def test_an_unknown_format_is_a_csv() -> None:
    answer = respond("exe", name="essai", header=HEADER, rows=[])
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
