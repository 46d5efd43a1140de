"""Noting to whom the numbers went, correcting it, and finding it again."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Membership
from portal.ui.forms import french_date
from shop.handovers import references
from shop.handovers.limits import Person, check_month
from shop.handovers.locks import lock_codes, lock_person_and_lines, there
from shop.handovers.models import HandOver, HandOverQuerySet
from shop.handovers.references import HandOverRefused
from shop.handovers.units import Payer, choose, units_of
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet


class DayRefused(HandOverRefused):
    """The day is in the future, or before the structure had the number."""

    default_code = "day_refused"
    field = "handed_on"


class RemovalReason(models.TextChoices):
    """Why a hand-over leaves the carnet: a choice, so that nobody writes a name there."""

    MISTAKE = "mistake", "Notée par erreur, ou sur le mauvais numéro"
    NOT_TAKEN = "not_taken", "La personne n’a finalement pas pris la recharge"
    OTHER = "other", "Autre raison"


@dataclass(frozen=True)
class Note:
    """What is written of a hand-over.

    Attributes:
        reference: of the person, as typed.
        handed_on: the day, Europe/Paris.
        paid_by: who finally pays.
        amount: in euros; none for the unit's own price.
    """

    reference: str
    handed_on: dt.date
    paid_by: Payer
    amount: Decimal | None = None


def to_note(by: Membership) -> RechargeCodeQuerySet:
    """Return the structure's numbers that somebody has seen and that the carnet lacks."""
    return (
        RechargeCode.objects.visible_to(by)
        .given()
        .filter(first_shown_at__isnull=False, handover=None)
    )


def hand_over(
    *,
    by: Membership,
    code: RechargeCode,
    reference: str,
    handed_on: dt.date,
    paid_by: Payer,
    amount: Decimal | None = None,
) -> HandOver:
    """Note to whom a number went.

    Args:
        by: the member, for their current structure.
        code: given to that structure.
        reference: of the person, the structure's own.
        handed_on: the day, Europe/Paris.
        paid_by: who finally pays; nobody for a free one.
        amount: in euros; the unit's price by default.

    Raises:
        HandOverRefused: its ``field`` says where; nothing was noted.
    """
    note = Note(reference, handed_on, Payer(paid_by), amount)
    (made,) = _hand_over(by, [code], note)
    return made


def hand_over_together(
    *,
    by: Membership,
    codes: Collection[RechargeCode],
    reference: str,
    handed_on: dt.date,
    paid_by: Payer,
) -> list[HandOver]:
    """Note that several numbers went to one person: all of them, or none.

    Free units are used first; ``paid_by`` pays the price of the others.

    Raises:
        HandOverRefused: its ``field`` says where; nothing was noted.
    """
    note = Note(reference, handed_on, Payer(paid_by))
    return _hand_over(by, sorted(codes, key=lambda code: code.pk), note, free_first=True)


@transaction.atomic
def _hand_over(
    by: Membership, codes: Sequence[RechargeCode], note: Note, *, free_first: bool = False
) -> list[HandOver]:
    reference = references.clean(note.reference)
    person = Person(by.structure, references.fingerprint_of(by.structure_id, reference))
    lines = lock_person_and_lines(person, {code.order_line_id for code in codes})
    made = []
    for code in lock_codes(by, codes):
        _check_day(code, note.handed_on)
        check_month(person, on=note.handed_on)
        units = units_of(lines[code.order_line_id])
        paid_by = Payer.NOBODY if free_first and units.free_left else note.paid_by
        amount = _amount(paid_by, note.amount, units.price)
        row = HandOver(
            code=code,
            structure_id=by.structure_id,
            by=by.user,
            reference=reference,
            reference_fingerprint=person.fingerprint,
            handed_on=note.handed_on,
            paid_by=paid_by,
            amount=amount,
            quota=choose(units, person=person, paid_by=paid_by, amount=amount),
        )
        row.save(force_insert=True)
        record(by=by.user, action="handovers.noted", target=row, **_traced(row))
        made.append(row)
    return made


@transaction.atomic
def correct(
    *,
    by: Membership,
    row: HandOver,
    reference: str,
    handed_on: dt.date,
    paid_by: Payer,
    amount: Decimal | None = None,
) -> HandOver:
    """Change what was noted; the same rules hold, and the trail keeps both versions.

    Raises:
        HandOverRefused: its ``field`` says where; nothing was changed.
    """
    text = references.clean(reference)
    person = Person(by.structure, references.fingerprint_of(by.structure_id, text), without=row)
    line_id = there(by, row).code.order_line_id
    lines = lock_person_and_lines(person, {line_id})
    now = there(by, row, lock=True)
    before = {**_traced(now), "reference": now.reference_fingerprint}
    _check_day(now.code, handed_on)
    check_month(person, on=handed_on)
    units = units_of(lines[line_id], without=now)
    now.reference, now.reference_fingerprint = text, person.fingerprint
    now.handed_on, now.paid_by = handed_on, Payer(paid_by)
    now.amount = _amount(Payer(paid_by), amount, units.price)
    now.quota = choose(units, person=person, paid_by=Payer(paid_by), amount=now.amount)
    now.save()
    after = {**_traced(now), "reference": now.reference_fingerprint}
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if "reference" in changed:
        changed["reference"] = ["…", "…"]  # that it changed, not what it was
    record(by=by.user, action="handovers.corrected", target=now, changed=changed)
    return now


@transaction.atomic
def remove(*, by: Membership, row: HandOver, reason: RemovalReason) -> None:
    """Take a hand-over out of the carnet; the trail keeps it, without the person.

    Raises:
        HandOverRefused: it is another structure's, or gone.
    """
    now = there(by, row, lock=True)
    why = RemovalReason(reason).value
    record(by=by.user, action="handovers.removed", target=now, reason=why, **_traced(now))
    now.delete()


def move(*, by: User, old: RechargeCode, new: RechargeCode) -> None:
    """Let a hand-over follow a faulty code to its replacement, in the caller's transaction.

    Args:
        by: who reported the code, or decided to replace it.
        old: the faulty code; it may have no hand-over, then nothing happens.
        new: of the same order line.
    """
    row = HandOver.objects.select_for_update(of=("self",)).filter(code=old).first()
    if row is None:
        return
    row.code = new
    row.save(update_fields=["code"])
    record(by=by, action="handovers.moved", target=row, old=str(old.uuid), new=str(new.uuid))


def find_by_reference(membership: Membership, text: str) -> HandOverQuerySet:
    """Return the hand-overs to the person of a reference, however it is spelled."""
    if not references.normalise(text):
        return HandOver.objects.visible_to(membership).none()
    person = references.fingerprint_of(membership.structure_id, text)
    return HandOver.objects.visible_to(membership).filter(reference_fingerprint=person)


def _check_day(code: RechargeCode, day: dt.date) -> None:
    if day > timezone.localdate():
        raise DayRefused("La remise ne peut pas être dans le futur.")
    given = timezone.localdate(code.given_at)
    if day < given:
        raise DayRefused(
            f"Vous avez reçu ce numéro le {french_date(given)}\u00a0: la remise est ce jour-là ou "
            "après."
        )


def _amount(paid_by: Payer, amount: Decimal | None, price: Decimal) -> Decimal:
    if amount is not None:
        return amount
    return Decimal("0.00") if paid_by == Payer.NOBODY else price


def _traced(row: HandOver) -> dict[str, Any]:
    """Return what the trail keeps: nothing of the person."""
    return {
        "code": str(row.code.uuid),
        "handed_on": row.handed_on.isoformat(),
        "paid_by": str(row.paid_by),
        "amount": str(row.amount),
    }
