"""Putting cards into a delivery: what was scanned or pasted, checked line by line, all or none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures import cards
from portal.telecom import iccid
from portal.ui.errors import DomainError
from shop.products.models import ProductTerms
from shop.sims.models import Delivery, SimCard
from shop.sims.services import check_staff, check_waiting, lock

OrderLine = get_model("order", "Line")
#: More than any order holds, and little enough to be checked at once.
MAX_LINES = 2000


@dataclass(frozen=True)
class Problem:
    """A line that is refused, counted from 1, and why; line 0 is about the whole."""

    line: int
    reason: str


class CardsRefused(DomainError):
    """Nothing was kept; ``problems`` says what to mend."""

    default_code = "cards_refused"
    default_message = "Rien n’a été enregistré\u00a0: corrigez les lignes indiquées."

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = sorted(problems, key=lambda one: one.line)


@dataclass(frozen=True, repr=False)
class Scanned:
    """A card as it was scanned. No ``repr``: it would show the number."""

    line: int
    digits: str
    fingerprint: str


@sensitive_variables()
def prepare(*, by: User, delivery: Delivery, typed: str) -> Delivery:
    """Put the cards that a delivery lacks into it, exactly as many as were ordered.

    Args:
        by: who prepares.
        delivery: still to be prepared.
        typed: one serial number a line; empty lines and spaces do not count.

    Raises:
        CardsRefused: a line is no good, or there are too few or too many; nothing was kept.
        MoveRefused: the cards have left, or the delivery is cancelled.
        NotAllowed: preparing is not for ``by``.
    """
    check_staff(by)
    lines = [(number, text) for number, text in enumerate(typed.splitlines(), 1) if text.strip()]
    if len(lines) > MAX_LINES:
        raise CardsRefused([Problem(0, f"Saisissez {MAX_LINES} numéros au plus à la fois.")])
    scanned, problems = _read(lines)
    try:
        # A savepoint: what the database refuses is then looked up, to be named.
        with transaction.atomic():
            row = lock(delivery)
            check_waiting(row)
            problems += _taken(scanned, row) + _miscounted(row, len(lines))
            if problems:
                raise CardsRefused(problems)
            return _store(by, row, scanned)
    except IntegrityError as error:
        # Somebody else put the same card elsewhere between our look and our writing.
        taken = _taken(scanned, delivery)
        if not taken:
            raise
        raise CardsRefused(taken) from error


def _read(lines: Iterable[tuple[int, str]]) -> tuple[list[Scanned], list[Problem]]:
    """Return the good cards of some lines, and what is wrong with the others."""
    scanned: dict[str, Scanned] = {}
    problems = []
    for number, text in lines:
        try:
            digits = iccid.check(text)
        except ValidationError as error:
            problems.append(Problem(number, " ".join(error.messages)))
            continue
        one = Scanned(number, digits, SimCard.fingerprint_of(digits))
        first = scanned.setdefault(one.fingerprint, one)
        if first is not one:
            problems.append(Problem(number, f"Cette carte est déjà à la ligne {first.line}."))
    return list(scanned.values()), problems


def _store(by: User, row: Delivery, scanned: list[Scanned]) -> Delivery:
    # In the order of their numbers, as people look for them; and two people with the same cards
    # wait for each other, never in a ring.
    ordered = sorted(scanned, key=lambda one: one.digits)
    SimCard.objects.bulk_create(
        SimCard(
            delivery=row,
            order_line_id=line,
            iccid=one.digits,
            iccid_fingerprint=one.fingerprint,
        )
        for one, line in zip(ordered, _places(row), strict=True)
    )
    row.prepared_by, row.prepared_at = by, timezone.now()
    row.save(update_fields=["prepared_by", "prepared_at"])
    record(by=by, action="sims.prepared", target=row, cards=len(scanned))
    return row


def _places(row: Delivery) -> Iterator[int]:
    """Return the order line of each missing card."""
    lines = (
        OrderLine.objects.filter(
            order=row.placed.order_id, product__terms__kind=ProductTerms.Kind.SIM
        )
        .annotate(filled=Count("sim_cards"))
        .order_by("pk")
    )
    return chain.from_iterable(repeat(line.pk, line.quantity - line.filled) for line in lines)


def _miscounted(row: Delivery, count: int) -> list[Problem]:
    expected = row.units - row.cards.count()
    if not expected:
        return [Problem(0, "Toutes les cartes de cette livraison sont déjà enregistrées.")]
    gap = expected - count
    if not gap:
        return []
    plural, typed = ("s" if number > 1 else "" for number in (expected, count))
    rest = f"il en manque {gap}" if gap > 0 else f"il y en a {-gap} de trop"
    sentence = f"{expected} carte{plural} attendue{plural}, {count} saisie{typed}\u00a0: {rest}."
    return [Problem(0, sentence)]


def _taken(scanned: Iterable[Scanned], delivery: Delivery) -> list[Problem]:
    """Return the lines whose card is in a delivery already, or was used by an activation."""
    lines = {one.fingerprint: one.line for one in scanned}
    kept = SimCard.objects.filter(iccid_fingerprint__in=lines).select_related(
        "delivery__placed__order", "delivery__placed__structure"
    )
    problems = {}
    for card in kept.defer("iccid"):
        placed = card.delivery.placed
        problems[card.iccid_fingerprint] = (
            "Cette carte est déjà enregistrée dans cette livraison."
            if card.delivery_id == delivery.pk
            else f"Cette carte est déjà dans la livraison de la commande n°\u00a0"
            f"{placed.order.number} ({placed.structure})."
        )
    for used in cards.activations.ask.progress(lines):
        problems.setdefault(used, "Cette carte fait déjà l’objet d’une demande d’activation.")
    return [Problem(lines[print_], reason) for print_, reason in problems.items()]
