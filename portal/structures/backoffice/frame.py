"""What the pages about agreements have in common."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.models import User

TITLE = "Conventions"
ICON = "doc-full-inverse"


class StaffRequest(HttpRequest):
    """A request in the back office: somebody is logged in."""

    user: User


@method_decorator(never_cache, name="dispatch")
class AgreementPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, View):
    """A page below a list; subclasses set ``heading`` before they `show`."""

    request: StaffRequest
    permission_policy: Any = None
    any_permission_required: ClassVar[Any] = ("view",)
    header_icon = ICON
    heading = ""
    #: The crumbs between the first page and this one: name of an address, its arguments, label.
    parents: ClassVar[list[tuple[str, list[Any], str]]] = [("conventions:index", [], TITLE)]

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Draw the page."""
        drawn: HttpResponse = self.render_to_response(
            self.get_context_data(**context), status=status
        )
        return drawn

    def get_page_title(self) -> str:
        return self.heading

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = [
            {"url": reverse(name, args=args), "label": label} for name, args, label in self.parents
        ]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.heading}]
