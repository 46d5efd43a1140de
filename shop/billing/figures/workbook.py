"""Downloads of many lines: the house's CSV, and an XLSX whose bytes depend on its cells alone.

openpyxl dates each workbook, and takes four times as long. Here every part has the same
date, texts stand in their cells (ECMA-376, part 1, 18.3.1.53), and rows go to a file as they come.
"""

import datetime as dt
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from typing import IO
from xml.sax.saxutils import escape

from django.http import FileResponse
from django.http.response import HttpResponseBase
from openpyxl.utils import get_column_letter

from portal.sheets.writing import XLSX, Cell, neutral, respond

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = "xl/worksheets/sheet1.xml"
#: The oldest date that an archive can hold.
_DATE = (1980, 1, 1, 0, 0, 0)
_EPOCH = dt.date(1899, 12, 30)
#: What no XML may hold, controls apart.
_NO_XML = dict.fromkeys((0xFFFE, 0xFFFF))
#: Rows that are written at once.
_BATCH = 500
#: Styles by number, as `_STYLES` lists them: text, whole number, euros, day.
_TEXT, _WHOLE, _EUROS, _DAY = 1, 2, 3, 4
_STYLES = f"""<styleSheet {_MAIN}>
<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="5"><xf/><xf numFmtId="49" applyNumberFormat="1"/>
<xf numFmtId="1" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/>
<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>
<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>
</Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""",
    "xl/workbook.xml": f"""<workbook {_MAIN} xmlns:r="{_OFFICE}">
<sheets><sheet name="Export" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>
</Relationships>""",
    "xl/styles.xml": _STYLES,
}


def download(
    form: str, *, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> HttpResponseBase:
    """Return a file to keep, ``no-store``; the arguments are those of `writing.respond`."""
    if form != XLSX:
        return respond(form, name=name, header=header, rows=rows)
    answer = FileResponse(
        written(header, rows),
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type=f"{_TYPE}.sheet",
    )
    answer["Cache-Control"] = "no-store"
    return answer


def written(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """Return the workbook as a temporary file, at its start; whoever closes it deletes it.

    Args:
        header: the columns.
        rows: texts, whole numbers, euros as ``Decimal`` and days; a text is never a formula.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller sends it, and closes it)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_part(name), _XML + text)
        with archive.open(_part(_SHEET), "w") as sheet:
            _write(sheet, header, rows)
    file.seek(0)
    return file


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, _DATE)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _write(sheet: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
    batch = [_XML, f"<worksheet {_MAIN}><sheetData>{_row(1, letters, header)}"]
    for number, row in zip(count(2), rows):
        batch.append(_row(number, letters, row))
        if len(batch) == _BATCH:
            sheet.write("".join(batch).encode())
            batch.clear()
    batch.append("</sheetData></worksheet>")
    sheet.write("".join(batch).encode())


def _row(number: int, letters: Sequence[str], cells: Sequence[Cell]) -> str:
    drawn = (_cell(f"{letter}{number}", cell) for letter, cell in zip(letters, cells, strict=True))
    return f'<row r="{number}">{"".join(drawn)}</row>'


def _cell(place: str, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        text = escape(neutral(cell).translate(_NO_XML))
        return (
            f'<c r="{place}" s="{_TEXT}" t="inlineStr">'
            f'<is><t xml:space="preserve">{text}</t></is></c>'
        )
    if isinstance(cell, dt.datetime):
        raise TypeError("These workbooks hold days, no moments.")
    if isinstance(cell, dt.date):
        return f'<c r="{place}" s="{_DAY}"><v>{(cell - _EPOCH).days}</v></c>'
    style = _EUROS if isinstance(cell, Decimal) else _WHOLE
    return f'<c r="{place}" s="{style}"><v>{cell}</v></c>'
