"""The ticket of a number: its masked preview, the page to print, the PDF; and its settings.

The number in clear is only ever the answer to a POST, and each such answer is recorded.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.documents.languages import LANGUAGES
from portal.documents.packages import PACKAGES
from portal.documents.pdf import PdfUnavailable, weasyprint
from portal.structures.access import member_of, member_required
from portal.telecom.numbers import Purpose, numbers_by_purpose
from shop.recharges.models import RechargeCode
from shop.tickets import pdf, services
from shop.tickets.texts import Words, chosen, words
from shop.tickets.ticket import Ticket, make


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def ticket(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the ticket without its number, or hand it out (POST ``format``: print or pdf)."""
    try:
        if request.method == "POST":
            return _hand_out(request, uuid, chosen(request.POST.get("langue")))
        code = services.find(member_of(request), uuid)
    except RechargeCode.DoesNotExist as error:
        raise Http404 from error
    language = chosen(request.GET.get("langue"))
    return render(
        request,
        "shop/tickets/ticket.html",
        {
            "code": code,
            "ticket": make(code, language),
            "languages": [words(one) for one in LANGUAGES],
            "is_lead": member_of(request).is_structure_lead,
            "code_in_qr": services.code_in_qr(member_of(request)),
        },
    )


def _hand_out(request: HttpRequest, uuid: UUID, language: Words) -> HttpResponse:
    """Answer with the number in clear, as asked."""
    kind = request.POST.get("format")
    member = member_of(request)
    code = services.find(member, uuid)
    if kind not in ("print", "pdf"):
        return _preview(uuid, language)
    try:
        if kind == "pdf":
            weasyprint()  # before the display is recorded: there may be none
        shown = services.number_for(by=member, uuid=uuid)
        with_code = services.code_in_qr(member)
        made = make(shown.code, language, secret=shown.secret, code_in_qr=with_code)
        return _pdf(made) if kind == "pdf" else _page(request, made, uuid)
    except PdfUnavailable:
        return _no_pdf(request, code, language)


def _page(request: HttpRequest, made: Ticket, uuid: UUID) -> HttpResponse:
    back = _preview(uuid, made.words).url
    return render(request, "shop/tickets/print.html", {"ticket": made, "back": back})


def _pdf(made: Ticket) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="ticket-{made.words.code}.pdf"'}
    return HttpResponse(pdf.draw(made), content_type="application/pdf", headers=headers)


def _preview(uuid: UUID, language: Words) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('tickets:ticket', args=[uuid])}?langue={language.code}")


def _no_pdf(request: HttpRequest, code: RechargeCode, language: Words) -> HttpResponse:
    return render(
        request,
        "shop/tickets/no_pdf.html",
        {"code": code, "language": language, "packages": " ".join(PACKAGES)},
        status=503,
    )


class SettingsForm(forms.Form):
    """The one choice: what the QR code holds."""

    qr = forms.ChoiceField(
        label="Ce que contient le QR code",
        choices=(("call", ""), ("code", "")),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que contient le QR code."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        call = f"L’appel au {numbers_by_purpose()[Purpose.TOP_UP]}"
        choice: Any = self.fields["qr"]
        choice.choices = (
            ("call", f"{call} (conseillé)"),
            ("code", f"{call} et le numéro de recharge, que le téléphone compose tout seul"),
        )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def settings(request: HttpRequest) -> HttpResponse:
    """Let the structure's lead choose what the QR codes of its tickets hold."""
    member = member_of(request)
    services.check_lead(member)
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        initial={"qr": "code" if services.code_in_qr(member) else "call"},
    )
    if form.is_valid():
        services.choose_code_in_qr(by=member, wanted=form.cleaned_data["qr"] == "code")
        messages.success(request, "Réglage des tickets enregistré.")
        return redirect("tickets:settings")
    status = 422 if form.errors else 200
    return render(request, "shop/tickets/settings.html", {"form": form}, status=status)
