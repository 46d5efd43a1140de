"""The form in short steps: each is saved as it is sent, in any order, as often as one likes."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from portal.candidatures import services
from portal.candidatures.forms import LeadForm, PlaceForm, StructureForm
from portal.candidatures.models import Candidature
from portal.candidatures.presentation import progress, summary
from portal.candidatures.rows import NeedsForm, TeamForm
from portal.candidatures.states import MoveRefused
from portal.candidatures.views.access import CandidateRequest, with_candidature
from portal.structures.offer import offered
from portal.ui.errors import DomainError

MORE = "encore"  # the button that keeps the row and asks for another one
FORMS: dict[str, type[Form]] = {
    "structure": StructureForm,
    "lieu": PlaceForm,
    "referent": LeadForm,
    "equipe": TeamForm,
    "besoins": NeedsForm,
}


@with_candidature
def candidature(request: CandidateRequest) -> HttpResponse:
    """Lead to what comes next: the first step that is missing, the check, or the follow-up."""
    found = request.candidature
    if not found.is_editable:
        return redirect("candidatures:follow_up")
    left = services.missing(found)
    return redirect("candidatures:step", left[0]) if left else redirect("candidatures:check")


@with_candidature
def step(request: CandidateRequest, name: str) -> HttpResponse:
    """Show a step, or keep what it says and go on."""
    if name not in FORMS:
        raise Http404
    found = request.candidature
    if not found.is_editable:
        return redirect("candidatures:follow_up")
    form = _form(name, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _save(name, found, form)
        except services.NotEditable as error:
            messages.error(request, error.message)
            return redirect("candidatures:follow_up")
        if MORE in request.POST:
            return redirect("candidatures:step", name)
        return redirect("candidatures:candidature")
    context = {"form": form, "name": name, "candidature": found, "steps": progress(found, name)}
    return render(request, f"candidatures/step_{name}.html", context)


@with_candidature
def check(request: CandidateRequest) -> HttpResponse:
    """Show all that was said, and send it."""
    found = request.candidature
    if not found.is_editable:
        return redirect("candidatures:follow_up")
    if services.missing(found):
        return redirect("candidatures:candidature")
    error = ""
    if request.method == "POST":
        try:
            services.submit(found)
        except MoveRefused:  # sent from another tab meanwhile
            return redirect("candidatures:follow_up")
        except DomainError as refusal:
            error = refusal.message
        else:
            messages.success(request, "Votre candidature est envoyée. Merci\u00a0!")
            return redirect("candidatures:follow_up")
    context = {
        "candidature": found,
        "sections": summary(found),
        "steps": progress(found, "verifier"),
        "error": error,
    }
    return render(request, "candidatures/check.html", context, status=409 if error else 200)


def _form(name: str, found: Candidature, data: Any) -> Form:
    options: dict[str, Any] = {"candidature": found}
    if name == "besoins":
        options["products"] = offered()
    if name == "equipe" and data is not None:
        rows = data.get("rows", "")
        options["more"] = int(rows) if rows.isascii() and rows.isdigit() else 0
    return FORMS[name](data, **options)


def _save(name: str, found: Candidature, form: Form) -> None:
    if isinstance(form, TeamForm):
        services.save_team(found, people=form.people())
    elif isinstance(form, NeedsForm):
        services.save_needs(found, asked=form.asked(), equipment=form.cleaned_data["equipment"])
    else:
        services.save(found, step=name, values=form.cleaned_data)
