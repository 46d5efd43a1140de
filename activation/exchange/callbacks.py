"""What SFR's service tells us of a transmission: signed, once for each event, in any order."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.views.decorators.debug import sensitive_variables

from activation.exchange.answers import Answer, Meaning, Outcome, Verdict, apply_each
from activation.exchange.http import is_replaced, mark_accepted
from activation.models import ActivationRequest, Callback, MessageTask, Transmission
from portal.outbox.signatures import malformed, signed_by, text

log = structlog.get_logger("espace.activation")

#: What becomes of a message that another, sent after it, has overtaken.
OUTDATED = "outdated"
_EVENT, _REASON = 64, 2000  # characters
_HIGHEST = 2**31 - 1
#: Tells the tasks that call-backs open from those of messages: both are named by a UUID.
_SPACE = uuid.UUID("2f0a1b6e-6a55-4a0e-8f0c-5b0d7f4c9e31")


@dataclass(frozen=True, repr=False)
class Told:
    """A message of SFR's service. No ``repr``: it may hold a person's data.

    Attributes:
        event: names the message; a repeat bears the same.
        key: of the transmission.
        meaning: one of `AnswerWord.Meaning`.
        line_number: of an activated line.
        reason: of a refusal or a correction.
        porting_on: when the number moves.
        sequence: SFR's count for this transmission, where it keeps one.
    """

    event: str
    key: uuid.UUID
    meaning: Meaning
    line_number: str
    reason: str
    porting_on: dt.date | None
    sequence: int | None


class _Unreadable(Exception):
    """What is said cannot be taken as it stands; nothing was written."""


@signed_by(lambda: settings.OPERATOR_CALLBACK_SECRET)
@sensitive_variables()
def sfr_callback(content: dict[str, Any]) -> HttpResponse:
    """Take ``{event, key, status, line_number, reason, porting_on, sequence}``.

    200 with what became of it, contradictions included: SFR need not say it again. 404 for a key
    of nobody's, 409 for an event of another transmission, 400 and a sentence for what cannot be
    read.
    """
    try:
        told = read(content)
        outcome = receive(told)
    except (ValueError, _Unreadable) as error:
        log.warning("activation.callback_unreadable")
        return malformed(str(error))
    except Transmission.DoesNotExist:
        return HttpResponse(status=404)
    if outcome is None:
        return HttpResponse(status=409)
    return JsonResponse({"outcome": outcome})


@sensitive_variables()
def read(content: dict[str, Any]) -> Told:
    """Return a message read from its JSON object.

    Raises:
        ValueError: it cannot be; the sentence quotes nothing of it.
        Transmission.DoesNotExist: the key is none of ours.
    """
    event, status = text(content, "event", longest=_EVENT), text(content, "status")
    if not event:
        raise ValueError("«\u00a0event\u00a0» manque.")
    if status not in Meaning.values:
        words = ", ".join(Meaning.values)
        raise ValueError(f"«\u00a0status\u00a0» est un mot parmi\u00a0: {words}.")
    return Told(
        event=event,
        key=_key(text(content, "key")),
        meaning=Meaning(status),
        line_number=text(content, "line_number"),
        reason=text(content, "reason", longest=_REASON),
        porting_on=_day(text(content, "porting_on")),
        sequence=_sequence(content.get("sequence")),
    )


@transaction.atomic
@sensitive_variables()
def receive(told: Told) -> str | None:
    """Apply a message where it is clear, keep that it came, and return what became of it.

    The request is locked first, as everything that moves one does: copies that come at once wait
    for each other, and the second finds the first.

    Returns:
        An `Outcome`, or `OUTDATED`; None where the event is another transmission's.

    Raises:
        Transmission.DoesNotExist: nothing was transmitted under the key.
        _Unreadable: the answer lacks something; the same event may come again, mended.
    """
    sent = Transmission.objects.get(key=told.key)
    request = ActivationRequest.objects.select_for_update(of=("self",)).get(pk=sent.request_id)
    known = Callback.objects.filter(event=told.event).first()
    if known:
        return known.outcome if known.transmission_id == sent.pk else None
    outcome, must_look = _judged(told, sent, request)
    mark_accepted(sent)
    Callback.objects.create(
        event=told.event, transmission=sent, sequence=told.sequence, outcome=outcome
    )
    if must_look:
        MessageTask.objects.create(
            request=request,
            channel=MessageTask.Channel.ANSWER,
            message=uuid.uuid5(_SPACE, told.event),
        )
    log.info("activation.callback", transmission=str(sent.key), outcome=outcome)
    return outcome


def _judged(told: Told, sent: Transmission, request: ActivationRequest) -> tuple[str, bool]:
    """Return what becomes of a message, and whether an operator must look at it.

    What only comes late is no news. What says otherwise than the request does is: SFR may have
    opened a line that nobody here knows of.
    """
    late = told.sequence is not None and sent.callbacks.filter(sequence__gt=told.sequence).exists()
    if late or request.anonymised_at:
        return OUTDATED, False
    if is_replaced(sent):
        return OUTDATED, told.meaning is Meaning.ACTIVATED
    answer = Answer(
        request.iccid,
        told.meaning,
        line_number=told.line_number,
        reason=told.reason,
        porting_on=told.porting_on,
    )
    verdict: Verdict = apply_each([answer], by=None)[0]
    if verdict.outcome is Outcome.INVALID:
        raise _Unreadable(verdict.sentence)
    contradicts = verdict.outcome is Outcome.CONTRADICTORY
    return verdict.outcome.value, contradicts and told.meaning is not Meaning.PORTING


def _key(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError:
        raise Transmission.DoesNotExist from None


def _day(given: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError:
        sentence = "«\u00a0porting_on\u00a0» est une date\u00a0: AAAA-MM-JJ."
        raise ValueError(sentence) from None


def _sequence(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _HIGHEST:
        raise ValueError("«\u00a0sequence\u00a0» est un nombre entier, 0 ou plus.")
    return given
