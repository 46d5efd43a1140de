"""MON COMPTE → ÉQUIPE: everybody sees the team, its lead changes it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.structures import team
from portal.structures.access import member_of, member_required
from portal.structures.forms import InviteForm
from portal.structures.models import Membership
from portal.ui.errors import DomainError, NotAllowed

Act = Callable[..., None]


def _colleague(request: HttpRequest, uuid: UUID) -> Membership:
    rows = Membership.objects.filter(structure=member_of(request).structure_id)
    return get_object_or_404(rows.select_related("user"), user__uuid=uuid)


@require_safe
@never_cache
@member_required
def team_list(request: HttpRequest) -> HttpResponse:
    """List the members, with what the lead may do to each."""
    me = member_of(request)
    rows = [
        {"member": one, "may_lead": team.may_lead(one), "is_me": one.user_id == me.user_id}
        for one in team.members(me.structure)
    ]
    return render(request, "structures/team.html", {"rows": rows, "me": me})


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def invite(request: HttpRequest) -> HttpResponse:
    """Ask the lead who to invite, and invite them."""
    me = member_of(request)
    if not me.is_structure_lead:
        raise team.LeadOnly
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = team.invite(by=me, **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error("email", error.message)
        else:
            messages.success(request, f"{made.user} fait partie de l’équipe. Un e-mail est parti.")
            return redirect("structures:team")
    status = 422 if form.errors else 200
    return render(request, "structures/invite.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def hand_over_lead(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the lead to confirm, then make a colleague lead."""
    me, colleague = member_of(request), _colleague(request, uuid)
    if not me.is_structure_lead:
        raise team.LeadOnly
    if request.method == "GET":
        return render(request, "structures/hand_over_lead.html", {"colleague": colleague})
    return _do(
        request,
        lambda: team.hand_over_lead(by=me, to=colleague),
        f"{colleague.user} est maintenant référent de votre structure.",
    )


@require_POST
@never_cache
@member_required
def deactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close the structure to a colleague."""
    me, colleague = member_of(request), _colleague(request, uuid)
    return _do(
        request,
        lambda: team.deactivate(by=me, member=colleague),
        f"{colleague.user} n’a plus accès à votre structure.",
    )


@require_POST
@never_cache
@member_required
def reactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open the structure to a colleague again."""
    me, colleague = member_of(request), _colleague(request, uuid)
    return _do(
        request,
        lambda: team.reactivate(by=me, member=colleague),
        f"{colleague.user} a de nouveau accès à votre structure.",
    )


@require_POST
@never_cache
@member_required
def invite_again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a new link to a colleague who has not used theirs."""
    me, colleague = member_of(request), _colleague(request, uuid)
    return _do(
        request,
        lambda: team.invite_again(by=me, member=colleague),
        f"Un nouveau lien est parti à {colleague.user}. L’ancien ne marche plus.",
    )


def _do(request: HttpRequest, act: Act, done: str) -> HttpResponse:
    """Do it and say so; a refusal shows on its own page, by `DomainErrorMiddleware`."""
    act()
    messages.success(request, done)
    return redirect("structures:team")
