"""What the checks find about a request, and what of it keeps the request from leaving to SFR.

A finding that blocks stops the request until an operator overrides it with a reason; the others
are shown, and keep the request out of « tout ce qui est prêt », where nobody looks at it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from activation.models import ActivationRequest, CheckOverride
from activation.models.follow_up import Check
from activation.rules import rio
from activation.states import SERVED
from portal.structures.cards import deliveries

#: These stop a request: it would fail at SFR's, or give one person two lines.
BLOCKING = frozenset({Check.CHECK_DIGIT, Check.SAME_PERSON})
_SENTENCES = {
    Check.CHECK_DIGIT: "Le chiffre de contrôle de la carte est faux\u00a0; la structure dit "
    "l’avoir relu.",
    Check.SAME_PERSON: "Une autre demande ouverte, ou une ligne activée, porte le même nom et la "
    "même date de naissance.",
    Check.SAME_CARD: "Une demande close portait déjà cette carte.",
    Check.NOT_DELIVERED: "Cette carte n’a pas été livrée à cette structure.",
}


@dataclass(frozen=True)
class Finding:
    """What a check found; ``override`` is set once an operator went past it."""

    check: Check
    sentence: str
    override: CheckOverride | None

    @property
    def blocks(self) -> bool:
        """Whether the request may not leave to SFR."""
        return self.check in BLOCKING and self.override is None

    @property
    def is_open(self) -> bool:
        """Whether nobody went past it yet."""
        return self.override is None


def findings(rows: Sequence[ActivationRequest]) -> dict[int, list[Finding]]:
    """Return what is found about each request, in the order of `Check`; four queries for all.

    Args:
        rows: the encrypted RIO is read of those only that keep their number.
    """
    if not rows:
        return {}
    overrides = {
        (one.request_id, one.check_code): one
        for one in CheckOverride.objects.filter(request__in=rows, voided_at=None).select_related(
            "by"
        )
    }
    found = _found(rows)
    return {
        row.pk: [
            Finding(check, _sentence(check, row), overrides.get((row.pk, check.value)))
            for check in Check
            if row.pk in found[check]
        ]
        for row in rows
    }


def stopped(rows: Sequence[ActivationRequest]) -> dict[int, str]:
    """Return, of the requests that may not leave to SFR, the sentence that says why."""
    return {
        key: f"{first.sentence} Levez ce contrôle, avec un motif, avant de transmettre."
        for key, listed in findings(rows).items()
        if (first := next((one for one in listed if one.blocks), None))
    }


def _sentence(check: Check, row: ActivationRequest) -> str:
    return rio.warning(row.rio) if check is Check.ALREADY_SFR else _SENTENCES[check]


def _found(rows: Sequence[ActivationRequest]) -> dict[Check, set[int]]:
    persons = _counted("person_fingerprint", rows, closed=False)
    cards = _counted("iccid_fingerprint", rows, closed=True)
    homes = deliveries.ask.delivered_to({row.iccid_fingerprint for row in rows})
    return {
        Check.CHECK_DIGIT: {row.pk for row in rows if row.iccid_insisted},
        Check.SAME_PERSON: {row.pk for row in rows if persons[row.person_fingerprint] > 1},
        Check.SAME_CARD: {row.pk for row in rows if cards[row.iccid_fingerprint] > 1},
        Check.NOT_DELIVERED: {
            row.pk for row in rows if homes.get(row.iccid_fingerprint) != row.structure_id
        },
        Check.ALREADY_SFR: {row.pk for row in rows if row.portability and rio.warning(row.rio)},
    }


def _counted(column: str, rows: Sequence[ActivationRequest], *, closed: bool) -> "Counter[str]":
    """Count the requests that share a fingerprint; these rows themselves are among them."""
    wanted = {getattr(row, column) for row in rows}
    found = ActivationRequest.objects.filter(**{f"{column}__in": wanted}).order_by()
    if not closed:
        found = found.filter(state__in=sorted(SERVED))
    return Counter(found.values_list(column, flat=True))
