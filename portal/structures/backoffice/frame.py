"""What the pages about agreements have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

from portal.accounts.backoffice import Parent, StaffPage

TITLE = "Conventions"
ICON = "doc-full-inverse"


class AgreementPage(StaffPage):
    """A page below the list of conventions."""

    any_permission_required: ClassVar[Any] = ("view",)
    header_icon = ICON
    parents: Sequence[Parent] = (("conventions:index", [], TITLE),)
