"""Pages of our own in the back office: who asks, and the frame around what they see."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.models import User

#: A crumb: the name of an address, its arguments, the label.
Parent = tuple[str, list[Any], str]


class StaffRequest(HttpRequest):
    """A request in the back office: somebody is logged in."""

    user: User


@method_decorator(never_cache, name="dispatch")
class StaffPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, View):
    """A page in Wagtail's frame, kept by no cache; subclasses say who may open it."""

    request: StaffRequest
    permission_policy: Any = None
    page_title = ""
    #: The crumbs between the first page and this one.
    parents: Sequence[Parent] = ()

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Draw the page."""
        drawn: HttpResponse = self.render_to_response(
            self.get_context_data(**context), status=status
        )
        return drawn

    def get_page_title(self) -> str:
        """Return the heading, which is the last crumb too."""
        return self.page_title

    def get_parents(self) -> Sequence[Parent]:
        """Return the crumbs between the first page and this one."""
        return self.parents

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Return the whole path, this page last."""
        above = [
            {"url": reverse(name, args=args), "label": label}
            for name, args, label in self.get_parents()
        ]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]
