"""Which restricted pages a person may know of, in lists as well as by address."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from wagtail.models import PageViewRestriction
from wagtail.query import PageQuerySet

from portal.accounts.models import User

Person = User | AnonymousUser


def closed_to(user: Person) -> Q:
    """Return the condition of pages that Wagtail's privacy keeps from ``user``.

    Two queries at most: the restrictions, and the person's groups where one names groups.
    """
    closed = Q(pk__in=())
    restrictions = PageViewRestriction.objects.select_related("page").prefetch_related("groups")
    mine: set[int] | None = None
    for restriction in restrictions:
        if restriction.restriction_type == PageViewRestriction.LOGIN and user.is_authenticated:
            continue
        if restriction.restriction_type == PageViewRestriction.GROUPS and user.is_authenticated:
            mine = set(user.groups.values_list("pk", flat=True)) if mine is None else mine
            if user.is_superuser or mine & {group.pk for group in restriction.groups.all()}:
                continue
        closed |= Q(path__startswith=restriction.page.path)
    return closed


def visible_to(pages: PageQuerySet, user: Person) -> PageQuerySet:
    """Keep the published pages that ``user`` may open."""
    return pages.live().exclude(closed_to(user))
