"""What is to be mended in each line. The form judges a line; here lines meet each other.

A constant number of queries, however many lines there are.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from activation.applications import Application, person_fingerprint
from activation.cards import held
from activation.forms import ActivationForm
from activation.models import ActivationRequest
from activation.sending import CardAlreadyUsed
from activation.sheets.columns import COLUMNS, EXAMPLE_CARD, HEADINGS
from activation.sheets.reading import BEYOND, Table
from activation.states import SERVED
from portal.privacy.crypto import fingerprint
from portal.structures.cards import deliveries
from portal.structures.models import Structure
from portal.telecom import iccid
from portal.telecom.numbers import told_once

_PLACES = {name: place for place, name in enumerate(HEADINGS)}
_WHOLE = "Toute la ligne"
_BY_FORM = "Si c’est bien celui de la carte, envoyez cette demande par le formulaire."
_FOREIGN = "Cette carte n’a pas été livrée à votre structure\u00a0: vérifiez son numéro."
_KNOWN = (
    "Une demande de votre structure porte déjà ce nom et cette date de naissance\u00a0: vérifiez "
    "qu’elle n’est pas déjà faite."
)


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line, and where."""

    heading: str
    sentence: str


@dataclass(repr=False)
class Line:
    """A line of the file, judged. No ``repr``: it holds a person's data.

    Attributes:
        number: as the sender's program shows it.
        card_end, initials: enough to find it again in one's own file.
        faults: what keeps it, and all the others, from being sent.
        cautions: what to look at again.
        application: what it asks for, where nothing is wrong with the line by itself.
        card, person: fingerprints; empty where they cannot be read.
    """

    number: int
    card_end: str
    initials: str
    faults: list[Fault] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    application: Application | None = None
    card: str = ""
    person: str = ""


@sensitive_variables()
def judge(table: Table, structure: Structure) -> list[Line]:
    """Return the lines in the file's order, with all that is to be said of them now."""
    with told_once():
        lines = [_judged(number, values) for number, values in table.lines]
    _compare(lines, "card", "iccid", "Cette carte est aussi à la ligne {}\u00a0: corrigez l’une.")
    _compare(
        lines,
        "person",
        "last_name",
        "Cette personne est aussi à la ligne {}\u00a0: gardez une seule des deux lignes.",
    )
    _look_up(lines, structure)
    return lines


def _judged(number: int, values: dict[str, str]) -> Line:
    names = (values.get("first_name", ""), values.get("last_name", ""))
    card = iccid.clean(values.get("iccid", ""))
    line = Line(
        number=number,
        card_end=card[-4:] if card.isdigit() else "",
        initials=" ".join(f"{name[0].upper()}." for name in names if name),
    )
    typed, faults = _typed(values)
    form = ActivationForm(typed)
    form.is_valid()
    faults.update({name: text for name, text in _errors(form) if name not in faults})
    line.faults = [
        Fault(HEADINGS.get(name, _WHOLE), faults[name])
        for name in sorted(faults, key=lambda name: _PLACES.get(name, -1))
    ]
    for name, text in form.warnings.items():
        line.cautions.append(f"{HEADINGS.get(name, _WHOLE)}\u00a0: {text}")
    cleaned = form.cleaned_data
    if "iccid" in cleaned and "iccid" not in faults:
        line.card = fingerprint("iccid", cleaned["iccid"])
    if {"last_name", "first_name", "birth_date"} <= cleaned.keys():
        born = cleaned["birth_date"].isoformat()
        line.person = person_fingerprint(cleaned["last_name"], cleaned["first_name"], born)
    if not line.faults:
        line.application = form.application
    return line


def _typed(values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the form would have been posted, and what could not be read, by field."""
    typed, faults = {"key": str(uuid.uuid4())}, {}
    if values.get(BEYOND):
        faults[BEYOND] = (
            "Cette ligne a plus de cellules qu’il n’y a de titres. Un séparateur est peut-être "
            "resté dans un nom\u00a0: retirez-le."
        )
    for column in COLUMNS:
        try:
            typed.update(column.read(values.get(column.field, "")))
        except ValidationError as error:
            faults[column.field] = str(error.message)
    if iccid.clean(values.get("iccid", "")) == EXAMPLE_CARD:
        faults["iccid"] = "C’est le numéro de l’exemple\u00a0: tapez celui de votre carte."
    kept = bool(typed.get("rio") or typed.get("current_number"))
    if not kept and typed.get("portability") == "":
        typed["portability"] = "non"
    elif kept and typed.get("portability") == "non":
        faults["portability"] = (
            "Vous écrivez non, et donnez pourtant un numéro à garder ou un RIO. Écrivez oui, ou "
            "effacez-les."
        )
    return typed, faults


def _errors(form: ActivationForm) -> Iterator[tuple[str, str]]:
    """Yield the form's errors as field and sentence, in the form's order."""
    for name, errors in form.errors.as_data().items():
        sentences = [sentence for error in errors for sentence in error.messages]
        if any(error.code == "check_digit" for error in errors):
            sentences.append(_BY_FORM)
        yield name, " ".join(sentences)


def _compare(lines: list[Line], what: str, column: str, sentence: str) -> None:
    """Say of lines with the same card, or the same person, where the other one is."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if mark := getattr(line, what):
            found[mark].append(line)
    for same in found.values():
        for line in same if len(same) > 1 else ():
            other = next(one.number for one in same if one is not line)
            line.faults.append(Fault(HEADINGS[column], sentence.format(other)))


def _look_up(lines: list[Line], structure: Structure) -> None:
    """Ask what is known of the cards and, within the structure alone, of the persons."""
    cards: Any = {line.card for line in lines if line.card}
    used = set(
        held().filter(iccid_fingerprint__in=cards).values_list("iccid_fingerprint", flat=True)
    )
    homes = deliveries.ask.delivered_to(cards)
    known = set(
        ActivationRequest.objects.filter(
            structure=structure,
            person_fingerprint__in={line.person for line in lines if line.person},
            state__in=sorted(SERVED),
        )
        .order_by()
        .values_list("person_fingerprint", flat=True)
    )
    for line in lines:
        if line.card in used:
            line.faults.append(Fault(HEADINGS["iccid"], CardAlreadyUsed.default_message))
        elif line.card and homes.get(line.card) != structure.pk:
            line.cautions.append(_FOREIGN)
        if line.person in known:
            line.cautions.append(_KNOWN)
