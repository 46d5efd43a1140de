"""The model to fill: headings, one invented line, and what each column holds."""

from io import BytesIO
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from activation.models import ActivationRequest
from activation.sheets.columns import COLUMNS
from activation.sheets.reading import COMMENT, MAX_LINES
from portal.sheets.writing import CSV, XLSX, respond

NAME = "modele-activations"
#: Lists to choose from, by field.
_CHOICES = {
    "civility": ActivationRequest.Civility.labels,
    "portability": ["non", "oui"],
    "language": ["français", "anglais", "espagnol"],
    "identity_checked": ["oui"],
}
_TEXT = "@"  # the format that leaves digits as they are typed
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def model(form: str) -> HttpResponse | StreamingHttpResponse:
    """Return the model as ``csv``, whose last lines are comments, or as ``xlsx``."""
    if form == XLSX:
        return _workbook()
    notes = [[f"{COMMENT} {one.heading}\u00a0: {one.help}"] for one in COLUMNS]
    first = [f"{COMMENT} Les lignes qui commencent par {COMMENT}, et l’exemple, sont ignorés."]
    rows = [[one.example for one in COLUMNS], first, *notes]
    return respond(CSV, name=NAME, header=[one.heading for one in COLUMNS], rows=rows)


def _workbook() -> HttpResponse:
    """Return a workbook whose cells are texts: typed digits and dates stay as they are."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Demandes"
    sheet.freeze_panes = "A2"
    for place, column in enumerate(COLUMNS, start=1):
        heading = sheet.cell(1, place, column.heading)
        heading.font = Font(bold=True)
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = 28 if place == 1 else 18
        for row in range(2, MAX_LINES + 2):
            sheet.cell(row, place).number_format = _TEXT
        sheet.cell(2, place).value = column.example or None
        if choices := _CHOICES.get(column.field):
            _offer(sheet, get_column_letter(place), choices)
    _explain(book.create_sheet("Mode d’emploi"))
    out = BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{NAME}.{XLSX}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _offer(sheet: Any, letter: str, choices: list[str]) -> None:
    """Let a column's cells be chosen from a list; other words stay possible."""
    offered = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    offered.showErrorMessage = False
    offered.add(f"{letter}2:{letter}{MAX_LINES + 1}")
    sheet.add_data_validation(offered)


def _explain(sheet: Any) -> None:
    sheet.append(["Colonne", "Ce qu’il faut y écrire"])
    for column in COLUMNS:
        sheet.append([column.heading, str(column.help)])
    sheet.append(["La ligne d’exemple", "Elle est ignorée\u00a0: laissez-la ou effacez-la."])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 90
    for row in sheet.iter_rows(min_row=2, max_col=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
