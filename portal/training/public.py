"""/rendez-vous/: webinars and « temps inspirants », for everybody, without an account."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.training import links, seats, visitors
from portal.training.models import Registration, TrainingSession
from portal.training.views import calendar_answer
from portal.ui.errors import DomainError

View = Callable[..., HttpResponseBase]


def _open(view: View) -> View:
    """Let everybody in, and no cache keep the answer."""
    return login_not_required(never_cache(view))


class VisitorForm(forms.Form):
    """Who comes."""

    use_required_attribute = False  # The errors are ours, in the summary.

    name = forms.CharField(
        label="Prénom et nom",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Indiquez votre nom."},
    )
    email = forms.EmailField(
        label="Adresse e-mail",
        max_length=254,
        help_text="Nous y envoyons un lien à suivre pour confirmer. Votre nom et votre adresse "
        "servent à cette rencontre seulement, et sont effacés trois mois après.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": "Indiquez votre adresse e-mail.",
            "invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@exemple.fr",
        },
    )


@_open
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """List the meetings to come. One query."""
    found = TrainingSession.objects.to_come().filter(kind__in=TrainingSession.OPEN_TO_ALL)
    return render(request, "training/meetings.html", {"sessions": found.with_counts()})


@_open
@require_http_methods(["GET", "POST"])
def meeting(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a meeting, and send the link that registers."""
    found = TrainingSession.objects.to_come().filter(kind__in=TrainingSession.OPEN_TO_ALL)
    session = get_object_or_404(found.with_counts(), uuid=uuid)
    form = VisitorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        # A field that nobody sees: who fills it in is a robot, and believes it got through.
        if not request.POST.get("website"):
            visitors.ask(session=session, **form.cleaned_data)
        messages.success(
            request,
            "Un e-mail est parti à cette adresse. Suivez son lien dans les deux jours pour "
            "confirmer votre inscription.",
        )
        return redirect("training:meetings")
    parents = [{"label": "Rendez-vous", "href": reverse("training:meetings")}]
    context = {"session": session, "form": form, "parents": parents}
    return render(request, "training/meeting.html", context, status=422 if form.errors else 200)


def _of(token: str) -> Registration | None:
    uuid = links.read(token)
    if uuid is None:
        return None
    rows = Registration.objects.filter(user=None).exclude(email_fingerprint="")
    return rows.select_related("session").filter(uuid=uuid).first()


@_open
@require_http_methods(["GET", "POST"])
def visitor(request: HttpRequest, token: str) -> HttpResponse:
    """Show a visitor's registration; they confirm it, or give it back, by a button.

    Never by the link itself: programs that check e-mails follow links.
    """
    found = _of(token)
    if found is None:
        return render(request, "training/visitor_unknown.html", status=404)
    if request.method == "POST":
        try:
            _act(request, found)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("training:visitor", token)
    context = {"registration": found, "session": found.session, "token": token}
    answer = render(request, "training/visitor.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _act(request: HttpRequest, found: Registration) -> None:
    if request.POST.get("act") == "confirm":
        visitors.confirm(found)
    elif request.POST.get("act") == "leave" and found.state in Registration.LIVE:
        seats.leave(by=None, registration=found)
        messages.success(request, "Votre inscription est annulée.")


@_open
@require_safe
def visitor_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out a visitor's calendar file again.

    Raises:
        Http404: the link is no link of ours, or they have no seat.
    """
    found = _of(token)
    if found is None:
        raise Http404
    return calendar_answer(found)
