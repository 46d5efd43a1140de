"""Requests of the demo: invented people, one for each moment that a visitor wants to see."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from stdnum import luhn

from activation.applications import Application
from activation.languages import Language
from activation.models import ActivationRequest
from activation.moves import move
from activation.rules import rio
from activation.services import submit
from activation.states import State
from portal.accounts.models import User
from portal.structures.models import Structure
from portal.telecom import iccid

_SPACE = uuid.UUID("6f2b8d0e-7a5e-4d5c-9d39-2f6d3c1b7a10")
_AT_SFR = (State.IN_PROGRESS, State.TRANSMITTED)
_MADAME, _MONSIEUR = ActivationRequest.Civility


@dataclass(frozen=True)
class Story:
    """A beneficiary, what is particular about the request, and how far it went."""

    civility: ActivationRequest.Civility
    last_name: str
    first_name: str
    birth_date: str
    birth_department: str
    way: tuple[State, ...] = ()
    particular: dict[str, Any] = field(default_factory=dict)
    #: What the last move says.
    reason: str = ""


def card(account: str) -> str:
    """Return the serial number of an SFR card.

    Args:
        account: the thirteen digits between the issuer and the check digit.
    """
    head = iccid.SFR + account
    return next(head + digit for digit in "0123456789" if luhn.is_valid(head + digit))


def _kept(number: str) -> dict[str, str]:
    head = "01PDEMO42"
    return {"current_number": f"+33{number[1:]}", "rio": head + rio.key(head, number)}


STORIES = (
    Story(
        *(_MADAME, "Diallo", "Aïssatou", "1987-03-14", "99"),
        particular={"birth_country": "Guinée", "contact_phone": "+33698765432"},
    ),
    Story(
        *(_MONSIEUR, "Lefèvre", "Jean-Marc", "1962-11-02", "59"),
        particular=_kept("0612345678"),
    ),
    Story(
        *(_MADAME, "Payet", "Marie", "1999-07-28", "974"),
        particular={"contact_phone": "+262692123456"},
    ),
    Story(
        *(_MONSIEUR, "García", "Luis", "1978-05-09", "99", (State.IN_PROGRESS,)),
        particular={"birth_country": "Espagne", "language": Language.SPANISH},
    ),
    Story(
        *(_MADAME, "Traoré", "Fatou", "1991-12-24", "75", (State.IN_PROGRESS, State.TO_CORRECT)),
        reason="La date de naissance n’est pas celle que connaît SFR. Recopiez celle de la pièce "
        "d’identité.",
    ),
    Story(*(_MADAME, "Nguyen", "Lan", "1984-08-17", "13", _AT_SFR)),
    Story(
        *(_MONSIEUR, "Rossi", "Paolo", "1970-01-30", "06", (*_AT_SFR, State.PORTING)),
        particular=_kept("0687654321"),
    ),
    Story(
        *(_MADAME, "Martin", "Odile", "1955-04-04", "33", (*_AT_SFR, State.REFUSED)),
        reason="SFR ne trouve pas cette carte. Prenez-en une autre, et envoyez une nouvelle "
        "demande.",
    ),
    Story(*(_MONSIEUR, "Petit", "Alain", "1969-09-21", "62", (State.CANCELLED,))),
)


def _application(place: int, story: Story) -> Application:
    values: dict[str, Any] = {
        "iccid": card(f"{599700002090 + place:013}"),
        "civility": story.civility,
        "last_name": story.last_name,
        "first_name": story.first_name,
        "birth_date": story.birth_date,
        "birth_department": story.birth_department,
        "birth_country": "",
        "identity_checked": True,
    }
    return Application(**values | story.particular)


def load(structure: Structure, user: User, *, operator: User) -> None:
    """Send the demo's requests once, and bring each as far as its story goes.

    Args:
        structure: an active one.
        user: one of its members.
        operator: who treats them.
    """
    for place, story in enumerate(STORIES):
        application = _application(place, story)
        key = uuid.uuid5(_SPACE, f"{structure.uuid}:{application.iccid}")
        if ActivationRequest.objects.filter(submission_key=key).exists():
            continue
        request = submit(application, by=user, structure=structure, key=key)
        for state in story.way:
            by = user if state is State.CANCELLED else operator
            reason = story.reason if state is story.way[-1] else ""
            request = move(request, state, by=by, reason=reason)
