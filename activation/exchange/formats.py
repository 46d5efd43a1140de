"""A batch as the file that SFR reads: columns, encoding, separator and dates as set up.

A machine reads it, so data are written as they are, with no apostrophe before what a spreadsheet
could take for a formula; none can be one. Numbers are in their national form, a RIO begins with
digits, names have no sign that a formula needs (`activation.rules.names`), and the country, the
one free text, loses signs that no country begins with.
"""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable, Iterator, Sequence

from django.views.decorators.debug import sensitive_variables

from activation.exchange.workbook import workbook
from activation.models import ActivationRequest, Batch, ExchangeColumn, ExchangeFormat
from activation.rules import phone
from portal.ui.errors import DomainError

CSV, XLSX = "csv", "xlsx"
#: The media type of each form.
TYPES = {
    CSV: "text/csv",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 500
_Source = ExchangeColumn.Source
_FORMULA = "=+-@ \t\r\n"


class NotWritable(DomainError):
    """The file cannot be made."""

    default_code = "not_writable"


@sensitive_variables()
def content(batch: Batch, form: str) -> bytes:
    """Return the file of a batch, made anew from its requests and the format of today.

    Args:
        batch: of at most `batches.MOST` requests, which bounds the file to a few megabytes.
        form: ``csv`` or ``xlsx``.

    Raises:
        NotWritable: a request is anonymised, or the encoding lacks one of its characters.
    """
    if batch.transmissions.exclude(request__anonymised_at=None).exists():
        raise NotWritable(
            "Ce lot ne se télécharge plus\u00a0: les données de bénéficiaires en ont été effacées, "
            "comme prévu après la clôture des demandes."
        )
    layout = ExchangeFormat.load()
    columns = list(layout.columns.all())
    if not columns:
        raise NotWritable(
            "Aucune colonne n’est choisie\u00a0: ajoutez-en dans les réglages de l’échange avec "
            "SFR."
        )
    rows = _rows(batch, columns, layout)
    headings = [str(column.heading) for column in columns]
    if form == XLSX:
        return workbook(_with(headings, rows))
    return _csv(layout, headings, rows)


def sample(layout: ExchangeFormat) -> tuple[str, list[tuple[str, str]]]:
    """Return the CSV of an invented request as text, and its cells by heading.

    Args:
        layout: as it is typed; nothing needs to be kept.

    Raises:
        NotWritable: the encoding lacks a character of a heading.
    """
    columns = list(layout.columns.all())
    headings = [str(column.heading) for column in columns]
    cells = _cells(_invented(), columns, layout)
    written = _csv(layout, headings, iter([cells])).decode(layout.encoding)
    return written, list(zip(headings, cells, strict=True))


def charset(form: str) -> str:
    """Return the encoding to announce with a file."""
    if form == XLSX:
        return ""
    chosen = ExchangeFormat.load().encoding
    return "windows-1252" if chosen == ExchangeFormat.Encoding.WINDOWS else "utf-8"


class _Row(list[str]):
    """The cells of a request, and which one it is, to name it where a cell cannot be written."""

    reference = ""


def _rows(
    batch: Batch, columns: Sequence[ExchangeColumn], layout: ExchangeFormat
) -> Iterator[_Row]:
    """Yield the cells of each request in the batch's order; few of them are in memory at once."""
    last = 0
    while True:
        found = batch.transmissions.filter(position__gt=last).select_related("request")
        chunk = list(found.order_by("position")[:CHUNK])
        for one in chunk:
            yield _cells(one.request, columns, layout)
            last = one.position
        if len(chunk) < CHUNK:
            return


def _with(headings: list[str], rows: Iterator[_Row]) -> Iterator[Sequence[str]]:
    yield headings
    yield from rows


def _csv(layout: ExchangeFormat, headings: list[str], rows: Iterator[_Row]) -> bytes:
    bare = "utf-8" if layout.encoding == ExchangeFormat.Encoding.UTF8_BOM else layout.encoding
    out = bytearray("\ufeff".encode() if bare != layout.encoding else b"")
    line = io.StringIO()
    writer = csv.writer(line, delimiter=layout.separator)

    def write(cells: Sequence[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    try:
        out += write(headings).encode(bare)
    except UnicodeEncodeError as error:
        raise NotWritable(_lacks("Un titre de colonne", error, layout)) from None
    for row in rows:
        try:
            out += write(row).encode(bare)
        except UnicodeEncodeError as error:
            raise NotWritable(_lacks(f"La demande {row.reference}", error, layout)) from None
    return bytes(out)


def _lacks(what: str, error: UnicodeEncodeError, layout: ExchangeFormat) -> str:
    character = error.object[error.start]
    return (
        f"{what} contient «\u00a0{character}\u00a0», que l’encodage "
        f"{layout.get_encoding_display()} n’a pas. Téléchargez le lot en XLSX, ou choisissez UTF-8 "
        "dans les réglages de l’échange avec SFR."
    )


def _cells(
    request: ActivationRequest, columns: Sequence[ExchangeColumn], layout: ExchangeFormat
) -> _Row:
    row = _Row(_TEXTS[_Source(column.source)](request, layout) for column in columns)
    row.reference = request.reference
    return row


def _national(number: str) -> str:
    return phone.national(number) if number else ""


def _invented() -> ActivationRequest:
    """Return nobody's request, never kept: for whoever sets the columns up."""
    return ActivationRequest(
        uuid=uuid.UUID("3f2a91bc-0000-4000-8000-000000000000"),
        iccid="89331059970000209012",
        civility=ActivationRequest.Civility.MADAME,
        last_name="Exemple",
        first_name="Camille",
        birth_date="1985-12-31",
        birth_department="59",
        portability=True,
        current_number="+33612345678",
        rio="01P9EXEMP7H5",
        contact_phone="+33698765432",
    )


_Text = Callable[[ActivationRequest, ExchangeFormat], str]
_TEXTS: dict[_Source, _Text] = {
    _Source.REFERENCE: lambda row, _: row.reference,
    _Source.ICCID: lambda row, _: row.iccid,
    _Source.CIVILITY: lambda row, _: row.get_civility_display(),
    _Source.LAST_NAME: lambda row, _: row.last_name,
    _Source.FIRST_NAME: lambda row, _: row.first_name,
    _Source.BIRTH_DATE: lambda row, layout: dt.date.fromisoformat(row.birth_date).strftime(
        layout.date_format
    ),
    _Source.BIRTH_DEPARTMENT: lambda row, _: row.birth_department,
    _Source.BIRTH_COUNTRY: lambda row, _: row.birth_country.lstrip(_FORMULA),
    _Source.PORTABILITY: lambda row, _: "oui" if row.portability else "non",
    _Source.CURRENT_NUMBER: lambda row, _: _national(row.current_number),
    _Source.RIO: lambda row, _: row.rio,
    _Source.CONTACT_PHONE: lambda row, _: _national(row.contact_phone),
}
