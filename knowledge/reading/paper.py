"""A guide as a PDF: tagged, in French, all its steps on paper, loading nothing."""

from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from wagtail.models import Page

from portal.documents.packages import PACKAGES
from portal.documents.pdf import PdfUnavailable, lay_out, write

STYLES = ("css/guide-paper.css",)
WIDTH = "width-900|format-jpeg|jpegquality-80"
_KEPT = 24 * 3600  # seconds; what changes has another key


def answer(request: HttpRequest, guide: Page) -> HttpResponse:
    """Hand out the PDF of a guide; where nothing draws one, say so."""
    try:
        content = draw(guide, address=str(guide.get_full_url(request)))
    except PdfUnavailable as error:
        context = {"page": guide, "said": error.message, "packages": " ".join(PACKAGES)}
        return render(request, "knowledge/reading/no_pdf.html", context, status=503)
    headers = {"Content-Disposition": f'inline; filename="{guide.slug}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def draw(guide: Page, *, address: str) -> bytes:
    """Return the PDF of a guide as it is published now.

    It is kept under what it shows: a changed word, number or picture is another PDF.

    Args:
        guide: a `GuidePage`.
        address: of the guide on the site, printed at the end.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
    """
    html, pictures = sheet(guide, address=address)
    names = ",".join(rendition.file.name for rendition in pictures.values())
    key = f"reading:paper:{sha256(f'{html}{names}'.encode()).hexdigest()}"
    content: bytes | None = cache.get(key)
    if content is None:
        files = {name: _read(rendition) for name, rendition in pictures.items()}
        content = write(lay_out(html, styles=STYLES, pictures=files))
        cache.set(key, content, _KEPT)
    return content


def sheet(guide: Page, *, address: str) -> tuple[str, dict[str, Any]]:
    """Return the page that is printed, and its pictures by their address in it."""
    pictures: dict[str, Any] = {}
    blocks = [_block(block, pictures) for block in guide.body]
    context = {"page": guide, "blocks": blocks, "address": address}
    return render_to_string("knowledge/reading/paper.html", context), pictures


def _block(block: Any, pictures: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": block.block_type, "value": block.value}
    if block.block_type == "steps":
        shown["steps"] = [
            {"step": step, "picture": _picture(step["picture"], pictures)}
            for step in block.value["steps"]
        ]
    if block.block_type == "picture":
        shown["picture"] = _picture(block.value["picture"], pictures)
    return shown


def _picture(image: Any, pictures: dict[str, Any]) -> dict[str, str] | None:
    if image is None:
        return None
    name = f"picture:{len(pictures)}"
    pictures[name] = image.get_rendition(WIDTH)
    said = "" if image.decorative else image.contextual_alt_text or image.description
    return {"src": name, "alt": said}


def _read(rendition: Any) -> bytes:
    with rendition.file.open("rb") as opened:
        content: bytes = opened.read()
    return content
