"""A structure's page: everything about it in one place, and its whole story."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse

from portal.accounts.backoffice import StaffRequest
from portal.portfolio.backoffice.base import PortfolioPage, find
from portal.portfolio.forms import MemberForm, NoteForm
from portal.portfolio.services import referents
from portal.portfolio.timeline import story, tell
from portal.structures import file, lifecycle, team
from portal.structures.models import Structure

NEWEST = 12  # acts on the page itself
PER_PAGE = 50
_S = Structure.State
#: What the page offers; a candidate becomes active by its convention.
_BUTTONS = {
    _S.SUSPENDED: ("Suspendre", "Elle ne peut plus commander. Ses paniers sont gardés."),
    _S.ACTIVE: ("Réactiver", "Elle peut de nouveau commander."),
    _S.CLOSED: ("Fermer", "Plus personne n’y entre, et c’est définitif."),
}


class StructurePage(PortfolioPage):
    """Draw a structure's page, with the form that was refused."""

    template_name = "portfolio/gestion/structure.html"

    def page(
        self,
        structure: Structure,
        *,
        note: NoteForm | None = None,
        member: MemberForm | None = None,
    ) -> HttpResponse:
        """Draw it."""
        self.structure = structure
        panels = file.panels(structure)
        may_change = self.user_has_permission("change")
        context: dict[str, Any] = {
            "structure": structure,
            "members": team.members(structure),
            "agreements": structure.agreements.prefetch_related("amendments"),
            "panels": [panel for panel in panels if panel.template],
            "tasks": [task for panel in panels for task in panel.waiting],
            "notes": structure.notes.select_related("by")[:20],
            "acts": tell(list(story(structure)[:NEWEST])),
            "may_change": may_change,
            "moves": moves(structure) if may_change else [],
            "referents": referents() if may_change else [],
            "note_form": note or NoteForm(),
            "member_form": member or MemberForm(),
        }
        return self.show(status=422 if note or member else 200, **context)

    def get_page_title(self) -> str:
        return self.structure.name if self.structure else ""


class DetailView(StructurePage):
    """Read a structure's page."""

    permission_required = None
    any_permission_required = ("view",)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(find(uuid))


class StoryView(PortfolioPage):
    """Every act, by pages."""

    permission_required = None
    any_permission_required = ("view",)
    template_name = "portfolio/gestion/story.html"
    page_title = "Toute l’histoire"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show a page of the story."""
        self.structure = find(uuid)
        pages = Paginator(story(self.structure), PER_PAGE)
        shown = pages.get_page(request.GET.get("p"))
        return self.show(
            structure=self.structure,
            page_obj=shown,
            acts=tell(list(shown.object_list)),
            elided_page_range=pages.get_elided_page_range(shown.number),
        )


def moves(structure: Structure) -> list[dict[str, Any]]:
    """Return the buttons of the moves that this page offers now."""
    return [
        {"to": to, "label": _BUTTONS[_S(to)][0], "help": _BUTTONS[_S(to)][1]}
        for (was, to), _ in lifecycle.MOVES.items()
        if was == structure.state and (was, to) != (_S.CANDIDATE, _S.ACTIVE)
    ]
