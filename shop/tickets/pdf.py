"""A ticket as a PDF of one A6 page."""

from typing import Any

from django.template.loader import render_to_string

from portal.documents.pdf import lay_out, write
from shop.tickets.ticket import Ticket

STYLES = ("css/ticket.css", "css/ticket-page.css")


def draw(ticket: Ticket) -> bytes:
    """Return the ticket as a tagged PDF.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
    """
    return write(document(ticket))


def document(ticket: Ticket) -> Any:
    """Lay the ticket out and return WeasyPrint's document.

    Raises:
        PdfUnavailable: a library of the system is missing.
    """
    html = render_to_string("shop/tickets/document.html", {"ticket": ticket})
    return lay_out(html, styles=STYLES)
