"""Drawing a PDF. WeasyPrint needs libraries of the system: where they lack, we say which."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from django.contrib.staticfiles import finders

from portal.documents.packages import PACKAGES
from portal.ui.errors import DomainError

#: Tagged, so that a screen reader follows it.
VARIANT = "pdf/ua-1"
logger = structlog.get_logger("espace.documents")


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
        logger.error("documents.pdf_unavailable", packages=PACKAGES, reason=str(error)[:200])
        raise PdfUnavailable from error
    module: ModuleType = loaded
    return module


def lay_out(
    html: str, *, styles: Iterable[str], pictures: Mapping[str, bytes] | None = None
) -> Any:
    """Lay a page out and return WeasyPrint's document, whose pages can be counted.

    Args:
        html: a whole page; it loads nothing.
        styles: static files, such as ``css/ticket.css``.
        pictures: the content of each JPEG that the page shows, by its address there, such as
            ``picture:12``.

    Raises:
        PdfUnavailable: a library of the system is missing.
    """
    printer = weasyprint()
    sheets = [printer.CSS(string=_sheet(name), url_fetcher=refuse) for name in styles]
    fetcher = _given(printer, pictures) if pictures else refuse
    return printer.HTML(string=html, url_fetcher=fetcher).render(stylesheets=sheets)


def _given(printer: ModuleType, pictures: Mapping[str, bytes]) -> Any:
    """Return what hands out these pictures, and refuses all else."""

    fetcher: Any = printer.urls.URLFetcher

    class Given(fetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in pictures:
                refuse(url)
            kind = {"Content-Type": "image/jpeg"}
            return printer.urls.URLFetcherResponse(url, body=pictures[url], headers=kind)

    return Given()


def write(document: Any) -> bytes:
    """Return a laid-out document as a tagged PDF (PDF/UA-1).

    Raises:
        PdfUnavailable: a font is missing for one of the letters.
    """
    content: bytes = document.write_pdf(pdf_variant=VARIANT)
    missing = {chr(one) for font in document.fonts.values() for one in font.missing}
    if any(one.isalnum() for one in missing):  # nobody can read boxes
        logger.error("documents.no_font", packages=PACKAGES)
        raise PdfUnavailable
    return content


@lru_cache
def _sheet(name: str) -> str:
    return Path(str(finders.find(name))).read_text(encoding="utf-8")


def refuse(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Fetch nothing: all that a document needs is in its page.

    Raises:
        ValueError: always.
    """
    raise ValueError("A document loads nothing.")
