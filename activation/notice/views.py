"""The notice, for whoever has the address: it is about nobody."""

from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from activation.models import ActivationSettings
from activation.notice import texts
from portal.documents.languages import chosen
from portal.documents.packages import PACKAGES
from portal.documents.pdf import PdfUnavailable, lay_out, write
from portal.telecom.numbers import Purpose, numbers_by_purpose

STYLES = ("css/notice.css",)
_KEPT = 3600  # seconds that a drawn page is kept: anybody may ask for it


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the notice in the language of ``?langue=``, ready to print."""
    context = {"notice": _notice(request), "languages": texts.names()}
    return render(request, "activation/notice/page.html", context)


@login_not_required
@require_safe
def pdf(request: HttpRequest) -> HttpResponse:
    """Hand out the same page as a PDF; where nothing draws one, say so."""
    notice = _notice(request)
    html = render_to_string("activation/notice/document.html", {"notice": notice})
    key = f"activation:notice:{sha256(html.encode()).hexdigest()}"
    content = cache.get(key)
    if content is None:
        try:
            content = write(lay_out(html, styles=STYLES))
        except PdfUnavailable:
            context = {"notice": notice, "packages": " ".join(PACKAGES)}
            return render(request, "activation/notice/no_pdf.html", context, status=503)
        cache.set(key, content, _KEPT)
    name = f"notice-donnees-personnelles-{notice.code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _notice(request: HttpRequest) -> texts.Notice:
    numbers = numbers_by_purpose()
    values = {
        "contact": render_to_string("activation/notice/contact.txt", request=request).strip(),
        "days": ActivationSettings.load(request).retention_days,
        "balance": numbers[Purpose.BALANCE],
        "top_up": numbers[Purpose.TOP_UP],
    }
    return texts.notice(chosen(request.GET.get("langue")), values)
