"""Which restricted pages a person may know of, in lists as well as by address."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from wagtail.models import (
    BaseViewRestriction,
    CollectionViewRestriction,
    PageViewRestriction,
)
from wagtail.query import PageQuerySet

from portal.accounts.models import User

Person = User | AnonymousUser


def closed_paths(user: Person) -> list[str]:
    """Return the paths of pages that Wagtail's privacy keeps from ``user``, with what is below.

    Two queries at most: the restrictions, and the person's groups where one names groups.
    """
    restrictions = PageViewRestriction.objects.select_related("page").prefetch_related("groups")
    return [one.page.path for one in _refusing(restrictions, user)]


def closed_collections(user: Person) -> list[str]:
    """Return the paths of collections whose documents are kept from ``user``, in as many."""
    restrictions = CollectionViewRestriction.objects.select_related("collection")
    refusing = _refusing(restrictions.prefetch_related("groups"), user)
    return [one.collection.path for one in refusing]


def _refusing(restrictions: Iterable[Any], user: Person) -> Iterator[Any]:
    mine: set[int] | None = None
    for restriction in restrictions:
        if restriction.restriction_type == BaseViewRestriction.LOGIN and user.is_authenticated:
            continue
        if restriction.restriction_type == BaseViewRestriction.GROUPS and user.is_authenticated:
            mine = set(user.groups.values_list("pk", flat=True)) if mine is None else mine
            if user.is_superuser or mine & {group.pk for group in restriction.groups.all()}:
                continue
        yield restriction


def closed_to(user: Person) -> Q:
    """Return the condition of pages that Wagtail's privacy keeps from ``user``."""
    closed = Q(pk__in=())
    for path in closed_paths(user):
        closed |= Q(path__startswith=path)
    return closed


def visible_to(pages: PageQuerySet, user: Person) -> PageQuerySet:
    """Keep the published pages that ``user`` may open."""
    return pages.live().exclude(closed_to(user))
