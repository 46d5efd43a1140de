"""What nobody has read again for six months: a list, a button, and one e-mail.

A publication is a reading. What is due is said once to éditeurs and modérateurs, by an e-mail
with the whole list; the report keeps it until somebody has read it.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import enqueue
from portal.pages.models.watch import Review
from portal.pages.watch import things
from portal.ui.errors import NotAllowed

READERS = (str(Role.EDITOR), str(Role.MODERATOR))
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def due() -> QuerySet[Any, dict[str, Any]]:
    """Return kind, key and last reading of what must be read again, the oldest first."""
    limit = timezone.now() - settings.EDITORIAL_REVIEW_AFTER
    first, *others = (_due_of(model, limit) for model in things.models())
    return first.union(*others, all=True).order_by("since", "kind", "key")


def _due_of(model: type[Any], limit: dt.datetime) -> QuerySet[Any, dict[str, Any]]:
    kind = things.kind_of(model)
    review = Review.objects.filter(kind=kind, object_id=OuterRef("pk"))
    read = Greatest("last_published_at", Subquery(review.values("reviewed_at")[:1]))
    rows: QuerySet[Any, dict[str, Any]] = (
        things.published(model)
        .annotate(
            kind=Value(kind),
            key=F("pk"),
            since=Coalesce(read, Value(NEVER, output_field=DateTimeField())),
        )
        .filter(since__lt=limit)
        .order_by()
        .values("kind", "key", "since")
    )
    return rows


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to rows of `due` what a list shows of each; what is gone meanwhile is left out."""
    found = things.load((row["kind"], row["key"]) for row in rows)
    return [
        {
            **row,
            "title": str(thing),
            "label": things.label(thing),
            "url": things.edit_url(thing),
            "known": row["since"] > NEVER,
        }
        for row in rows
        if (thing := found.get((row["kind"], row["key"]))) is not None
    ]


def mark(thing: Any, *, by: User) -> None:
    """Note that ``by`` has read it again, and that it still is right.

    Raises:
        NotAllowed: the person may not write it.
    """
    if not things.may_change(by, thing):
        raise NotAllowed("Seules les personnes qui peuvent modifier ce texte peuvent le relire.")
    Review.objects.update_or_create(
        kind=things.kind_of(type(thing)),
        object_id=thing.pk,
        defaults={"reviewed_at": timezone.now(), "reviewed_by": by},
    )


@transaction.atomic
def remind() -> int:
    """Tell éditeurs and modérateurs what became due; return how many things did.

    A second call says nothing: each thing is told once for each time that it becomes due.
    """
    told = {
        (kind, key): at
        for kind, key, at in Review.objects.exclude(reminded_at=None).values_list(
            "kind", "object_id", "reminded_at"
        )
    }
    names = {(row["kind"], row["key"]): row["since"] for row in due()}
    fresh = [name for name, since in names.items() if name not in told or told[name] <= since]
    if not fresh:
        return 0
    now = timezone.now()
    Review.objects.bulk_create(
        [Review(kind=kind, object_id=key, reminded_at=now) for kind, key in fresh],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["reminded_at"],
    )
    readers = User.objects.filter(is_active=True, groups__name__in=READERS).distinct()
    for uuid in readers.values_list("uuid", flat=True):
        enqueue("pages.review_due", {"user": str(uuid)})
    return len(fresh)
