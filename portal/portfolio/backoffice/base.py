"""What the pages of the portfolio have in common: who may enter, and their frame."""

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
from portal.structures.models import Structure

TITLE = "Structures"
ICON = "group"


class StaffRequest(HttpRequest):
    """A request in the back office: somebody is logged in."""

    user: User


@method_decorator(never_cache, name="dispatch")
class PortfolioPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, View):
    """A page below the list of structures; subclasses say who may open it."""

    request: StaffRequest
    permission_policy: Any = None
    permission_required: str | None = "change"
    index_url_name = ""
    index_results_url_name = ""
    header_icon = ICON
    page_title = ""
    #: Crumbs between the list and this page.
    structure: Structure | None = None

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Draw the page."""
        page: HttpResponse = self.render_to_response(self.get_context_data(**context))
        page.status_code = status
        return page

    def get_page_title(self) -> str:
        return self.page_title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = [{"url": reverse("portefeuille:index"), "label": TITLE}]
        if self.structure and self.page_title:
            crumbs.append({"url": detail_url(self.structure), "label": self.structure.name})
        return [*self.breadcrumbs_items, *crumbs, {"url": "", "label": self.get_page_title()}]


def detail_url(structure: Structure) -> str:
    """Return the address of a structure's page."""
    return reverse("portefeuille:detail", args=[structure.uuid])


def find(uuid: UUID) -> Structure:
    """Return a structure or a 404."""
    return get_object_or_404(Structure.objects.select_related("account_manager"), uuid=uuid)
