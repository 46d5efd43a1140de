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
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Cell = str | int | Decimal | dt.date | dt.datetime | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV = "csv"
XLSX = "xlsx"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def neutral(text: str) -> str:
    """Return ``text`` as no spreadsheet takes it for a formula; NULs and controls go."""
    clean = "".join(char for char in text if char >= " " or char in "\t\n\r")
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


def _workbook(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Export")
    sheet.append([neutral(name) for name in header])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx_cell(sheet: Any, cell: Cell) -> Any:
    if isinstance(cell, str):
        written = WriteOnlyCell(sheet, value=neutral(cell))
        # Text whatever it looks like: a number with leading zeros keeps them.
        written.data_type = "s"
        written.number_format = "@"
        return written
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)  # a workbook knows no time zones
    return cell
