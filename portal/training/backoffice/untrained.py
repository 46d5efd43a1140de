"""« Membres à former »: who may not order yet, and letting somebody off."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.training import attendance
from portal.training.backoffice.base import TrainingPage
from portal.ui.errors import DomainError

PER_PAGE = 50


class UntrainedView(TrainingPage):
    """List the members who wait for a training."""

    permission_required = "view"
    template_name = "training/gestion/untrained.html"
    page_title = "Membres à former"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of them, the oldest first."""
        return self.listing()

    def listing(self, *, status: int = 200, **refused: Any) -> HttpResponse:
        """Draw the list, with what was refused."""
        members = Paginator(attendance.untrained(), PER_PAGE)
        return self.show(
            members=members.get_page(self.request.GET.get("p")),
            may_change=self.user_has_permission("change"),
            status=status,
            **refused,
        )


class WaiveView(UntrainedView):
    """Let somebody off training."""

    permission_required = "change"

    def get(self, request: StaffRequest, pk: int = 0) -> HttpResponse:
        """Lead somebody who reloads back to the list."""
        return redirect("formations:untrained")

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        """Let them off, or say what is missing beside what was typed."""
        member = get_object_or_404(attendance.untrained(), pk=pk)
        reason = request.POST.get("reason", "")
        try:
            attendance.waive(by=request.user, membership=member, reason=reason)
        except DomainError as error:
            return self.listing(status=422, refused=member, error=error.message, typed=reason)
        messages.success(
            request, f"{member.user} est dispensé de formation pour {member.structure}."
        )
        return redirect("formations:untrained")
