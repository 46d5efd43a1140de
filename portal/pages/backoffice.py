"""« À relire » and « Liens cassés », among the reports of the back office."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.permissions import page_permission_policy

from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.pages.models import BrokenLink
from portal.pages.watch import links, review, things

ROWS = 50  # of one page of a report


class EditorialPage(StaffPage):
    """A page for those who write or publish."""

    permission_policy = page_permission_policy
    any_permission_required: ClassVar[Any] = ("add", "change", "publish")


class ReviewsView(EditorialPage):
    """What nobody has read again for six months."""

    template_name = "pages/gestion/reviews.html"
    page_title = "À relire"
    header_icon = "time"

    def get(self, request: StaffRequest) -> HttpResponse:
        """List it, the oldest first."""
        page = Paginator(review.due(), ROWS).get_page(request.GET.get("p"))
        return self.show(page=page, rows=review.shown(list(page)))


class ReviewView(EditorialPage):
    """« J’ai relu »: one button."""

    template_name = "pages/gestion/review.html"
    page_title = "J’ai relu"
    header_icon = "check"
    parents: Sequence[Parent] = (("watch:reviews", [], "À relire"),)

    def get(self, request: StaffRequest, kind: str, key: int) -> HttpResponse:
        """Ask."""
        thing = self._thing(kind, key)
        return self.show(thing=thing, label=things.label(thing), url=things.edit_url(thing))

    def post(self, request: StaffRequest, kind: str, key: int) -> HttpResponse:
        """Note it."""
        thing = self._thing(kind, key)
        review.mark(thing, by=request.user)
        messages.success(request, f"«\u00a0{thing}\u00a0» est noté comme relu aujourd’hui.")
        return redirect("watch:reviews")

    def _thing(self, kind: str, key: int) -> Any:
        thing = things.find(kind, key)
        if thing is None or not things.may_change(self.request.user, thing):
            raise Http404("Nothing that this person may read again.")
        return thing


class LinksView(EditorialPage):
    """Links that lead nowhere."""

    template_name = "pages/gestion/links.html"
    page_title = "Liens cassés"
    header_icon = "link"

    def get(self, request: StaffRequest) -> HttpResponse:
        """List them, those of one page together."""
        rows = BrokenLink.objects.order_by("kind", "object_id", "pk")
        page = Paginator(rows, ROWS).get_page(request.GET.get("p"))
        return self.show(page=page, rows=links.shown(list(page)))
