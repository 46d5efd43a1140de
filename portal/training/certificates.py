"""The certificate of attendance, a PDF of one page, drawn each time it is asked for."""

from django.template.loader import render_to_string

from portal.documents.pdf import lay_out, write
from portal.training.models import Registration

STYLES = ("css/certificate.css",)


def draw(registration: Registration) -> bytes:
    """Return the certificate of somebody who was there.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
    """
    context = {"registration": registration, "session": registration.session}
    return write(lay_out(render_to_string("training/certificate.html", context), styles=STYLES))
