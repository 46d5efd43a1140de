"""The follow-up: the list of the structure's requests, where one stands, its cancellation."""

import uuid

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from activation import finding, moves, presentation, services
from activation.models import ActivationRequest, ActivationSettings
from activation.states import State
from activation.views.scope import MemberRequest, visible
from portal.structures.access import member_required

PAGE_SIZE = 25


class StateFilter(forms.Form):
    """The filter of the list."""

    etat = forms.ChoiceField(label="État", required=False)

    def __init__(self, *args: object, counts: dict[str, int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        shown = [(s.value, f"{s.label} ({counts[s]})") for s in State if counts.get(s)]
        self.fields["etat"].choices = [("", "Tous"), *shown]  # type: ignore[attr-defined]

    @property
    def state(self) -> str:
        """Return the state that is asked for; empty for all, or where none stands there."""
        return self.cleaned_data.get("etat", "") if self.is_valid() else ""


@member_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: MemberRequest) -> HttpResponse:
    """List the requests of the current structure, the newest first.

    ``?etat=`` keeps those of a state. What is searched is posted, never in an address: a partner
    may well type a whole card there, or a name.
    """
    mine = ActivationRequest.objects.filter(structure=request.membership.structure)
    filters = StateFilter(request.GET, counts=finding.counts(mine))
    if request.method == "POST":
        text = request.POST.get("q", "").strip()
        page = Paginator(finding.search(mine, text), finding.LIMIT).get_page(1)
        searched = {"searched": True, "text": text, "limit": finding.LIMIT}
    else:
        found = finding.newest(mine.filter(state=filters.state) if filters.state else mine)
        page, searched = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")), {}
    context = {"page": page, "rows": presentation.rows(page.object_list), **searched}
    context |= {"filters": filters, "filtered": bool(filters.state)}
    return render(request, "activation/list.html", context)


@member_required
@never_cache
@require_safe
def detail(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Show where a request stands, without the beneficiary's data."""
    found = visible(request, identifier)
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
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Ask, then cancel a request that SFR does not have yet."""
    found = visible(request, identifier)
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
