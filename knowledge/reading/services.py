"""Keeping pages of RESSOURCES, and remembering the last ones that were read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.models import Page
from wagtail.query import PageQuerySet

from knowledge.estimator.models import EstimatorPage
from knowledge.models import GuidePage
from knowledge.reading.models import Favourite, Reading
from knowledge.visibility import Person, visible_to
from portal.accounts.models import User

#: Rows of what a person read; older ones go as new ones come.
KEPT = 20
#: What « Dernières lues » shows.
SHOWN = 8
#: A year after it was read, nobody needs to know.
FORGOTTEN = dt.timedelta(days=365)


@dataclass(frozen=True)
class Shelf:
    """What a person keeps and what they read lately, as far as they may still open it."""

    favourites: list[Page]
    recent: list[Page]


def open_to(user: Person) -> PageQuerySet:
    """Return the guides and tools of RESSOURCES that ``user`` may open."""
    return visible_to(Page.objects.type(GuidePage, EstimatorPage), user)


def keep(*, by: User, page: Page) -> None:
    """Put a page among the favourites; again changes nothing."""
    Favourite.objects.get_or_create(user=by, page=page)


def forget(*, by: User, page: Page) -> None:
    """Take a page out of the favourites."""
    Favourite.objects.filter(user=by, page=page).delete()


def kept_among(user: User, pages: list[int]) -> set[int]:
    """Return which of these pages, by key, are favourites of this person."""
    return set(Favourite.objects.filter(user=user, page__in=pages).values_list("page", flat=True))


@transaction.atomic
def note(*, by: User, page: Page) -> None:
    """Remember that a page was read now, and forget all but the last ones."""
    Reading.objects.update_or_create(user=by, page=page, defaults={"at": timezone.now()})
    mine = Reading.objects.filter(user=by)
    last = mine.order_by("-at", "-pk").values("pk")[:KEPT]
    mine.exclude(pk__in=list(last.values_list("pk", flat=True))).delete()


def shelf_of(user: User, *, favourites: int | None = None, recent: int = SHOWN) -> Shelf:
    """Return what a person keeps, by title, and read, last first: a fixed number of queries.

    Args:
        favourites: at most so many, all of them by default.
        recent: at most so many.
    """
    kept = Favourite.objects.filter(user=user).values("page")
    found = open_to(user).filter(pk__in=kept).order_by("title", "pk")[:favourites]
    read = Reading.objects.filter(user=user).order_by("-at", "-pk")
    last = list(read.values_list("page", flat=True))
    by_key = open_to(user).in_bulk(last)
    return Shelf(
        favourites=_specific(found),
        recent=_specific([by_key[key] for key in last if key in by_key][:recent]),
    )


def _specific(pages: Any) -> list[Page]:
    """Return the pages as guides or tools, in their order."""
    rows = list(pages)
    whole = Page.objects.filter(pk__in=[page.pk for page in rows]).specific().in_bulk()
    return [whole[page.pk] for page in rows if page.pk in whole]


def purge() -> None:
    """Forget what was read a year ago, and what people read whose account is closed."""
    old = Q(at__lt=timezone.now() - FORGOTTEN)
    Reading.objects.filter(old | Q(user__is_active=False)).delete()
