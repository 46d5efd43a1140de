"""MON COMPTE → FORMATION: sessions to come, one's places, certificates and recordings."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.models import User
from portal.structures.access import member_of, member_required
from portal.training import calendar, certificates, seats
from portal.training.models import Registration, TrainingSession


def _user(request: HttpRequest) -> User:
    user: User = member_of(request).user
    return user


def _mine(request: HttpRequest, uuid: UUID) -> Registration:
    rows = Registration.objects.filter(user=_user(request)).select_related("session", "user")
    return get_object_or_404(rows, uuid=uuid)


@require_safe
@never_cache
@member_required
def index(request: HttpRequest) -> HttpResponse:
    """List what one may come to, where one is expected, and what one attended. Two queries."""
    mine = list(
        Registration.objects.filter(user=_user(request))
        .exclude(state=Registration.State.CANCELLED)
        .select_related("session")
        .order_by("session__starts_at", "pk")
    )
    taken = {one.session_id for one in mine}
    planned = TrainingSession.State.PLANNED
    coming = [one for one in mine if one.session.state == planned and not one.session.has_begun]
    seated = Registration.State.REGISTERED
    past = [one for one in reversed(mine) if one.session.has_begun and one.state == seated]
    sessions = TrainingSession.objects.to_come().with_counts()
    context = {
        "member": member_of(request),
        "sessions": [one for one in sessions if one.pk not in taken],
        "coming": coming,
        "past": [one for one in past if one.session.state != TrainingSession.State.CANCELLED],
    }
    return render(request, "training/index.html", context)


@require_POST
@never_cache
@member_required
def register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a seat, or a place on the waiting list."""
    session = get_object_or_404(TrainingSession, uuid=uuid)
    made = seats.register(by=_user(request), session=session)
    if made.state == Registration.State.WAITING:
        messages.info(
            request,
            "La session est complète\u00a0: vous êtes sur la liste d’attente. Si une place se "
            "libère, elle est à vous et nous vous écrivons aussitôt.",
        )
    else:
        messages.success(
            request, "Vous êtes inscrit. La confirmation et le fichier d’agenda sont partis."
        )
    return redirect("training:index")


@require_POST
@never_cache
@member_required
def leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give one's place back."""
    seats.leave(by=_user(request), registration=_mine(request, uuid))
    messages.success(request, "Votre inscription est annulée.")
    return redirect("training:index")


@require_safe
@never_cache
@member_required
def calendar_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the calendar file again."""
    return calendar_answer(_mine(request, uuid))


def calendar_answer(registration: Registration) -> HttpResponse:
    """Return the calendar file of somebody who has a seat.

    Raises:
        Http404: they have none.
    """
    if registration.state != Registration.State.REGISTERED:
        raise Http404
    return HttpResponse(
        calendar.write(registration),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="seance.ics"'},
    )


@require_safe
@never_cache
@member_required
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the certificate of somebody who was there.

    Raises:
        Http404: they were not, or it is not said yet.
    """
    found = _mine(request, uuid)
    if not found.attended:
        raise Http404
    return HttpResponse(
        certificates.draw(found),
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="attestation.pdf"'},
    )
