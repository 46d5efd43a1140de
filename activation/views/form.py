"""The form: a new request, the check of a field one leaves, a correction."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from activation import drafts, services
from activation.applications import is_card_used
from activation.cards import is_foreign
from activation.forms import CHECKED, ActivationForm, initial_of
from activation.models import ActivationRequest, ActivationSettings
from activation.states import State
from activation.views.scope import MemberRequest, visible
from portal.structures import cards
from portal.structures.access import member_required
from portal.structures.cards import ReceivedCard
from portal.ui.errors import DomainError

FOREIGN = (
    "Cette carte n’a pas été livrée à votre structure. Vérifiez son numéro\u00a0; s’il est bon, la "
    "demande peut partir."
)
INSISTED = (
    "Le chiffre de contrôle de cette carte est faux, et vous l’avez relue\u00a0: un opérateur "
    "vérifiera son numéro avant de l’envoyer à SFR."
)


@member_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Show the form, as it was left; send a request, once whatever the number of clicks.

    ``?carte=`` names a card that the structure received: its number is filled in, and stays
    editable. The number itself is never in an address. What was begun for another card is then
    not shown: one person's data must not leave with another's card.
    """
    if request.method == "POST":
        return _send(request)
    card = _received(request)
    draft = drafts.load(of=request.membership)
    other = draft if card and draft and draft.card != card.iccid else None
    if draft and not other:
        form = ActivationForm(initial=draft.initial())
    else:
        form = ActivationForm(initial={"iccid": card.iccid} if card else None)
    shown = draft if draft is not other else None
    return _form_page(request, form, card=card, draft=shown, other_draft=other)


def _send(request: MemberRequest) -> HttpResponse:
    form = ActivationForm(request.POST)
    if form.is_valid():
        _warn_of_card(form, request.membership.structure_id)
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
            drafts.discard_sent(of=request.membership)
            _announce(request, form, "Votre demande est envoyée.")
            return redirect("activation:detail", sent.uuid)
    drafts.save(request.POST.dict(), of=request.membership)
    return _form_page(request, form)


@member_required
@never_cache
@sensitive_post_parameters()
@require_POST
def check_field(request: MemberRequest, field: str) -> HttpResponse:
    """Return one field as the whole form judges it, and keep what is typed so far.

    An empty field is left in peace. A correction is not kept: the request itself is.
    """
    if field not in CHECKED:
        raise Http404
    form = ActivationForm(request.POST)
    form.is_valid()
    if "edited" not in request.POST:
        drafts.save(request.POST.dict(), of=request.membership)
    if field == "iccid" and "iccid" in form.cleaned_data:
        _warn_of_card(form, request.membership.structure_id)
        edited = _edited(request)
        if is_card_used(form.cleaned_data["iccid"], besides=edited):
            form.add_error("iccid", services.CardAlreadyUsed.default_message)
    bound = form[field]
    if not any(bound.data if isinstance(bound.data, list) else [bound.data]):
        form.errors.pop(field, None)
    context = {"field": bound, "form": form, "warning": form.warnings.get(field, "")}
    return render(request, "activation/field.html", context)


@member_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Edit a request that an operator sent back, and send it again."""
    found = visible(request, identifier)
    if found.state != State.TO_CORRECT:
        return redirect("activation:detail", found.uuid)
    if request.method == "POST":
        form = ActivationForm(request.POST)
        if form.is_valid():
            _warn_of_card(form, found.structure_id)
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


def _warn_of_card(form: ActivationForm, structure_id: int) -> None:
    cautions = [INSISTED] if form.card_insisted else []
    if is_foreign(form.cleaned_data["iccid"], structure_id):
        cautions.append(FOREIGN)
    if cautions:
        form.warnings["iccid"] = " ".join(cautions)


def _form_page(
    request: MemberRequest,
    form: ActivationForm,
    *,
    edited: ActivationRequest | None = None,
    card: ReceivedCard | None = None,
    draft: drafts.Draft | None = None,
    other_draft: drafts.Draft | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "activation": edited,
        "card": card,
        "draft": draft,
        "other_draft": other_draft,
        "delays": ActivationSettings.load(request),
    }
    return render(request, "activation/form.html", context)
