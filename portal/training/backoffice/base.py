"""What the pages of training have in common: who may enter, and their frame."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.models import User
from portal.training.models import TrainingSession

TITLE = "Formations"
ICON = "date"


class StaffRequest(HttpRequest):
    """A request in the back office: somebody is logged in."""

    user: User


@method_decorator(never_cache, name="dispatch")
class TrainingPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, View):
    """A page below the list of sessions; subclasses say who may open it."""

    request: StaffRequest
    permission_policy: Any = None
    permission_required: str | None = "change"
    index_url_name = ""
    index_results_url_name = ""
    header_icon = ICON
    page_title = ""
    #: A crumb between the list and this page.
    session: TrainingSession | None = None

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Draw the page."""
        page: HttpResponse = self.render_to_response(self.get_context_data(**context))
        page.status_code = status
        return page

    def get_page_title(self) -> str:
        return self.page_title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = [{"url": reverse("formations:index"), "label": TITLE}]
        if self.session and self.page_title:
            path = reverse("formations:detail", args=[self.session.uuid])
            crumbs.append({"url": path, "label": self.session.title})
        return [*self.breadcrumbs_items, *crumbs, {"url": "", "label": self.get_page_title()}]


def find(uuid: UUID) -> TrainingSession:
    """Return a session with its counts, or a 404."""
    return get_object_or_404(TrainingSession.objects.with_counts(), uuid=uuid)
