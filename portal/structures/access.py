"""The structure a request acts for, and the door of every partner page."""

import uuid
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from portal.structures.models import Membership, Structure

SESSION_KEY = "structure"
_MEMBERSHIP = [field.attname for field in Membership._meta.concrete_fields]
_STRUCTURE = [field.attname for field in Structure._meta.concrete_fields]
_NOBODY = -1  # stands for a person in the statement


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    """Return the question for the memberships of `_NOBODY`, and its parameters."""
    memberships = (
        Membership.objects.active()
        .filter(user=_NOBODY)
        .select_related("structure")
        .order_by("structure__name", "pk")
    )
    return memberships.query.sql_with_params()


def _read(user: int) -> list[Membership]:
    """Return a person's active memberships with their structures, by name.

    Every page that a partner sees asks this. The ORM takes five times longer to put the question
    together than to have it answered, so that is done once.
    """
    sql, parameters = _statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, [user if value == _NOBODY else value for value in parameters])
        rows = cursor.fetchall()
    return [_membership(connection.alias, row) for row in rows]


def _membership(database: str, row: tuple[Any, ...]) -> Membership:
    first, second = row[: len(_MEMBERSHIP)], row[len(_MEMBERSHIP) :]
    membership = Membership.from_db(database, _MEMBERSHIP, first)
    membership.structure = Structure.from_db(database, _STRUCTURE, second)
    return membership


def memberships(request: HttpRequest) -> list[Membership]:
    """Return the visitor's active memberships, read once a request."""
    found: list[Membership] | None = getattr(request, "_memberships", None)
    if found is None:
        found = _read(request.user.pk) if request.user.is_authenticated else []
        for one in found:
            one.user = request.user  # type: ignore[assignment]  # known: no query for it later
        request._memberships = found  # type: ignore[attr-defined]
    return found


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
