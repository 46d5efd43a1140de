"""What the pages of the portfolio have in common: who may enter, and their frame."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.backoffice import Parent, StaffPage
from portal.structures.models import Structure

TITLE = "Structures"
ICON = "group"


class PortfolioPage(StaffPage):
    """A page below the list of structures; subclasses say who else may open it."""

    permission_required: str | None = "change"
    header_icon = ICON
    #: A crumb between the list and this page.
    structure: Structure | None = None

    def get_parents(self) -> list[Parent]:
        above: list[Parent] = [("portefeuille:index", [], TITLE)]
        if self.structure and self.page_title:
            above.append(("portefeuille:detail", [self.structure.uuid], self.structure.name))
        return above


def detail_url(structure: Structure) -> str:
    """Return the address of a structure's page."""
    return reverse("portefeuille:detail", args=[structure.uuid])


def find(uuid: UUID) -> Structure:
    """Return a structure or a 404."""
    return get_object_or_404(Structure.objects.select_related("account_manager"), uuid=uuid)
