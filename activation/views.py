"""The partner's pages: the form, the check of a field one leaves, and the follow-up."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activation import moves, presentation, services
from activation.applications import is_card_used
from activation.cards import is_foreign
from activation.forms import CHECKED, ActivationForm, initial_of
from activation.models import ActivationRequest, ActivationSettings
from activation.states import State
from portal.accounts.models import User
from portal.structures import cards
from portal.structures.access import member_required
from portal.structures.cards import ReceivedCard
from portal.structures.models import Membership
from portal.ui.errors import DomainError

PAGE_SIZE = 25
FOREIGN = (
    "Cette carte n’a pas été livrée à votre structure. Vérifiez son numéro\u00a0; s’il est bon, la "
    "demande peut partir."
)


class MemberRequest(HttpRequest):
    """A request that `member_required` let in."""

    user: User
    membership: Membership


@member_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Show the form; send a request, once whatever the number of clicks.

    ``?carte=`` names a card that the structure received: its number is filled in, and stays
    editable. The number itself is never in an address.
    """
    card = _received(request) if request.method != "POST" else None
    initial = {"iccid": card.iccid} if card else None
    form = ActivationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        _warn_of_foreign_card(form, request.membership.structure_id)
        try:
            sent = services.submit(
                form.application,
                by=request.user,
                structure=request.membership.structure,
                key=form.cleaned_data["key"],
            )
        except services.CardAlreadyUsed as error:
            form.add_error("iccid", error.message)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            _announce(request, form, "Votre demande est envoyée.")
            return redirect("activation:detail", sent.uuid)
    return _form_page(request, form, card=card)


@member_required
@never_cache
@sensitive_post_parameters()
@require_POST
def check_field(request: MemberRequest, field: str) -> HttpResponse:
    """Return one field as the whole form judges it; an empty one is left in peace."""
    if field not in CHECKED:
        raise Http404
    form = ActivationForm(request.POST)
    form.is_valid()
    if field == "iccid" and "iccid" in form.cleaned_data:
        _warn_of_foreign_card(form, request.membership.structure_id)
        edited = _edited(request)
        if is_card_used(form.cleaned_data["iccid"], besides=edited):
            form.add_error("iccid", services.CardAlreadyUsed.default_message)
    bound = form[field]
    if not any(bound.data if isinstance(bound.data, list) else [bound.data]):
        form.errors.pop(field, None)
    context = {"field": bound, "warning": form.warnings.get(field, "")}
    return render(request, "activation/field.html", context)


@member_required
@require_safe
def follow_up(request: MemberRequest) -> HttpResponse:
    """List the requests of the current structure, the newest first."""
    found = (
        ActivationRequest.objects.filter(structure=request.membership.structure)
        .only("uuid", "state", "iccid", "submitted_at", "due_at", "expected_at", "created_by")
        .select_related("created_by")
        .order_by("-submitted_at", "-pk")
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": presentation.rows(page.object_list)}
    return render(request, "activation/list.html", context)


@member_required
@never_cache
@require_safe
def detail(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Show where a request stands, without the beneficiary's data."""
    found = _visible(request, identifier)
    events = found.events.select_related("by")
    context = {
        "activation": found,
        "badge": presentation.badge(found),
        "card_end": presentation.card_end(found),
        "steps": presentation.timeline(events, for_partner=True),
        "may_cancel": presentation.may_cancel(found),
        "delays": ActivationSettings.load(request),
        "State": State,
    }
    return render(request, "activation/detail.html", context)


@member_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Edit a request that an operator sent back, and send it again."""
    found = _visible(request, identifier)
    if found.state != State.TO_CORRECT:
        return redirect("activation:detail", found.uuid)
    if request.method == "POST":
        form = ActivationForm(request.POST)
        if form.is_valid():
            _warn_of_foreign_card(form, found.structure_id)
            try:
                services.resubmit(found, form.application, by=request.user)
            except services.CardAlreadyUsed as error:
                form.add_error("iccid", error.message)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                _announce(request, form, "Votre demande corrigée est envoyée.")
                return redirect("activation:detail", found.uuid)
    else:
        shown = services.reveal(found, by=request.user, why="correction")
        form = ActivationForm(initial=initial_of(shown))
    return _form_page(request, form, edited=found)


@member_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Ask, then cancel a request that SFR does not have yet."""
    found = _visible(request, identifier)
    if request.method == "POST":
        try:
            services.cancel(found, by=request.user)
        except moves.MoveRefused as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "La demande est annulée. La carte peut servir à une autre.")
        return redirect("activation:detail", found.uuid)
    if not presentation.may_cancel(found):
        return redirect("activation:detail", found.uuid)
    return render(request, "activation/cancel.html", {"activation": found})


def _visible(request: MemberRequest, identifier: uuid.UUID) -> ActivationRequest:
    mine = ActivationRequest.objects.visible_to(request.user)
    return get_object_or_404(mine.select_related("structure", "created_by"), uuid=identifier)


def _edited(request: MemberRequest) -> ActivationRequest | None:
    """Return the request that the form corrects: its own card is no duplicate."""
    try:
        identifier = uuid.UUID(request.POST.get("edited", ""))
    except ValueError:
        return None
    return ActivationRequest.objects.visible_to(request.user).filter(uuid=identifier).first()


def _announce(request: MemberRequest, form: ActivationForm, sentence: str) -> None:
    messages.success(request, sentence)
    for warning in form.warnings.values():
        messages.warning(request, warning)


def _received(request: MemberRequest) -> ReceivedCard | None:
    """Return the card that the address names.

    Raises:
        Http404: it is none that the member's structure has received.
    """
    named = request.GET.get("carte")
    if named is None:
        return None
    try:
        card = cards.deliveries.ask.received_card(request.membership, uuid.UUID(named))
    except ValueError as error:
        raise Http404 from error
    if card is None:
        raise Http404
    return card


def _warn_of_foreign_card(form: ActivationForm, structure_id: int) -> None:
    if is_foreign(form.cleaned_data["iccid"], structure_id):
        form.warnings["iccid"] = FOREIGN


def _form_page(
    request: MemberRequest,
    form: ActivationForm,
    *,
    edited: ActivationRequest | None = None,
    card: ReceivedCard | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "activation": edited,
        "card": card,
        "delays": ActivationSettings.load(request),
    }
    return render(request, "activation/form.html", context)
