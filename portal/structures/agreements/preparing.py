"""Drafts of conventions and avenants: made for a candidature or by hand, and their terms."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.agreements.moves import kind_of, lock
from portal.structures.lifecycle import log
from portal.structures.models import Agreement, Amendment, AmendmentNeed, Structure
from portal.structures.signals import amendment_validated
from portal.ui.errors import DomainError

#: Length of the avenant prepared for a candidature; the référent changes its dates.
FIRST_AVENANT_MONTHS: Final = 3
FIRST_LABEL: Final = "Connexion d’urgence"
_A_DAY = dt.timedelta(days=1)
#: What may change under a convention that is signed: how it is applied, never what it says.
APPLIED: Final = ("limit_per_person", "delivery_mode", "allows_solidarity_prices")
_A = Agreement.State
_V = Amendment.State


class TermsRefused(DomainError):
    """The terms cannot be so; the message says what to change."""

    default_code = "terms_refused"


class Asked(NamedTuple):
    """A need of a candidature: units of a product in a month."""

    upc: str
    title: str
    per_month: int


class Need(NamedTuple):
    """A need of an avenant, as a référent writes it: units for its whole period."""

    upc: str
    title: str
    asked: int
    validated: int | None
    per_beneficiary: int | None


@transaction.atomic
def prepare(
    *,
    structure: Structure,
    needs: Iterable[Asked],
    delivery_mode: str,
    public: str = "",
    by: User,
) -> Agreement:
    """Draft the convention of an accepted candidature, and an avenant that answers its needs.

    A structure that has a convention, in force or under way, gets an avenant under that one.

    Args:
        structure: its row is locked here.
        needs: units a month; none: no avenant.
        delivery_mode: of SIM cards, an `Agreement.Delivery`.
        public: whom the structure receives.
        by: the référent.
    """
    row = Structure.objects.select_for_update(no_key=True).get(pk=structure.pk)
    today = timezone.localdate()
    known = list(row.agreements.all())
    agreement = next((one for one in known if one.in_force(today)), None) or next(
        (one for one in known if one.state in Agreement.UNDER_WAY), None
    )
    if agreement is None:
        agreement = _draft(row, by=by, delivery_mode=delivery_mode, public=public)
    wanted = [one for one in needs if one.per_month]
    if wanted:
        amendment = draft_amendment(by=by, agreement=agreement, delivery_mode=delivery_mode)
        AmendmentNeed.objects.bulk_create(
            AmendmentNeed(
                amendment=amendment,
                upc=one.upc,
                title=one.title,
                asked=one.per_month * FIRST_AVENANT_MONTHS,
            )
            for one in wanted
        )
    return agreement


@transaction.atomic
def draft_agreement(*, by: User, structure: Structure) -> Agreement:
    """Draft a convention by hand.

    Raises:
        TermsRefused: one is under way, or the structure is closed.
    """
    row = Structure.objects.select_for_update(no_key=True).get(pk=structure.pk)
    if row.state == Structure.State.CLOSED:
        raise TermsRefused("Cette structure est fermée.")
    if row.agreements.filter(state__in=Agreement.UNDER_WAY).exists():
        raise TermsRefused("Une convention est déjà en préparation pour cette structure.")
    last = row.agreements.first()
    mode = last.delivery_mode if last else Agreement.Delivery.SHIPPING
    return _draft(row, by=by, delivery_mode=mode, public=row.public)


def _draft(structure: Structure, *, by: User, delivery_mode: str, public: str) -> Agreement:
    """Draft a convention of a year from today, or from the end of one that stops."""
    today = timezone.localdate()
    bound = [one.ends_on for one in structure.agreements.all() if one.in_force(today)]
    start = max(bound) + _A_DAY if bound else today
    made: Agreement = Agreement.objects.create(
        structure=structure,
        starts_on=start,
        ends_on=_a_year_after(start),
        delivery_mode=delivery_mode,
        public=public or structure.public,
    )
    _begin(made, by)
    return made


@transaction.atomic
def draft_amendment(*, by: User, agreement: Agreement, delivery_mode: str = "") -> Amendment:
    """Draft an avenant under a convention.

    Raises:
        TermsRefused: the convention is over.
    """
    row = lock(agreement)
    if row.state in (_A.DENOUNCED, _A.ENDED):
        raise TermsRefused("Cette convention se termine\u00a0: préparez d’abord la suivante.")
    start = max(row.starts_on, timezone.localdate())
    made: Amendment = Amendment.objects.create(
        agreement=row,
        label=FIRST_LABEL,
        starts_on=start,
        ends_on=start + dt.timedelta(days=91),
        delivery_mode=delivery_mode or row.delivery_mode,
    )
    _begin(made, by)
    return made


def _begin(paper: Agreement | Amendment, by: User) -> None:
    structure = paper.structure if isinstance(paper, Agreement) else paper.agreement.structure
    kind = kind_of(paper).value
    log(structure=structure, subject=paper, kind=kind, was="", now=paper.state, by=by)


@transaction.atomic
def change_agreement(*, by: User, agreement: Agreement, **terms: Any) -> Agreement:
    """Change the terms of a draft; of a convention in force, only how it is applied (`APPLIED`).

    Raises:
        TermsRefused: the paper is being signed or over, the dates are no period, or an avenant
            would begin before its convention.
    """
    row = lock(agreement)
    names = _changeable(row)
    for name in set(terms) & set(names):
        setattr(row, name, terms[name])
    check_period(row.starts_on, row.ends_on)
    if row.amendments.filter(starts_on__lt=row.starts_on).exists():
        raise TermsRefused(
            "Un avenant de cette convention commence avant elle\u00a0: changez d’abord ses dates."
        )
    row.save()
    shown = {name: str(terms[name]) for name in names if name in terms and name != "public"}
    record(by=by, action="structures.convention_changed", target=row, **shown)
    return row


def _changeable(row: Agreement) -> tuple[str, ...]:
    if row.state == _A.DRAFT:
        return ("starts_on", "ends_on", "public", "renews_tacitly", *APPLIED)
    if row.state in (_A.IN_FORCE, _A.DENOUNCED):
        return APPLIED
    raise TermsRefused(
        "Cette convention ne change plus dans son état actuel. Reprenez-la en préparation, ou "
        "préparez la suivante."
    )


@transaction.atomic
def change_amendment(
    *,
    by: User,
    amendment: Amendment,
    label: str,
    starts_on: dt.date,
    ends_on: dt.date,
    delivery_mode: str,
    needs: Iterable[Need],
) -> Amendment:
    """Change a draft avenant, or the quantities and dates of a validated one.

    The quotas of a validated one follow in the same transaction.

    Raises:
        TermsRefused: the paper is being signed or over, or the dates cannot be so.
        DomainError: what the shop refuses, such as a quantity below what is used.
    """
    agreement = lock(amendment.agreement)
    row = lock(amendment)
    if row.state not in (_V.DRAFT, _V.VALIDATED):
        raise TermsRefused(
            "Cet avenant ne change plus dans son état actuel. Reprenez-le en préparation, ou "
            "préparez le suivant."
        )
    check_period(starts_on, ends_on)
    if starts_on < agreement.starts_on:
        raise TermsRefused("L’avenant ne peut pas commencer avant la convention.")
    before = row.delivery_mode
    row.label, row.delivery_mode = label, delivery_mode
    row.starts_on, row.ends_on = starts_on, ends_on
    row.save()
    _write_needs(row, list(needs))
    _record_terms(row, by)
    if row.state == _V.VALIDATED:
        if delivery_mode != before:
            deliver_as(agreement, row)
        amendment_validated.send(sender=Amendment, amendment=row, by=by)
    return row


def deliver_as(agreement: Agreement, amendment: Amendment) -> None:
    """Let SIM cards travel as an avenant says: the shop asks its convention, which is locked."""
    agreement.delivery_mode = amendment.delivery_mode
    agreement.save(update_fields=["delivery_mode"])


def _record_terms(row: Amendment, by: User) -> None:
    record(
        by=by,
        action="structures.avenant_changed",
        target=row,
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        validated=dict(row.needs.values_list("upc", "validated")),
    )


def _write_needs(row: Amendment, wanted: list[Need]) -> None:
    """Write the needs of a draft as they are; of a validated one, keep each with its demand."""
    known = {need.upc: need for need in row.needs.all()}
    for one in wanted:
        need = known.pop(one.upc, None) or AmendmentNeed(amendment=row, upc=one.upc)
        if need.pk is None or row.state == _V.DRAFT:
            need.title, need.asked = one.title, one.asked
        need.validated = one.validated
        if row.state == _V.VALIDATED:
            need.validated = one.validated or 0
        need.per_beneficiary = one.per_beneficiary
        need.save()
    if row.state == _V.DRAFT:
        row.needs.filter(pk__in=[need.pk for need in known.values()]).delete()


def check_period(starts_on: dt.date, ends_on: dt.date) -> None:
    """Let a period pass.

    Raises:
        TermsRefused: it ends before it begins.
    """
    if ends_on < starts_on:
        raise TermsRefused("Le dernier jour est avant le premier\u00a0: vérifiez les deux dates.")


def _a_year_after(day: dt.date) -> dt.date:
    """Return the last day of a year that begins on ``day``."""
    try:
        return day.replace(year=day.year + 1) - _A_DAY
    except ValueError:  # 29 February
        return dt.date(day.year + 1, 2, 28)
