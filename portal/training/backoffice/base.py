"""What the pages of training have in common: who may enter, and their frame."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from portal.accounts.backoffice import Parent, StaffPage
from portal.training.models import TrainingSession

TITLE = "Formations"
ICON = "date"


class TrainingPage(StaffPage):
    """A page below the list of sessions; subclasses say who else may open it."""

    permission_required: str | None = "change"
    header_icon = ICON
    #: A crumb between the list and this page.
    session: TrainingSession | None = None

    def get_parents(self) -> list[Parent]:
        above: list[Parent] = [("formations:index", [], TITLE)]
        if self.session and self.page_title:
            above.append(("formations:detail", [self.session.uuid], self.session.title))
        return above


def find(uuid: UUID) -> TrainingSession:
    """Return a session with its counts, or a 404."""
    return get_object_or_404(TrainingSession.objects.with_counts(), uuid=uuid)
