"""One candidature: what it says, its story, and what a référent may do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.accounts.models import User
from portal.candidatures import review
from portal.candidatures.backoffice.forms import AcceptForm, ReasonForm
from portal.candidatures.models import OPEN, Candidature, State
from portal.candidatures.presentation import steps_of, summary
from portal.candidatures.states import MOVES
from portal.ui.errors import DomainError


@dataclass(frozen=True)
class Action:
    """A form of the page: where it leads, its button, and what is said once done."""

    to: State
    button: str
    done: str
    run: Callable[..., Candidature]
    form_class: type[forms.Form] = ReasonForm


ACTIONS = {
    "accepter": Action(
        State.ACCEPTED,
        "Accepter",
        "La candidature est acceptée\u00a0: le référent de la structure reçoit son lien, la "
        "convention et l’avenant sont préparés.",
        review.accept,
        AcceptForm,
    ),
    "completer": Action(
        State.TO_COMPLETE,
        "Demander de compléter",
        "La demande est partie, avec un lien vers la candidature.",
        review.ask_to_complete,
    ),
    "refuser": Action(
        State.REFUSED,
        "Refuser",
        "La candidature est refusée\u00a0: la structure lit votre motif.",
        review.refuse,
    ),
}


class PageOfCandidature(StaffPage):
    """Show a candidature, with the forms of the moves that are open."""

    any_permission_required = ("view",)
    template_name = "candidatures/gestion/detail.html"
    header_icon = "clipboard-list"
    parents = (("candidatures_gestion:index", [], "Candidatures"),)

    def page(self, found: Candidature, refused: dict[str, forms.Form]) -> HttpResponse:
        """Render the page, with the forms that were refused."""
        self.found = found
        may = self.user_has_permission("change")
        context: dict[str, Any] = {
            "candidature": found,
            "sections": summary(found),
            "steps": steps_of(found),
            "events": found.events.select_related("by"),
            "twins": Candidature.objects.twins_of(found).count(),
            "may_take": may and found.state in OPEN and found.account_manager != self.request.user,
            "actions": self.actions(found, refused) if may else [],
        }
        return self.show(**context)

    def actions(self, found: Candidature, refused: dict[str, forms.Form]) -> list[dict[str, Any]]:
        """Return the moves that lead somewhere from here, each with its form."""
        return [
            {
                "name": name,
                "button": action.button,
                "form": refused.get(name) or build(name, found, self.request.user),
            }
            for name, action in ACTIONS.items()
            if (found.state, action.to) in MOVES
        ]

    def get_page_title(self) -> str:
        return str(self.found)


class DetailView(PageOfCandidature):
    """Read a candidature."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(find(uuid), {})


class ActionView(PageOfCandidature):
    """Do one of the `ACTIONS`."""

    any_permission_required = ("change",)

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the candidature."""
        return redirect("candidatures_gestion:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Run the action, or show its form again."""
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        found = find(uuid)
        form = build(name, found, request.user, request.POST)
        if not form.is_valid():
            return self.page(found, {name: form})
        try:
            action.run(found, by=request.user, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, action.done)
        return redirect("candidatures_gestion:detail", uuid)


class TakeView(PermissionCheckedMixin, View):
    """Look after a candidature."""

    permission_policy: Any = None
    any_permission_required = ("change",)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the candidature."""
        return redirect("candidatures_gestion:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Note who looks after it."""
        try:
            review.take(find(uuid), by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Vous suivez cette candidature.")
        return redirect("candidatures_gestion:detail", uuid)


def find(uuid: UUID) -> Candidature:
    """Return a candidature that was sent; a draft is its author's alone."""
    sent = Candidature.objects.filter(submitted_at__isnull=False)
    return get_object_or_404(sent.select_related("structure", "account_manager"), uuid=uuid)


def build(name: str, found: Candidature, by: User, data: Any = None) -> forms.Form:
    """Return the form of an action."""
    form_class = ACTIONS[name].form_class
    asked: dict[str, Any] = {"candidature": found, "by": by}
    options = asked if form_class is AcceptForm else {}
    return form_class(data, auto_id=f"{name}_%s", **options)
