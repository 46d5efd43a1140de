"""A file of SFR's answers from its deposit to its end: kept encrypted, shown, applied, emptied.

It is applied piece by piece, each one transaction with the count of what is done: a process that
dies is followed by another that goes on where it stopped.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from kombu.exceptions import OperationalError

from activation.exchange import answers, reading
from activation.exchange.answers import CHUNK, Answer, Outcome, Verdict
from activation.exchange.reading import Line
from activation.exchange.verdicts import screen
from activation.models import AnswerSheet
from activation.rights import check_operator
from portal.accounts.models import User
from portal.privacy.services import record

#: Lines that a request applies while its sender waits; a worker applies more.
AT_ONCE = 1_000
KEPT = dt.timedelta(days=1)
_DONE, _LINES = "done", "lines"


@sensitive_variables()
def deposit(file: BinaryIO, *, by: User) -> AnswerSheet:
    """Read a file and keep its lines for the preview; nothing is applied.

    Raises:
        UnreadableFile: see `reading.read`.
        NotAllowed: ``by`` is no operator.
    """
    check_operator(by, "Seul un opérateur enregistre les réponses de SFR.")
    lines = reading.read(file)
    with transaction.atomic():
        sheet = AnswerSheet.objects.create(
            by=by, content=packed(lines), counts={_LINES: len(lines)}
        )
        record(by=by, action="activation.answers_deposited", target=sheet, lines=len(lines))
    return sheet


@sensitive_variables()
def preview(sheet: AnswerSheet) -> list[tuple[Line, Verdict]]:
    """Return what each line would do now."""
    lines = _unpacked(sheet)
    return list(zip(lines, answers.judge([line.answer for line in lines]), strict=True))


def tally(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Count the verdicts by outcome."""
    counted = Counter(one.outcome.value for one in verdicts)
    return {outcome.value: counted[outcome.value] for outcome in Outcome}


def is_begun(sheet: AnswerSheet) -> bool:
    """Whether somebody asked for the file to be applied."""
    return _DONE in sheet.counts


def begin(sheet: AnswerSheet) -> None:
    """Apply a short file at once, and hand a long one to a worker; a second time goes on."""
    with transaction.atomic():
        row = AnswerSheet.objects.select_for_update().defer("content").get(pk=sheet.pk)
        row.counts.setdefault(_DONE, 0)
        row.save(update_fields=["counts"])
    if row.counts[_LINES] <= AT_ONCE:
        apply(row.pk)
        return
    from activation.tasks import apply_answers  # noqa: PLC0415  (tasks import this module)

    # With a broker that is away the sweep finds the file within a minute.
    with suppress(OperationalError):
        apply_answers.apply_async((row.pk,), retry=False, ignore_result=True)


@sensitive_variables()
def apply(pk: int) -> None:
    """Apply a file that was begun, or what is left of it; applied already, nothing changes."""
    fresh = AnswerSheet.objects.select_related("by").get(pk=pk)
    if fresh.applied_at or not is_begun(fresh):
        return
    screened = screen([line.answer for line in _unpacked(fresh)])
    while _apply_next(fresh, screened):
        pass


@transaction.atomic
def _apply_next(sheet: AnswerSheet, screened: Sequence[Answer | Verdict]) -> bool:
    """Apply the next piece; return whether there is more. Two that apply it at once take turns."""
    row = AnswerSheet.objects.select_for_update().defer("content").get(pk=sheet.pk)
    if row.applied_at:
        return False
    start = int(row.counts[_DONE])
    verdicts = answers.apply_screened(screened[start : start + CHUNK], by=sheet.by)
    for name, count in tally(verdicts).items():
        row.counts[name] = row.counts.get(name, 0) + count
    row.counts[_DONE] = start + len(verdicts)
    changed = ["counts"]
    if row.counts[_DONE] >= len(screened):
        row.applied_at = timezone.now()
        row.content = ""
        changed += ["applied_at", "content"]
        record(by=sheet.by, action="activation.answers_applied", target=row, **row.counts)
    row.save(update_fields=changed)
    return row.applied_at is None


def drop(sheet: AnswerSheet) -> bool:
    """Delete a file that nobody asked to apply; return whether there was one."""
    waiting = AnswerSheet.objects.filter(pk=sheet.pk, applied_at=None)
    gone, _ = waiting.exclude(counts__has_key=_DONE).delete()
    return gone > 0


def unfinished() -> list[int]:
    """Return the keys of files that were begun and not finished."""
    found = AnswerSheet.objects.filter(applied_at=None, counts__has_key=_DONE)
    return list(found.values_list("pk", flat=True))


def purge() -> None:
    """Drop the files that nobody applied within a day."""
    old = AnswerSheet.objects.filter(applied_at=None, created_at__lt=timezone.now() - KEPT)
    old.exclude(counts__has_key=_DONE).delete()


def packed(lines: Sequence[Line]) -> str:
    """Return lines as a sheet keeps them."""
    return json.dumps([[line.number, *_fields(line.answer)] for line in lines])


def _fields(answer: Answer) -> list[Any]:
    day = answer.porting_on.isoformat() if answer.porting_on else None
    return [
        *(answer.iccid, answer.meaning, answer.line_number, answer.reason, day),
        answer.problem,
    ]


def _unpacked(sheet: AnswerSheet) -> list[Line]:
    rows: list[list[Any]] = json.loads(sheet.content or "[]")
    return [Line(number, _of_fields(*fields)) for number, *fields in rows]


def _of_fields(
    iccid: str, meaning: str, line_number: str, reason: str, day: str | None, problem: str
) -> Answer:
    porting_on = dt.date.fromisoformat(day) if day else None
    return Answer(iccid, meaning, line_number, reason, porting_on, problem)
