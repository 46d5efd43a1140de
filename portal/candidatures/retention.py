"""How long a candidature that led nowhere says who asked: its row stays, without anybody in it."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.candidatures.models import (
    ANONYMOUS,
    CLOSED,
    Candidature,
    CandidatureEvent,
    CandidatureMember,
)
from portal.privacy.models import AuditEntry

BATCH = 500  # candidatures of one transaction
ACTION = "candidatures.anonymised"
#: The people, and what may name one: where a small association is at home, its number, free text.
_BLANK = dict.fromkeys(
    (
        *("email", "siret", "rna", "public", "address", "city", "equipment"),
        *("lead_first_name", "lead_last_name", "lead_email", "lead_phone"),
    ),
    "",
)


def anonymise() -> int:
    """Take the people out of what was refused or withdrawn longer ago than it is kept.

    Batches of `BATCH`, one transaction each, with its row in the audit trail: killed at any
    moment, what is done is told, and the next run goes on. A replay finds nothing and writes
    nothing. Rows that somebody else holds are left to the next run.

    Returns:
        How many candidatures.
    """
    before = timezone.now() - settings.CANDIDATURES_KEPT
    total = 0
    while True:
        with transaction.atomic():
            rows = _due(before).order_by("pk").select_for_update(of=("self",), skip_locked=True)
            keys = list(rows.values_list("pk", flat=True)[:BATCH])
            if not keys:
                return total
            _blank(keys)
            AuditEntry.objects.create(
                action=ACTION,
                target_type=Candidature._meta.label_lower,
                details={"count": len(keys), "before": before.isoformat()},
            )
        total += len(keys)


def _due(before: dt.datetime) -> QuerySet[Candidature]:
    """Return what is closed, and to which nothing has happened since ``before``."""
    since = CandidatureEvent.objects.filter(candidature=OuterRef("pk"), at__gte=before)
    closed = Candidature.objects.filter(state__in=CLOSED, updated_at__lt=before)
    return closed.exclude(email="").filter(~Exists(since))


def _blank(keys: list[int]) -> None:
    Candidature.objects.filter(pk__in=keys).update(
        **_BLANK, name=ANONYMOUS, email_confirmed_at=None
    )
    CandidatureMember.objects.filter(candidature__in=keys).delete()
    # What a référent wrote may quote a name.
    CandidatureEvent.objects.filter(candidature__in=keys).update(reason="")
