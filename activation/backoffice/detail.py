"""One request: take it, see its data, and bring it to its next state."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages

from activation import presentation, services
from activation.backoffice import around
from activation.backoffice.actions import ACTIONS, Action
from activation.backoffice.asked import Asked
from activation.backoffice.forms import ActionForm
from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.ui.errors import DomainError


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PageOfRequest(StaffPage):
    """Show a request; its data in clear only to who has taken it, each view recorded."""

    any_permission_required = ("view",)
    template_name = "activation/gestion/detail.html"
    header_icon = "mobile-alt"
    parents = (("activations:index", [], "Activations SIM"),)

    def page(
        self, found: ActivationRequest, name: str = "", refused: ActionForm | None = None
    ) -> HttpResponse:
        """Render the page.

        Args:
            found: the request.
            name: of the action whose form was refused.
            refused: that form.
        """
        self.found, self.name, self.refused = found, name, refused
        mine = found.taken_by_id == self.request.user.pk
        may_process = self.user_has_permission("process")
        asked = Asked.of(self.request.GET, self.request.user)
        return self.show(
            activation=found,
            mine=mine,
            may_process=may_process,
            facts=self.facts() if mine else [],
            cautions=self.cautions(mine=mine and may_process),
            tasks=self.tasks(may_process=may_process),
            actions=self.actions(mine=mine) if may_process else [],
            steps=presentation.timeline(found.events.select_related("by"), for_partner=False),
            neighbours=around.neighbours(found, asked),
            here=asked.query(),
        )

    def facts(self) -> list[around.Fact]:
        """Return the data in clear, and record that they were seen."""
        row = services.reveal(self.found, by=self.request.user, why="processing")
        return around.facts(row)

    def actions(self, *, mine: bool) -> list[dict[str, Any]]:
        """Return the buttons that lead somewhere from here for this operator."""
        return [
            self.drawn(name, action)
            for name, action in ACTIONS.items()
            if action.is_offered(self.found, mine=mine)
        ]

    def cautions(self, *, mine: bool) -> list[dict[str, Any]]:
        """Return what the checks found, each with the form to go past it."""
        asks = mine and self.found.state == State.IN_PROGRESS
        return [
            {
                "caution": one,
                "item": self.drawn("lever", ACTIONS["lever"], check_code=one.check.value)
                if asks and one.override is None
                else None,
            }
            for one in around.cautions(self.found, mine=mine)
        ]

    def tasks(self, *, may_process: bool) -> list[dict[str, Any]]:
        """Return the messages that could not be delivered, those that wait with their form."""
        return [
            {
                "task": one,
                "item": self.drawn("message", ACTIONS["message"], task=one.pk)
                if may_process and one.done_at is None
                else None,
            }
            for one in self.found.tasks.select_related("done_by")
        ]

    def drawn(self, name: str, action: Action, **about: object) -> dict[str, Any]:
        """Return a button with its form: the one that was refused, or a new one.

        Args:
            name: of the action.
            action: the action itself.
            about: hidden fields, which say of what on the page the form is about.
        """
        form = None
        if action.form:
            again = self.refused if name == self.name else None
            same = again and all(again.data.get(key) == str(it) for key, it in about.items())
            suffix = "_".join(str(it) for it in about.values())
            form = (
                again
                if same
                else action.form(found=self.found, initial=about, auto_id=f"{name}{suffix}_%s")
            )
        return {"name": name, "action": action, "form": form}

    def get_page_title(self) -> str:
        return f"Demande {self.found.reference}"


class DetailView(PageOfRequest):
    """Read a request."""

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Show the request."""
        return self.page(find(identifier))


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
        if action.form:
            form = action.form(request.POST, found=found, auto_id=f"{name}_%s")
            if not form.is_valid():
                return self.page(found, name, form)
            typed = form.cleaned_data
        try:
            action.run(found, request.user, typed)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, action.done)
        asked = Asked.of(request.GET, request.user)
        return redirect(reverse("activations:detail", args=[identifier]) + asked.query())


def find(identifier: uuid.UUID) -> ActivationRequest:
    """Return a request, without its data in clear."""
    found = ActivationRequest.objects.select_related("structure", "created_by", "taken_by")
    return get_object_or_404(found.without_personal_data(), uuid=identifier)
