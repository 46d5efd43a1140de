"""SFR's answers, whichever way they come: what each would change, and the change.

An answer that the log of its card already holds changes nothing, even where the request has been
sent again since: the same file twice is the same as once. What is not clear is reported and left
alone.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.debug import sensitive_variables

from activation import moves
from activation.exchange.verdicts import Answer, Meaning, Outcome, Verdict, screen
from activation.models import ActivationEvent, ActivationRequest, Transmission
from activation.moves import Wish
from activation.rights import check_operator
from activation.states import AT_SFR, EXPLAINED, MOVES, State
from activation.writing import write_columns
from portal.accounts.models import User
from portal.privacy.crypto import fingerprint

__all__ = [
    "CHUNK",
    "Answer",
    "Meaning",
    "Outcome",
    "Verdict",
    "apply_each",
    "apply_screened",
    "judge",
]

#: Answers that are looked up, and written, together.
CHUNK = 500
#: A date further away is a slip of somebody's hand.
_FURTHEST = dt.timedelta(days=365)


@sensitive_variables()
def judge(answers: Sequence[Answer]) -> list[Verdict]:
    """Return what `apply_each` would make of each answer, and write nothing."""
    found = screen(answers)
    return [
        verdict
        for start in range(0, len(found), CHUNK)
        for verdict in _decided(found[start : start + CHUNK], _judged)
    ]


@sensitive_variables()
def apply_each(answers: Sequence[Answer], *, by: User | None) -> list[Verdict]:
    """Apply each answer that is clear, and say of each what became of it.

    Each chunk is one transaction: an answer is applied whole, with its log and its messages.

    Args:
        answers: of one file, or the one of a message.
        by: who brings them; None is SFR's gateway.

    Raises:
        NotAllowed: ``by`` is no operator.
    """
    found = screen(answers)
    return [
        verdict
        for start in range(0, len(found), CHUNK)
        for verdict in apply_screened(found[start : start + CHUNK], by=by)
    ]


@sensitive_variables()
def apply_screened(screened: Sequence[Answer | Verdict], *, by: User | None) -> list[Verdict]:
    """Apply a chunk of what `verdicts.screen` made of a whole file; see `apply_each`."""
    if by is not None:
        check_operator(by, "Seul un opérateur enregistre les réponses de SFR.")
    return _decided(screened, lambda chunk: _applied(chunk, by))


def _decided(
    screened: Sequence[Answer | Verdict],
    decide: Callable[[Sequence[Answer]], list[Verdict]],
) -> list[Verdict]:
    """Return the verdicts, those of ``decide`` in the place of the answers."""
    clear = [one for one in screened if isinstance(one, Answer)]
    verdicts = iter(decide(clear) if clear else [])
    return [next(verdicts) if isinstance(one, Answer) else one for one in screened]


@dataclass
class _Card:
    """What is known of a card: its request at SFR's or last there, and what SFR said before."""

    row: ActivationRequest | None = None
    said: set[tuple[str, str]] = field(default_factory=set)


def _judged(answers: Sequence[Answer]) -> list[Verdict]:
    cards = _cards(answers, lock=False)
    return [_verdict(one, cards[one.iccid]) for one in answers]


@transaction.atomic
def _applied(answers: Sequence[Answer], by: User | None) -> list[Verdict]:
    cards = _cards(answers, lock=True)
    verdicts = [_verdict(one, cards[one.iccid]) for one in answers]
    dated: list[tuple[ActivationRequest, Answer]] = []
    wishes: list[Wish] = []
    for answer, verdict in zip(answers, verdicts, strict=True):
        row = verdict.request
        if verdict.outcome is not Outcome.APPLIED or row is None:
            continue
        if row.state == State.PORTING and answer.meaning == Meaning.PORTING:
            dated.append((row, answer))
        else:
            wishes.append(_wish(row, answer))
    refused = moves.move_each(wishes, by=by).refused if wishes else {}
    _date(dated, by)
    now = timezone.now()
    answered = {wish.pk for wish in wishes} - refused.keys() | {row.pk for row, _ in dated}
    Transmission.objects.filter(request__in=answered, answered_at=None).update(answered_at=now)
    return [
        Verdict(Outcome.CONTRADICTORY, refused[one.request.pk].message, one.request)
        if one.request is not None and one.request.pk in refused
        else one
        for one in verdicts
    ]


def _wish(row: ActivationRequest, answer: Answer) -> Wish:
    to = State(answer.meaning)
    changes: dict[str, object] = {}
    if to is State.ACTIVATED:
        changes["line_number"] = answer.line_number
    elif to is State.PORTING and answer.porting_on:
        changes["porting_on"] = answer.porting_on
    return Wish(row.pk, to, _logged(answer), changes)


def _date(dated: Sequence[tuple[ActivationRequest, Answer]], by: User | None) -> None:
    """Write another date of portability, and log it: no state changes."""
    for row, answer in dated:
        row.porting_on = answer.porting_on
    rows = [row for row, _ in dated]
    write_columns(rows, ["porting_on"])
    moves.log([(row, State.PORTING, _logged(answer)) for row, answer in dated], by=by)


def _logged(answer: Answer) -> str:
    """Return what the log keeps of an answer beside its state."""
    if answer.porting_on:
        return f"Portabilité prévue le {date_format(answer.porting_on, 'j F Y')}."
    return answer.reason


def _cards(answers: Sequence[Answer], *, lock: bool) -> dict[str, _Card]:
    """Return what is known of each card, in two queries."""
    prints = {fingerprint("iccid", one.iccid): one.iccid for one in answers}
    cards = {one.iccid: _Card() for one in answers}
    sent = ActivationEvent.objects.filter(request=OuterRef("pk"), to=State.TRANSMITTED)
    rows = (
        ActivationRequest.objects.filter(iccid_fingerprint__in=prints, anonymised_at=None)
        .annotate(was_sent=Exists(sent))
        .only(
            *("uuid", "state", "iccid_fingerprint", "portability", "porting_on"),
            *("current_number", "line_number"),
        )
        .order_by("pk")
    )
    for row in rows.select_for_update(of=("self",)) if lock else rows:
        card = cards[prints[row.iccid_fingerprint]]
        if _rank(row) and (card.row is None or _rank(row) >= _rank(card.row)):
            card.row = row
    said = ActivationEvent.objects.filter(
        request__iccid_fingerprint__in=prints,
        origin__in=sorted(AT_SFR),
        to__in=sorted({*EXPLAINED, State.PORTING}),
    )
    for mark, to, reason in said.values_list("request__iccid_fingerprint", "to", "reason"):
        cards[prints[mark]].said.add((to, reason))
    return cards


def _rank(row: ActivationRequest) -> int:
    """Tell which of a card's requests an answer is about: the one at SFR's, or the last there."""
    if row.state in AT_SFR:
        return 3
    if getattr(row, "was_sent", False):
        return 2
    # Closed by hand without a transmission: an answer may still agree with it.
    return 1 if row.state in {State.ACTIVATED, State.REFUSED} else 0


def _verdict(answer: Answer, card: _Card) -> Verdict:
    row = card.row
    if row is None:
        return Verdict(Outcome.UNKNOWN, "Aucune demande transmise à SFR ne porte cette carte.")
    if row.state in AT_SFR:
        return _of_open(answer, card, row)
    if _agrees(answer, card, row):
        return Verdict(Outcome.ALREADY, "Cette réponse est déjà enregistrée.", row)
    return Verdict(Outcome.CONTRADICTORY, _standing(row), row)


def _agrees(answer: Answer, card: _Card, row: ActivationRequest) -> bool:
    if answer.meaning == Meaning.ACTIVATED:
        return row.state == State.ACTIVATED and answer.line_number == row.line_number
    same = answer.meaning == Meaning.REFUSED and row.state == State.REFUSED
    return same or (answer.meaning, _logged(answer)) in card.said


def _standing(row: ActivationRequest) -> str:
    if row.state == State.ACTIVATED:
        return "La ligne est déjà activée, et la réponse dit autre chose. Vérifiez auprès de SFR."
    label = row.get_state_display().lower()
    return (
        f"La demande est maintenant «\u00a0{label}\u00a0», et la réponse dit autre chose. "
        "Vérifiez auprès de SFR."
    )


def _of_open(answer: Answer, card: _Card, row: ActivationRequest) -> Verdict:
    if (answer.meaning, _logged(answer)) in card.said:
        return Verdict(
            Outcome.ALREADY,
            "SFR a déjà donné cette réponse pour cette carte. Si elle vaut de nouveau, notez-la "
            "sur la page de la demande.",
            row,
        )
    today = timezone.localdate()
    if answer.porting_on and not today <= answer.porting_on <= today + _FURTHEST:
        when = "passée" if answer.porting_on < today else "à plus d’un an"
        return Verdict(
            Outcome.INVALID, f"La date de portabilité est {when}\u00a0: vérifiez-la.", row
        )
    problem = _disagreement(answer, row)
    if problem:
        return Verdict(Outcome.CONTRADICTORY, problem, row)
    return Verdict(Outcome.APPLIED, _announcement(answer), row)


def _disagreement(answer: Answer, row: ActivationRequest) -> str:
    """Return why the answer cannot be this request's, or nothing."""
    ports = answer.meaning == Meaning.PORTING
    if ports and not row.portability:
        return "Cette demande ne garde pas de numéro\u00a0: aucune portabilité n’est attendue."
    if ports and row.state == State.PORTING:
        return ""
    if (State(row.state), State(answer.meaning)) not in MOVES:
        return (
            "La portabilité est en cours\u00a0: SFR peut l’accepter ou la refuser, plus demander "
            "de correction."
        )
    kept = row.current_number if row.portability else ""
    if answer.meaning == Meaning.ACTIVATED and kept and answer.line_number != kept:
        return (
            "Le numéro de la ligne n’est pas celui que le bénéficiaire garde. Vérifiez auprès de "
            "SFR."
        )
    return ""


def _announcement(answer: Answer) -> str:
    """Return what the answer changes, without a beneficiary's data: a report may hold it."""
    if answer.meaning == Meaning.PORTING:
        return _logged(answer) or "Portabilité en cours, sans date."
    return _CHANGES[Meaning(answer.meaning)]


_CHANGES = {
    Meaning.ACTIVATED: "La ligne est activée\u00a0; le bénéficiaire et la structure sont prévenus.",
    Meaning.REFUSED: "La demande est refusée, avec le motif de SFR.",
    Meaning.TO_CORRECT: "La demande retourne à la structure, avec le motif de SFR.",
}
