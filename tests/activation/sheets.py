"""Files of many activations, as spreadsheets save them."""

import csv
import datetime as dt
import io
import itertools
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from activation.models import RequestSheet
from activation.sheets.columns import COLUMNS, HEADINGS
from tests.activation import factories

_days = itertools.count(1)
UPLOAD = "/activation-sim/fichier/"


def line(**fields: Any) -> dict[str, Any]:
    """Return the cells of a line that is right, for a person that no other line is for."""
    return {
        "iccid": factories.card(),
        "civility": "Mme",
        "last_name": "Zébulonne",
        "first_name": "Clémence",
        "birth_date": f"{dt.date(1950, 1, 1) + dt.timedelta(days=next(_days)):%d/%m/%Y}",
        "birth_department": "59",
        "portability": "non",
        "contact_phone": "06 12 34 56 78",
        "language": "français",
        "identity_checked": "oui",
        **fields,
    }


def rows(*lines: dict[str, Any]) -> list[list[Any]]:
    """Return the headings and the lines below them."""
    return [
        list(HEADINGS.values()),
        *([one.get(column.field, "") for column in COLUMNS] for one in lines),
    ]


def csv_of(table: list[list[Any]], *, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """Return rows as a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(table)
    return out.getvalue().encode(encoding)


def xlsx_of(table: list[list[Any]]) -> bytes:
    """Return rows as a workbook; numbers and dates stay what they are."""
    book, out = Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def file(content: bytes, name: str = "demandes.csv") -> SimpleUploadedFile:
    """Return what a browser sends."""
    return SimpleUploadedFile(name, content)


def deposit(client: Client, content: bytes) -> RequestSheet:
    """Deposit a file that can be read."""
    response = client.post(UPLOAD, {"file": file(content)})
    assert response.status_code == 302, response.context["form"].errors
    return RequestSheet.objects.get(uuid=response["Location"].rstrip("/").rpartition("/")[2])


def path(sheet: RequestSheet, end: str = "") -> str:
    """Return the address of a sheet's preview, or of what is done with it."""
    return f"{UPLOAD}{sheet.uuid}/{end}"
