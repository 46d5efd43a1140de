"""Handing a spreadsheet out: CSV and XLSX, streamed, and harmless to open.

A cell that begins with ``=``, ``+``, ``-``, ``@`` (or a tab or a return before one) is a formula to
a spreadsheet, whoever typed it (OWASP, CSV injection): it gets an apostrophe in front, which
spreadsheets hide. Numbers and dates are written as such, never as text.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from xlsxwriter import Workbook

Cell = str | int | Decimal | dt.date | dt.datetime | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV = "csv"
XLSX = "xlsx"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def neutral(text: str) -> str:
    """Return ``text`` as no spreadsheet takes it for a formula; NULs and controls go."""
    clean = "".join(
        char for char in text if (char >= " " or char in "\t\n\r") and char not in "\ufffe\uffff"
    )
    return f"'{clean}" if clean.lstrip(" ").startswith(_FORMULA) else clean


def respond(
    form: str, *, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> HttpResponse | StreamingHttpResponse:
    """Return a download, ``no-store``.

    Args:
        form: ``csv`` (UTF-8 with BOM and semicolons, as a French spreadsheet opens it) or
            ``xlsx``; anything else is CSV.
        name: of the file, without extension and without anybody's data.
        header: the columns.
        rows: texts, whole numbers, euros as ``Decimal``, days, moments in local time.
    """
    answer: HttpResponse | StreamingHttpResponse
    if form == XLSX:
        answer = HttpResponse(_workbook(header, rows), content_type=_XLSX_TYPE)
    else:
        form = CSV
        answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


class _Echo:
    """Gives back what `csv` writes."""

    def write(self, text: str) -> str:
        return text


def _lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow([neutral(name) for name in header])
    for row in rows:
        yield writer.writerow([_csv_cell(cell) for cell in row])


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutral(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, dt.datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)


#: Rows go to the disk as they come; no text becomes a formula, a link or a number.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_LONGEST = 32_767  # characters that a cell holds
#: The one date of every workbook: the same cells give the same bytes.
_MADE = dt.datetime(1980, 1, 1)  # noqa: DTZ001 (a workbook knows no time zones)
#: Excel's own: text whatever it looks like, so that leading zeros stay; euros; days; moments.
_TEXT, _WHOLE, _EUROS, _DAY, _MOMENT = "@", "0", "#,##0.00", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"


def _workbook(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet("Export")
        styles = {
            form: book.add_format({"num_format": form})
            for form in (_TEXT, _WHOLE, _EUROS, _DAY, _MOMENT)
        }
        sheet.write_row(0, 0, [neutral(name) for name in header])
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write(sheet, styles, number, column, cell)
    return out.getvalue()


def _write(sheet: Any, styles: dict[str, Any], row: int, column: int, cell: Cell) -> None:
    """Write a cell of the workbook as what it is."""
    if isinstance(cell, str):
        sheet.write_string(row, column, neutral(cell)[:_LONGEST], styles[_TEXT])
    elif isinstance(cell, dt.datetime):  # a workbook knows no time zones
        sheet.write_datetime(row, column, cell.replace(tzinfo=None), styles[_MOMENT])
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, styles[_DAY])
    elif cell is not None:
        style = _EUROS if isinstance(cell, Decimal) else _WHOLE
        sheet.write_number(row, column, cell, styles[style])
