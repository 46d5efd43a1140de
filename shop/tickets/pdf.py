"""A ticket as a PDF. WeasyPrint needs libraries of the system: where they lack, we say which."""

from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from portal.ui.errors import DomainError
from shop.tickets.packages import PACKAGES
from shop.tickets.ticket import Ticket

STYLES = ("css/ticket.css", "css/ticket-page.css")
VARIANT = "pdf/ua-1"
logger = structlog.get_logger("espace.tickets")


class PdfUnavailable(DomainError):
    """The server lacks a library that WeasyPrint loads."""

    default_code = "pdf_unavailable"
    default_message = "Ce serveur ne peut pas préparer de PDF pour le moment."


def weasyprint() -> ModuleType:
    """Return WeasyPrint, loaded at the first PDF: everything else works without it.

    Raises:
        PdfUnavailable: a library of the system is missing.
    """
    try:
        import weasyprint as loaded  # noqa: PLC0415  (its libraries may be missing)
    except OSError as error:
        logger.error("tickets.pdf_unavailable", packages=PACKAGES, reason=str(error)[:200])
        raise PdfUnavailable from error
    module: ModuleType = loaded
    return module


def draw(ticket: Ticket) -> bytes:
    """Return the ticket as a tagged PDF (PDF/UA-1) of one A6 page.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
    """
    laid_out = document(ticket)
    content: bytes = laid_out.write_pdf(pdf_variant=VARIANT)
    missing = {chr(one) for font in laid_out.fonts.values() for one in font.missing}
    if any(one.isalnum() for one in missing):  # nobody can read boxes
        logger.error("tickets.no_font", packages=PACKAGES, language=ticket.words.code)
        raise PdfUnavailable
    return content


def document(ticket: Ticket) -> Any:
    """Lay the ticket out and return WeasyPrint's document, whose pages can be counted.

    Raises:
        PdfUnavailable: a library of the system is missing.
    """
    printer = weasyprint()
    html = render_to_string("shop/tickets/document.html", {"ticket": ticket})
    styles = [printer.CSS(string=style, url_fetcher=_refuse) for style in _styles()]
    return printer.HTML(string=html, url_fetcher=_refuse).render(stylesheets=styles)


@lru_cache
def _styles() -> tuple[str, ...]:
    return tuple(Path(str(finders.find(name))).read_text(encoding="utf-8") for name in STYLES)


def _refuse(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Fetch nothing: all that a ticket needs is in its page.

    Raises:
        ValueError: always.
    """
    raise ValueError("A ticket loads nothing.")
