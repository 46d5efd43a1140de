"""An answer of SFR's as it was read, and what is to be thought of it without the database."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import models
from django.views.decorators.debug import sensitive_variables

from activation.models import ActivationRequest, AnswerWord
from activation.rules import phone
from portal.telecom import iccid

Meaning = AnswerWord.Meaning
#: Characters of a reason that are kept.
LONGEST_REASON = 500
#: Numbers written as networks do, without the ``+``: 33612345678.
_MSISDN = re.compile(r"(?:33|590|594|596|262)\d{9}")


class Outcome(models.TextChoices):
    """What becomes of an answer."""

    APPLIED = "applied", "Appliquée"
    ALREADY = "already", "Déjà enregistrée"
    UNKNOWN = "unknown", "Inconnue"
    CONTRADICTORY = "contradictory", "Contradictoire"
    INVALID = "invalid", "Illisible"


@dataclass(frozen=True, repr=False)
class Answer:
    """What SFR says of one card. No ``repr``: it would show a person's data.

    Attributes:
        iccid: of the card, as SFR writes it.
        meaning: one of `AnswerWord.Meaning`; empty where a ``problem`` says why.
        line_number: of an activated line, in any French writing.
        reason: of a refusal or of a correction.
        porting_on: when the number moves.
        problem: what the reader could not make out, as a sentence.
    """

    iccid: str
    meaning: str
    line_number: str = ""
    reason: str = ""
    porting_on: dt.date | None = None
    problem: str = ""


@dataclass(frozen=True)
class Verdict:
    """What becomes of one answer, and why; ``request`` is the one it is about, where known."""

    outcome: Outcome
    sentence: str
    request: ActivationRequest | None = None


@sensitive_variables()
def screen(answers: Sequence[Answer]) -> list[Answer | Verdict]:
    """Return each answer in its normal form, or the verdict where it can be told already.

    Unreadable ones are told, and those that others of the same file repeat or contradict.
    """
    read = [_normal(one) for one in answers]
    said: dict[str, set[Answer]] = {}
    for one in read:
        if isinstance(one, Answer):
            said.setdefault(one.iccid, set()).add(one)
    screened: list[Answer | Verdict] = []
    seen: set[str] = set()
    for one in read:
        if isinstance(one, Answer) and len(said[one.iccid]) > 1:
            screened.append(Verdict(Outcome.CONTRADICTORY, _TWO_ANSWERS))
        elif isinstance(one, Answer) and one.iccid in seen:
            screened.append(Verdict(Outcome.ALREADY, _REPEATED))
        else:
            screened.append(one)
        if isinstance(one, Answer):
            seen.add(one.iccid)
    return screened


def _normal(answer: Answer) -> Answer | Verdict:
    try:
        return _checked(answer)
    except ValidationError as error:
        return Verdict(Outcome.INVALID, str(error.messages[0]))


def _checked(answer: Answer) -> Answer:
    if answer.problem:
        raise ValidationError(answer.problem)
    card = _card(answer.iccid)
    if answer.meaning not in Meaning.values:
        raise ValidationError("Le statut manque\u00a0: indiquez ce que SFR répond.")
    bare = replace(answer, iccid=card, line_number="", reason="", porting_on=None)
    if answer.meaning == Meaning.ACTIVATED:
        return replace(bare, line_number=_line_number(answer.line_number))
    if answer.meaning == Meaning.PORTING:
        return replace(bare, porting_on=answer.porting_on)
    reason = " ".join(answer.reason.split())[:LONGEST_REASON]
    if not reason:
        raise ValidationError(
            "Le motif manque\u00a0: complétez-le, la structure en a besoin pour avancer."
        )
    return replace(bare, reason=reason)


def _card(text: str) -> str:
    """Return 20 digits; the check digit is none of SFR's business: the card may be « relue »."""
    digits = iccid.clean(text)
    if re.fullmatch(rf"[0-9]{{{iccid.LENGTH}}}", digits):
        return digits
    if not digits:
        raise ValidationError("Le numéro de la carte (ICCID) manque.")
    if re.fullmatch(r"[0-9],?\.?[0-9]*[eE]\+?[0-9]+", digits):
        raise ValidationError(
            "Le tableur a arrondi le numéro de la carte (ICCID)\u00a0: mettez la colonne au format "
            "Texte, puis recopiez les numéros."
        )
    raise ValidationError(
        f"Le numéro de la carte (ICCID) compte {iccid.LENGTH} chiffres\u00a0: vérifiez-le."
    )


def _line_number(text: str) -> str:
    digits = re.sub(r"[\s.\-\u00a0\u202f]", "", text)
    if not digits:
        raise ValidationError("Le numéro de la ligne activée manque\u00a0: complétez-le.")
    try:
        return phone.check(f"+{digits}" if _MSISDN.fullmatch(digits) else digits)
    except ValidationError as error:
        raise ValidationError(f"Numéro de la ligne\u00a0: {error.messages[0]}") from error


_TWO_ANSWERS = (
    "Deux lignes du fichier disent autre chose de cette carte. Gardez la bonne, et déposez de "
    "nouveau le fichier."
)
_REPEATED = "Une ligne plus haut dit déjà la même chose de cette carte."
