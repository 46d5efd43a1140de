"""One request: take it, see its data, and bring it to its next state."""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages

from activation import moves, presentation, services
from activation.applications import same_person
from activation.backoffice.forms import LineForm, ReasonForm
from activation.cards import is_foreign
from activation.models import ActivationRequest
from activation.rules import birth, rio
from activation.states import MOVES, State
from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.accounts.models import User
from portal.ui.errors import DomainError
from portal.ui.text import format_phone


class Action:
    """A button of the page: where it leads, what it asks and what it says once done."""

    def __init__(
        self, to: State, button: str, done: str, form_class: type[forms.Form] | None = None
    ) -> None:
        self.to, self.button, self.done, self.form_class = to, button, done, form_class

    def run(self, found: ActivationRequest, by: User, typed: dict[str, Any]) -> None:
        """Call the service of this action."""
        if self.to is State.ACTIVATED:
            services.activate(found, by=by, line_number=typed["line_number"])
        else:
            moves.move(found, self.to, by=by, reason=typed.get("reason", ""))


ACTIONS = {
    "prendre": Action(State.IN_PROGRESS, "Prendre", "Vous avez pris cette demande."),
    "activer": Action(
        State.ACTIVATED,
        "Marquer activée",
        "La ligne est activée\u00a0: le SMS et l’e-mail partent.",
        LineForm,
    ),
    "transmettre": Action(
        State.TRANSMITTED, "Marquer transmise à SFR", "La demande est notée transmise à SFR."
    ),
    "portabilite": Action(
        State.PORTING, "Portabilité en cours", "La portabilité est notée en cours."
    ),
    "corriger": Action(
        State.TO_CORRECT, "À corriger", "La demande est retournée à la structure.", ReasonForm
    ),
    "refuser": Action(State.REFUSED, "Refuser", "La demande est refusée.", ReasonForm),
    "relacher": Action(
        State.SUBMITTED, "Relâcher", "La demande est de nouveau libre pour un autre opérateur."
    ),
}


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PageOfRequest(StaffPage):
    """Show a request; its data in clear only to who has taken it, each view recorded."""

    any_permission_required = ("view",)
    template_name = "activation/gestion/detail.html"
    header_icon = "mobile-alt"
    parents = (("activations:index", [], "Activations SIM"),)

    def page(self, found: ActivationRequest, bound: dict[str, forms.Form]) -> HttpResponse:
        """Render the page, with the forms that were refused."""
        self.found = found
        mine = found.taken_by_id == self.request.user.pk
        context: dict[str, Any] = {
            "activation": found,
            "mine": mine,
            "facts": self.facts(found) if mine else [],
            "twins": same_person(found) if mine else 0,
            "warning": rio.warning(found.rio) if mine else "",
            "foreign": mine and is_foreign(found.iccid, found.structure_id),
            "actions": self.actions(found, mine, bound),
            "steps": presentation.timeline(found.events.select_related("by"), for_partner=False),
        }
        return self.show(**context)

    def facts(self, found: ActivationRequest) -> list[tuple[str, str]]:
        """Return the data in clear, and record that they were seen."""
        return facts(services.reveal(found, by=self.request.user, why="processing"))

    def actions(
        self, found: ActivationRequest, mine: bool, bound: dict[str, forms.Form]
    ) -> list[dict[str, Any]]:
        """Return the buttons that lead somewhere from here for this visitor."""
        if not self.user_has_permission("process"):
            return []
        return [
            {"name": name, "action": action, "form": form_of(name, action, bound)}
            for name, action in ACTIONS.items()
            if (State(found.state), action.to) in MOVES and (mine or name == "prendre")
        ]

    def get_page_title(self) -> str:
        return f"Demande {self.found.reference}"


class DetailView(PageOfRequest):
    """Read a request."""

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Show the request."""
        return self.page(find(identifier), {})


class ActionView(PageOfRequest):
    """Do one of the `ACTIONS`."""

    permission_required = "process"

    def get(self, request: StaffRequest, identifier: uuid.UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the request."""
        return redirect("activations:detail", identifier)

    def post(self, request: StaffRequest, identifier: uuid.UUID, name: str) -> HttpResponse:
        """Run the action, or show its form again."""
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        found = find(identifier)
        typed: dict[str, Any] = {}
        if action.form_class:
            form = action.form_class(request.POST, auto_id=f"{name}_%s")
            if not form.is_valid():
                return self.page(found, {name: form})
            typed = form.cleaned_data
        try:
            action.run(found, request.user, typed)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, action.done)
        return redirect("activations:detail", identifier)


def find(identifier: uuid.UUID) -> ActivationRequest:
    """Return a request, without its data in clear."""
    found = ActivationRequest.objects.select_related("structure", "created_by", "taken_by")
    return get_object_or_404(found.without_personal_data(), uuid=identifier)


def form_of(name: str, action: Action, bound: dict[str, forms.Form]) -> forms.Form | None:
    """Return what the action asks: the form that was refused, or a new one."""
    if action.form_class is None:
        return None
    return bound.get(name) or action.form_class(auto_id=f"{name}_%s")


def facts(found: ActivationRequest) -> list[tuple[str, str]]:
    """Return what SFR needs to open the line, as label and text."""
    born = "/".join(reversed(found.birth_date.split("-")))
    listed = [
        ("Numéro de série (ICCID)", found.iccid),
        ("Civilité", found.get_civility_display()),
        ("Nom", found.last_name),
        ("Prénom", found.first_name),
        ("Date de naissance", born),
        ("Département de naissance", birth.label(found.birth_department)),
        ("Pays de naissance", found.birth_country),
        ("Portable actuel", format_phone(found.contact_phone)),
        ("Numéro à garder", format_phone(found.current_number)),
        ("Code RIO", found.rio),
    ]
    return [(label, text) for label, text in listed if text]
