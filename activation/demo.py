"""Requests of the demo: invented people, one for each moment that a visitor wants to see."""

import uuid

from stdnum import luhn

from activation.applications import Application
from activation.models import ActivationRequest
from activation.rules import rio
from activation.services import submit
from portal.accounts.models import User
from portal.structures.models import Structure
from portal.telecom import iccid

_SPACE = uuid.UUID("6f2b8d0e-7a5e-4d5c-9d39-2f6d3c1b7a10")


def card(account: str) -> str:
    """Return the serial number of an SFR card.

    Args:
        account: the thirteen digits between the issuer and the check digit.
    """
    head = iccid.SFR + account
    return next(head + digit for digit in "0123456789" if luhn.is_valid(head + digit))


def _applications() -> list[Application]:
    head, number = "01PDEMO42", "0612345678"
    return [
        Application(
            iccid=card("0599700002090"),
            civility=ActivationRequest.Civility.MADAME,
            last_name="Diallo",
            first_name="Aïssatou",
            birth_date="1987-03-14",
            birth_department="99",
            birth_country="Guinée",
            contact_phone="+33698765432",
            identity_checked=True,
        ),
        Application(
            iccid=card("0599700002091"),
            civility=ActivationRequest.Civility.MONSIEUR,
            last_name="Lefèvre",
            first_name="Jean-Marc",
            birth_date="1962-11-02",
            birth_department="59",
            birth_country="",
            current_number="+33612345678",
            identity_checked=True,
            rio=head + rio.key(head, number),
        ),
        Application(
            iccid=card("0599700002092"),
            civility=ActivationRequest.Civility.MADAME,
            last_name="Payet",
            first_name="Marie",
            birth_date="1999-07-28",
            birth_department="974",
            birth_country="",
            contact_phone="+262692123456",
            identity_checked=True,
        ),
    ]


def load(structure: Structure, user: User) -> None:
    """Send the demo's requests once; a second call changes nothing.

    Args:
        structure: an active one.
        user: one of its members.
    """
    for application in _applications():
        key = uuid.uuid5(_SPACE, f"{structure.uuid}:{application.iccid}")
        submit(application, by=user, structure=structure, key=key)
