"""Drawing a PDF. WeasyPrint needs libraries of the system: where they lack, we say which."""

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from threading import local
from types import ModuleType
from typing import Any

import structlog
from django.contrib.staticfiles import finders

from portal.documents.packages import PACKAGES
from portal.ui.errors import DomainError

#: Tagged, so that a screen reader follows it.
VARIANT = "pdf/ua-1"
logger = structlog.get_logger("espace.documents")
_own = local()


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
        html: a whole page; it loads nothing but ``pictures``.
        styles: static files, such as ``css/ticket.css``.
        pictures: the content of each PNG or JPEG that the page shows, by its address there, such as
            ``picture:12``.

    Raises:
        PdfUnavailable: a library of the system is missing.
    """
    printer = weasyprint()
    fetch = partial(_fetch, pictures=pictures) if pictures else refuse
    sheets = [_style(name) for name in styles]
    page = printer.HTML(string=html, url_fetcher=fetch)
    return page.render(stylesheets=sheets, font_config=_fonts())


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


def _fonts() -> Any:
    """Return this thread's fonts, gathered once: anew for each document, they are never freed.

    A process that drew 10,000 would hold gigabytes. Pango's may not be shared among threads.
    """
    if not hasattr(_own, "fonts"):
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415  (as WeasyPrint is)

        _own.fonts = FontConfiguration()
    return _own.fonts


@lru_cache
def _style(name: str) -> Any:
    """Return a static file's rules, read once: parsing takes longer than a short page."""
    text = Path(str(finders.find(name))).read_text(encoding="utf-8")
    return weasyprint().CSS(string=text, url_fetcher=refuse)


def _fetch(url: str, *args: Any, pictures: Mapping[str, bytes], **kwargs: Any) -> Any:
    if url not in pictures:
        refuse(url)
    response = weasyprint().urls.URLFetcherResponse
    content = pictures[url]
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return response(url, content, {"Content-Type": kind})


def refuse(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Fetch nothing: all that a document needs is in its page.

    Raises:
        ValueError: always.
    """
    raise ValueError("A document loads nothing.")
