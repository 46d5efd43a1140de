"""The structure a request acts for, and the door of every partner page."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from portal.prepared import Prepared
from portal.structures.models import Membership

SESSION_KEY = "structure"


def active_of(user: int) -> QuerySet[Membership]:
    """Return the active memberships of a person, by the structures' names."""
    mine = Membership.objects.active().filter(user=user)
    return mine.select_related("structure").order_by("structure__name", "pk")


_MINE = Prepared(active_of)


def memberships(request: HttpRequest) -> list[Membership]:
    """Return the visitor's active memberships, read once a request."""
    found: list[Membership] | None = getattr(request, "_memberships", None)
    return remember(request, _MINE) if found is None else found


def remember(request: HttpRequest, reading: Prepared[Membership]) -> list[Membership]:
    """Read the visitor's memberships, for `memberships` to return in this request.

    Args:
        request: the visitor's.
        reading: `active_of`, with more columns or none.
    """
    user = request.user
    found = reading.all(user.pk) if user.is_authenticated else []
    for one in found:
        one.user = user  # type: ignore[assignment]  # known: no query for it later
    request._memberships = found  # type: ignore[attr-defined]
    return found


def is_known(request: HttpRequest) -> bool:
    """Return whether the memberships of this request were read."""
    return hasattr(request, "_memberships")


def current_membership(request: HttpRequest) -> Membership | None:
    """Return the membership that the request acts under.

    The one chosen in the header, or the first by name where none was chosen or where the
    chosen one no longer gives access.
    """
    mine = memberships(request)
    chosen = request.session.get(SESSION_KEY)
    return next((one for one in mine if str(one.structure.uuid) == chosen), None) or next(
        iter(mine), None
    )


def choose_structure(request: HttpRequest, structure: uuid.UUID) -> bool:
    """Make ``structure`` the current one; return False where the visitor is no member."""
    if not any(one.structure.uuid == structure for one in memberships(request)):
        return False
    request.session[SESSION_KEY] = str(structure)
    return True


def member_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let members of a structure in; ``request.membership`` is the current one.

    Raises:
        PermissionDenied: the visitor belongs to no open structure.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = current_membership(request)
        if membership is None:
            raise PermissionDenied("Cette page est réservée aux membres d’une structure.")
        request.membership = membership  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return wrapped


def member_of(request: HttpRequest) -> Membership:
    """Return the membership that `member_required` let in."""
    return request.membership  # type: ignore[attr-defined, no-any-return]
