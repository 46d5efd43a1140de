"""MON COMPTE → Numéros de recharge: hidden until asked for, each display recorded."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.structures.access import member_of, member_required
from portal.structures.models import Membership
from portal.telecom.numbers import Purpose, numbers_by_purpose
from portal.ui.errors import DomainError
from shop.ordering.views.orders import draw_order, orders_of
from shop.products.models import ProductTerms
from shop.recharges.faulty import replacements_left, report_faulty
from shop.recharges.models import FaultyReport, RechargeCode, RechargeCodeQuerySet
from shop.recharges.services import ShownCode, show

PER_PAGE = 20


class CodeFilter(forms.Form):
    """What the history may be narrowed to; what is not understood narrows nothing."""

    produit = forms.ChoiceField(label="Produit", required=False)
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=(
            ("", "Tous"),
            ("jamais", "Jamais affichés"),
            ("affiche", "Affichés"),
            ("signale", "Signalés"),
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        known = ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE).select_related("product")
        self.fields["produit"].choices = [  # type: ignore[attr-defined]
            ("", "Tous"),
            *((terms.product.upc, terms.product.title) for terms in known),
        ]

    def narrow(self, codes: RechargeCodeQuerySet) -> RechargeCodeQuerySet:
        """Return the codes asked for."""
        self.full_clean()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        if "produit" in wanted:
            codes = codes.filter(product__upc=wanted["produit"])
        state = wanted.get("etat")
        if state == "signale":
            codes = codes.filter(report__isnull=False)
        elif state:
            codes = codes.given().filter(first_shown_at__isnull=state == "jamais")
        return codes


class ReportForm(forms.Form):
    """What SFR answered to a number."""

    symptom = forms.ChoiceField(choices=FaultyReport.Symptom, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Précision",
        required=False,
        max_length=300,
        help_text="Sans nom ni numéro de téléphone.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone, symptom = numbers_by_purpose()[Purpose.TOP_UP], self.fields["symptom"]
        symptom.label = f"Que répond le {phone}\u00a0?"
        symptom.error_messages["required"] = f"Choisissez ce que répond le {phone}."


@require_safe
@never_cache
@member_required
def codes(request: HttpRequest) -> HttpResponse:
    """List the numbers of the structure, hidden until asked for."""
    form = CodeFilter(request.GET)
    found = (
        form.narrow(RechargeCode.objects.visible_to(member_of(request)))
        .select_related("product", "report", "order_line__order__placed")
        .defer("secret")
        .order_by("-given_at", "-pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "shop/codes.html",
        {"page": page, "form": form, "filtered": any(form.cleaned_data.values())},
    )


def _show(request: HttpRequest, uuid: UUID, where: str) -> ShownCode:
    """Show one number of the member's structure, or know none of it."""
    member = member_of(request)
    mine = RechargeCode.objects.visible_to(member).filter(uuid=uuid)
    shown = show(by=member.user, codes=mine.select_related("product", "order_line"), where=where)
    if not shown:
        raise Http404
    return shown[0]


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def reveal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one number of the history in clear, and record it.

    In its place on the page that asked, or without JavaScript on the page of its order. A GET
    (someone types the address) goes to the history: it shows nothing.
    """
    if request.method == "GET":
        return redirect("shop:codes")
    shown = _show(request, uuid, "history")
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "shop/code_shown.html", {"code": shown.code, "secret": shown.secret})
    line = shown.code.order_line
    assert line is not None  # noqa: S101  (a given code has one)
    return draw_order(request, orders_of(member_of(request)).get(order=line.order_id), [shown])


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def dictate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one number as large as the screen allows, pair by pair, to be read aloud."""
    if request.method == "GET":
        return redirect("shop:codes")
    shown = _show(request, uuid, "dictation")
    line = shown.code.order_line
    assert line is not None  # noqa: S101  (a given code has one)
    placed = orders_of(member_of(request)).get(order=line.order_id)
    return render(
        request,
        "shop/dictate.html",
        {"code": shown.code, "secret": shown.secret, "placed": placed},
    )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Report a number that does not work: another one takes its place at once."""
    member = member_of(request)
    code = get_object_or_404(
        RechargeCode.objects.visible_to(member)
        .select_related("product", "order_line__order__placed")
        .defer("secret"),
        uuid=uuid,
    )
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _report(request, member, code, form)
    return render(
        request,
        "shop/code_report.html",
        {"code": code, "form": form, "left": replacements_left(member.structure)},
        status=422 if form.errors else 200,
    )


def _report(
    request: HttpRequest, member: Membership, code: RechargeCode, form: ReportForm
) -> HttpResponse:
    line = code.order_line
    assert line is not None  # noqa: S101  (a visible code has one)
    try:
        made = report_faulty(by=member, code=code.uuid, **form.cleaned_data)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        if made.state == FaultyReport.State.REPLACED:
            messages.success(
                request,
                "Numéro mis de côté. Un autre le remplace sur cette page\u00a0: affichez-le.",
            )
        else:
            messages.warning(
                request,
                "Le numéro est mis de côté. Votre référent Emmaüs Connect décide de son "
                "remplacement\u00a0: vous recevrez un e-mail.",
            )
    return redirect("shop:order", uuid=line.order.placed.uuid)
