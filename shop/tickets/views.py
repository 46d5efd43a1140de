"""The ticket of a number: its masked preview, the page to print, the PDF; and its settings.

The number in clear is only ever the answer to a POST, and each such answer is recorded.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.structures.access import member_required
from portal.structures.models import Membership
from shop.recharges.models import RechargeCode
from shop.tickets import pdf, services
from shop.tickets.texts import LANGUAGES, Words, chosen, words
from shop.tickets.ticket import make


def _member(request: HttpRequest) -> Membership:
    return request.membership  # type: ignore[attr-defined, no-any-return]


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def ticket(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the ticket without its number, or hand it out (POST ``format``: print or pdf)."""
    try:
        if request.method == "POST":
            return _hand_out(request, uuid, chosen(request.POST.get("langue")))
        code = services.find(_member(request), uuid)
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
            "is_lead": _member(request).is_structure_lead,
            "code_in_qr": services.code_in_qr(_member(request)),
        },
    )


def _hand_out(request: HttpRequest, uuid: UUID, language: Words) -> HttpResponse:
    """Answer with the number in clear, as asked."""
    kind = request.POST.get("format")
    member = _member(request)
    if kind not in ("print", "pdf"):
        services.find(member, uuid)
        return _preview(uuid, language)
    if kind == "pdf":
        try:
            pdf.weasyprint()  # before the display is recorded: there may be none
        except pdf.PdfUnavailable:
            return _no_pdf(request, services.find(member, uuid), language)
    shown = services.number_for(by=member, uuid=uuid)
    with_code = services.code_in_qr(member)
    made = make(shown.code, language, secret=shown.secret, code_in_qr=with_code)
    if kind == "print":
        back = _preview(uuid, language).url
        return render(request, "shop/tickets/print.html", {"ticket": made, "back": back})
    name = f"ticket-{language.code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(pdf.draw(made), content_type="application/pdf", headers=headers)


def _preview(uuid: UUID, language: Words) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('tickets:ticket', args=[uuid])}?langue={language.code}")


def _no_pdf(request: HttpRequest, code: RechargeCode, language: Words) -> HttpResponse:
    return render(
        request,
        "shop/tickets/no_pdf.html",
        {"code": code, "language": language, "packages": " ".join(pdf.PACKAGES)},
        status=503,
    )


class SettingsForm(forms.Form):
    """The one choice: what the QR code holds."""

    code_in_qr = forms.BooleanField(
        label="Mettre le numéro de recharge dans le QR code",
        required=False,
        help_text=(
            "Le téléphone qui scanne le ticket appelle le 952 puis compose le numéro tout seul. "
            "Mais une simple photo du QR code suffit alors pour prendre la recharge."
        ),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def settings(request: HttpRequest) -> HttpResponse:
    """Let the structure's lead choose what the QR codes of its tickets hold."""
    member = _member(request)
    services.check_lead(member)
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        initial={"code_in_qr": services.code_in_qr(member)},
    )
    if form.is_valid():
        services.choose_code_in_qr(by=member, wanted=form.cleaned_data["code_in_qr"])
        messages.success(request, "Réglage des tickets enregistré.")
        return redirect("tickets:settings")
    return render(request, "shop/tickets/settings.html", {"form": form})
