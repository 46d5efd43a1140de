"""What was done, what comes, until when, and who has the ball."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.candidatures import services
from portal.candidatures.models import EDITABLE, OPEN, State
from portal.candidatures.presentation import last_reason, steps_of, summary
from portal.candidatures.states import MoveRefused
from portal.candidatures.views.access import CandidateRequest, with_candidature


@with_candidature
@require_safe
def follow_up(request: CandidateRequest) -> HttpResponse:
    """Show the eight steps of a candidature, whatever its state."""
    found = request.candidature
    context = {
        "candidature": found,
        "steps": steps_of(found),
        "sections": summary(found),
        "reason": last_reason(found),
        "may_withdraw": found.state in EDITABLE | OPEN,
        "closed": found.state in {State.REFUSED, State.WITHDRAWN},
    }
    return render(request, "candidatures/follow_up.html", context)


@with_candidature
def withdraw(request: CandidateRequest) -> HttpResponse:
    """Ask, then take the candidature back."""
    found = request.candidature
    if found.state not in EDITABLE | OPEN:
        return redirect("candidatures:follow_up")
    if request.method == "POST":
        try:
            services.withdraw(found)
        except MoveRefused as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Votre candidature est retirée.")
        return redirect("candidatures:follow_up")
    return render(request, "candidatures/withdraw.html", {"candidature": found})
