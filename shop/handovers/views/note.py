"""Noting, correcting and removing a hand-over; one number, or several for one person."""

from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.structures.access import member_of, member_required
from portal.structures.models import Membership
from shop.handovers import services
from shop.handovers.forms import HandOverForm, RemoveForm, TogetherForm, initial_of
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused
from shop.handovers.units import Payer, units_of
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet

#: Numbers that may be noted at once.
MOST_TOGETHER = 20


def _codes(member: Membership) -> RechargeCodeQuerySet:
    return (
        RechargeCode.objects.visible_to(member)
        .select_related("product", "order_line__order__placed", "handover__by")
        .defer("secret")
    )


def _noted(code: RechargeCode) -> HandOver | None:
    return getattr(code, "handover", None)


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note to whom a number went, or correct it. The page shows no number unless asked to."""
    member = member_of(request)
    code = get_object_or_404(_codes(member), uuid=uuid)
    row = _noted(code)
    if row is None:
        _check_notable(member, code)
    units = units_of(code.order_line, without=row)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        units=units,
        initial=initial_of(row) if row else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            if row:
                services.correct(by=member, row=row, **form.note)
            else:
                services.hand_over(by=member, code=code, **form.note)
        except HandOverRefused as error:
            form.refuse(error)
        else:
            messages.success(request, "La remise est corrigée." if row else "La remise est notée.")
            return redirect("handovers:book")
    context = {"form": form, "code": code, "row": row, "free": form.payers == [Payer.NOBODY]}
    return render(request, "shop/handovers/note.html", context, status=422 if form.errors else 200)


def _check_notable(member: Membership, code: RechargeCode) -> None:
    if not services.to_note(member).filter(pk=code.pk).exists():
        raise HandOverRefused(
            "Ce numéro n’est pas à noter\u00a0: personne ne l’a encore affiché, ou il a été "
            "annulé ou signalé défectueux."
        )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def note_together(request: HttpRequest) -> HttpResponse:
    """Note that several numbers, chosen in the carnet, went to one person."""
    member = member_of(request)
    codes = _chosen(request, member)
    if len(codes) < 2:
        if codes:
            return redirect("handovers:note", uuid=codes[0].uuid)
        messages.info(request, "Cochez les numéros à noter pour une même personne.")
        return redirect("handovers:book")
    lines = {code.order_line_id: code.order_line for code in codes}
    units = [units_of(line) for line in lines.values()]
    payers = {*chain.from_iterable(one.payers for one in units)} - {Payer.NOBODY}
    form = TogetherForm(
        request.POST if request.method == "POST" else None,
        payers=[one for one in Payer if one in payers] or [Payer.NOBODY],
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.hand_over_together(by=member, codes=codes, **form.note)
        except HandOverRefused as error:
            form.refuse(error)
        else:
            messages.success(request, f"{len(made)} remises sont notées.")
            return redirect("handovers:book")
    context: dict[str, Any] = {"form": form, "codes": codes}
    return render(
        request, "shop/handovers/together.html", context, status=422 if form.errors else 200
    )


def _chosen(request: HttpRequest, member: Membership) -> list[RechargeCode]:
    """Return the numbers that the request names; what is not the structure's is not found.

    Raises:
        Http404: one of them is no number of the structure that waits to be noted.
    """
    typed = (request.POST if request.method == "POST" else request.GET).getlist("numero")
    try:
        wanted = {UUID(text) for text in typed[: MOST_TOGETHER + 1]}
    except ValueError as error:
        raise Http404 from error
    if len(wanted) > MOST_TOGETHER:
        raise HandOverRefused(f"Notez {MOST_TOGETHER} numéros au plus à la fois.")
    notable = services.to_note(member).values("pk")
    found = list(_codes(member).filter(uuid__in=wanted, pk__in=notable).order_by("pk"))
    if len(found) < len(wanted):
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask why, then take a hand-over out of the carnet: its number is to be noted again."""
    member = member_of(request)
    code = get_object_or_404(_codes(member), uuid=uuid)
    row = _noted(code)
    if row is None:
        raise Http404
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = services.RemovalReason(form.cleaned_data["reason"])
        services.remove(by=member, row=row, reason=reason)
        messages.success(request, "La remise est retirée du carnet.")
        return redirect("handovers:book")
    return render(
        request,
        "shop/handovers/remove.html",
        {"form": form, "code": code, "row": row},
        status=422 if form.errors else 200,
    )
