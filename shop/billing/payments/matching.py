"""What lines of the bank may pay: by the invoices' numbers in their labels, then by their amounts.

Nothing is written here: a référent confirms.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Sum

from portal.ui.text import format_euros
from shop.billing.models import Invoice, Payment, StatementLine
from shop.billing.payments.services import ZERO

#: ``2026-000123``, ``2026 000123``, ``FACT2026000123``, ``2026/000123``…
_REFERENCE = re.compile(r"(?<!\d)(20\d{2})[\W_]{0,3}(\d{6})(?!\d)")
#: Invoices of one amount that are offered.
MAX_OFFERED = 10


class Outlook(StrEnum):
    """How sure a proposal is."""

    SURE = "sure"
    CHECK = "check"
    CHOOSE = "choose"
    DOUBLE = "double"
    UNKNOWN = "unknown"


@dataclass
class Part:
    """An invoice that a line may pay (with its balance), and with how many euros."""

    invoice: Any
    amount: Decimal


@dataclass
class Proposal:
    """What a line may pay.

    Attributes:
        left: euros of the line that pay nothing yet.
        parts: all of them together where it is sure, otherwise one or the other.
        why: a sentence for whoever confirms.
    """

    line: StatementLine
    left: Decimal
    outlook: Outlook
    why: str
    parts: list[Part] = field(default_factory=list)

    @property
    def by_invoice(self) -> dict[UUID, Decimal]:
        """What `pay_from_line` takes where it is sure."""
        return {part.invoice.uuid: part.amount for part in self.parts}


def references(label: str) -> list[str]:
    """Return the numbers of invoices that a label holds, as invoices write them, each once."""
    found = [f"{year}-{rank}" for year, rank in _REFERENCE.findall(label)]
    return list(dict.fromkeys(found))


def propose(lines: Iterable[StatementLine]) -> list[Proposal]:
    """Return what each line may pay, in their order; those with nothing left are passed over.

    Args:
        lines: of one statement, or some of it: two that name the same invoice are told apart.
    """
    waiting = _waiting(lines)
    named = {line.pk: references(line.label) for line, _ in waiting}
    wanted = {number for numbers in named.values() for number in numbers}
    issued = Invoice.objects.issued().with_balance().select_related("structure")
    known = {str(one.number): one for one in issued.filter(number__in=wanted)}
    alike = _alike({left for line, left in waiting if not named[line.pk]}, without=wanted)
    found = [
        _by_number(line, left, named[line.pk], known)
        if named[line.pk]
        else _by_amount(line, left, alike.get(left, []))
        for line, left in waiting
    ]
    return _told_apart(found)


def _waiting(lines: Iterable[StatementLine]) -> list[tuple[StatementLine, Decimal]]:
    """Keep the lines with something left, and how much."""
    here = [line for line in lines if not line.set_aside_at]
    used = Payment.objects.counting().filter(statement_line__in=here).order_by()
    spent = dict(used.values_list("statement_line").annotate(sum=Sum("amount")))
    left = ((line, line.amount - spent.get(line.pk, ZERO)) for line in here)
    return [(line, euros) for line, euros in left if euros > 0]


def _alike(amounts: set[Decimal], *, without: set[str]) -> dict[Decimal, list[Any]]:
    """Return the invoices with one of these amounts left, but those that a label names."""
    found: dict[Decimal, list[Any]] = {}
    if not amounts:
        return found
    owing = Invoice.objects.invoices().issued().filter(total__gte=min(amounts)).with_balance()
    owing = owing.filter(left__in=amounts).exclude(number__in=without)
    for one in owing.select_related("structure").order_by("year", "rank"):
        found.setdefault(one.left, []).append(one)
    return found


def _by_number(
    line: StatementLine, left: Decimal, numbers: list[str], known: dict[str, Any]
) -> Proposal:
    """Return what a line that names invoices may pay."""
    absent = [number for number in numbers if number not in known]
    notes = [number for number in numbers if number in known and known[number].is_credit_note]
    named = [known[number] for number in numbers if number in known and number not in notes]
    owing = [Part(one, one.left) for one in named if one.left]
    if not owing:
        return Proposal(line, left, Outlook.UNKNOWN, _nothing(absent, notes, named))
    due = sum((part.amount for part in owing), ZERO)
    if left == due and not absent and not notes and len(owing) == len(named):
        return Proposal(line, left, Outlook.SURE, "Le numéro et le montant concordent.", owing)
    if len(owing) > 1:
        offered = [Part(part.invoice, min(part.amount, left)) for part in owing]
        why = f"Elle cite {len(numbers)} documents, pour un autre total. Choisissez."
        return Proposal(line, left, Outlook.CHOOSE, why, offered)
    return Proposal(
        line,
        left,
        Outlook.CHECK,
        _difference(left, due, absent + notes),
        [Part(owing[0].invoice, min(left, due))],
    )


def _nothing(absent: list[str], notes: list[str], named: list[Any]) -> str:
    """Say why a line that names documents pays none of them."""
    if absent:
        return f"Référence inconnue\u00a0: {', '.join(absent)} n’est le numéro d’aucune facture."
    if notes:
        return f"{', '.join(notes)} est un avoir\u00a0: il ne se paie pas."
    return f"La facture {named[0].number} est déjà payée en entier."


def _difference(left: Decimal, due: Decimal, others: list[str]) -> str:
    """Say what differs between a line and the invoice that it names."""
    if others:
        return f"Elle cite aussi {', '.join(others)}, qui n’est pas une facture à payer."
    if left < due:
        return f"Paiement partiel\u00a0: il restera {format_euros(due - left)} à payer."
    return f"{format_euros(left - due)} de trop\u00a0: ce reste attendra sur la ligne."


def _by_amount(line: StatementLine, left: Decimal, alike: list[Any]) -> Proposal:
    """Return what a line that names nothing may pay."""
    if not alike:
        why = "Aucun numéro de facture dans le libellé, et aucune facture de ce montant."
        return Proposal(line, left, Outlook.UNKNOWN, why)
    parts = [Part(one, left) for one in alike[:MAX_OFFERED]]
    if len(alike) == 1:
        why = "Pas de numéro\u00a0: c’est la seule facture de ce montant."
        return Proposal(line, left, Outlook.CHECK, why, parts)
    why = f"Pas de numéro, et {len(alike)} factures de ce montant. Choisissez."
    return Proposal(line, left, Outlook.CHOOSE, why, parts)


def _told_apart(found: list[Proposal]) -> list[Proposal]:
    """Flag the lines that would pay the same invoice: none of them is sure."""
    clear = (Outlook.SURE, Outlook.CHECK)
    claims = Counter(part.invoice.pk for one in found if one.outlook in clear for part in one.parts)
    for one in found:
        twice = [part.invoice for part in one.parts if claims[part.invoice.pk] > 1]
        if one.outlook in clear and twice:
            one.outlook = Outlook.DOUBLE
            one.why = (
                f"{claims[twice[0].pk]} lignes désignent la facture {twice[0].number}. "
                "Vérifiez avant d’affecter\u00a0: rien n’est écrit."
            )
            one.parts = [Part(p.invoice, min(p.amount, one.left)) for p in one.parts]
    return found
