"""The request that a member has begun and not sent: kept as it was typed, for its author alone.

There is one for each person and structure: the last form that was typed in. What the sender
answers for (the identity that was checked, the card that was read again) is not kept: it is given
when the request is sent.
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.forms import CHECKED
from activation.models import ActivationDraft, ActivationRequest, AnswerSheet, RequestSheet
from portal.structures.models import Membership
from portal.telecom import iccid

_DATE = ("birth_date_day", "birth_date_month", "birth_date_year")
#: What is kept of the form, by the names of its inputs.
KEPT = (
    *(name for name in CHECKED if name != "birth_date"),
    *(*_DATE, "civility", "portability", "language"),
)
#: Nothing was typed where only these are filled.
_ALWAYS_FILLED = {"language"}
#: Characters of one input: more than any field of the form accepts.
_LONGEST = 100


@dataclass(frozen=True, repr=False)
class Draft:
    """What a member has begun. No ``repr``: it would show a person's data.

    ``values`` are what was typed, by input; ``key`` is the one drawn with the form.
    """

    key: uuid.UUID
    values: Mapping[str, str]
    saved_at: dt.datetime

    @property
    def card(self) -> str:
        """Return the card as typed, without separators; empty where none was."""
        return iccid.clean(self.values.get("iccid", ""))

    def initial(self) -> dict[str, Any]:
        """Return what the form shows of it."""
        shown: dict[str, Any] = {n: v for n, v in self.values.items() if n not in _DATE}
        return {
            **shown,
            "key": self.key,
            "birth_date": [self.values.get(name, "") for name in _DATE],
        }


@sensitive_variables()
def save(typed: Mapping[str, Any], *, of: Membership) -> bool:
    """Keep what ``of`` has typed in place of what was kept before.

    Args:
        typed: the inputs of the form, by name; those that are not kept are left out.

    Returns:
        Whether there was anything to keep: an empty form is none, nor one that was sent already
        (the check of a field may arrive after it).
    """
    key = _uuid(typed.get("key"))
    values = {name: str(typed[name])[:_LONGEST] for name in KEPT if typed.get(name)}
    if key is None or not values.keys() - _ALWAYS_FILLED or _was_sent(key, of):
        return False
    ActivationDraft.objects.update_or_create(
        structure=of.structure,
        by=of.user,
        defaults={"content": json.dumps({"key": str(key), "values": values})},
    )
    return True


@sensitive_variables()
def load(*, of: Membership) -> Draft | None:
    """Return what ``of`` has begun in this structure; what was sent since is forgotten."""
    row = ActivationDraft.objects.filter(structure=of.structure_id, by=of.user_id).first()
    if row is None:
        return None
    content = json.loads(row.content)
    draft = Draft(uuid.UUID(content["key"]), content["values"], row.updated_at)
    if _was_sent(draft.key, of):
        row.delete()
        return None
    return draft


def discard(*, of: Membership) -> None:
    """Forget what ``of`` has begun."""
    ActivationDraft.objects.filter(structure=of.structure_id, by=of.user_id).delete()


def discard_sent(*, of: Membership) -> None:
    """Forget what ``of`` has just sent; another form, begun meanwhile in another tab, stays."""
    load(of=of)


def purge() -> int:
    """Delete what holds a person's data and leads nowhere any more; return how many rows.

    These are the forms that nobody touched, the files of requests, sent or not, and the files of
    answers that nobody applied, after the delays of the settings.
    """
    now = timezone.now()
    sheet_limit = now - settings.ACTIVATION_SHEETS_KEPT
    abandoned: tuple[QuerySet[Any], ...] = (
        ActivationDraft.objects.filter(updated_at__lt=now - settings.ACTIVATION_DRAFTS_KEPT),
        RequestSheet.objects.filter(created_at__lt=sheet_limit),
        AnswerSheet.objects.filter(created_at__lt=sheet_limit, applied_at=None),
    )
    return sum(rows.delete()[0] for rows in abandoned)


def _was_sent(key: uuid.UUID, of: Membership) -> bool:
    sent = ActivationRequest.objects.filter(submission_key=key, created_by=of.user_id)
    return sent.exists()


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
