"""What the header says of the visitor: their name, structure, basket and doors."""

from functools import cached_property

from django.http import HttpRequest

from portal.prepared import Prepared
from portal.structures.access import (
    active_of,
    current_membership,
    is_known,
    memberships,
    remember,
)
from portal.structures.models import Membership, Structure
from shop.ordering.baskets import count_items, with_items

_WITH_BASKETS = Prepared(lambda user: with_items(active_of(user)))


class Visitor:
    """Read on demand, once a request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is logged in."""
        return self.request.user.is_authenticated

    @property
    def name(self) -> str:
        """What to call the visitor."""
        user = self.request.user
        return user.get_short_name() if user.is_authenticated else ""

    @cached_property
    def membership(self) -> Membership | None:
        """The membership that the request acts under."""
        return current_membership(self.request)

    @property
    def structure(self) -> Structure | None:
        """The current structure."""
        return self.membership.structure if self.membership else None

    @property
    def other_structures(self) -> list[Structure]:
        """The structures to switch to."""
        return [one.structure for one in memberships(self.request) if one != self.membership]

    @cached_property
    def basket_count(self) -> int:
        """Articles in the basket of the current structure.

        Read with the memberships where these were not: then nothing was done with them yet.
        """
        if is_known(self.request):
            return count_items(self.membership) if self.membership else 0
        remember(self.request, _WITH_BASKETS)
        return getattr(self.membership, "basket_items", 0)

    @property
    def has_backoffice(self) -> bool:
        """Whether the back office opens to the visitor."""
        return self.request.user.is_authenticated and self.request.user.is_staff
