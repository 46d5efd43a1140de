"""The back office's export buttons, with our harmless files behind them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from portal.sheets.writing import Cell, respond


class SafeExport:
    """For a Wagtail list with ``list_export``: its CSV would run a formula that somebody typed."""

    list_export: Sequence[str]

    def as_spreadsheet(
        self, queryset: Any, spreadsheet_format: str
    ) -> HttpResponse | StreamingHttpResponse:
        """Return the rows asked for, each cell harmless."""
        view: Any = self
        return respond(
            spreadsheet_format,
            name=view.get_filename(),
            header=[view.get_heading(queryset, name) for name in self.list_export],
            rows=([_cell(cell) for cell in view.to_row_dict(one).values()] for one in queryset),
        )


def _cell(value: Any) -> Cell:
    """Return what the writer takes: moments in local time, everything unknown as text."""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if value is None or isinstance(value, str | int | Decimal | dt.date):
        return value
    return str(value)
