"""What the tests of the activation stand on: people of each role, and requests in each state."""

import datetime as dt
import itertools
import uuid
from typing import Any

from stdnum import luhn

from activation import moves, services
from activation.applications import Application
from activation.models import ActivationRequest
from activation.rules import rio
from activation.states import EXPLAINED, State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import add_roles
from portal.structures.models import Structure
from portal.structures.services import add_member
from portal.telecom import iccid

_numbers = itertools.count(1)
#: A way from « soumise » to each state, as the services walk it.
WAYS: dict[State, tuple[State, ...]] = {
    State.SUBMITTED: (),
    State.IN_PROGRESS: (State.IN_PROGRESS,),
    State.TRANSMITTED: (State.IN_PROGRESS, State.TRANSMITTED),
    State.PORTING: (State.IN_PROGRESS, State.TRANSMITTED, State.PORTING),
    State.TO_CORRECT: (State.IN_PROGRESS, State.TO_CORRECT),
    State.ACTIVATED: (State.IN_PROGRESS, State.ACTIVATED),
    State.REFUSED: (State.IN_PROGRESS, State.REFUSED),
    State.CANCELLED: (State.CANCELLED,),
}


def structure(**fields: Any) -> Structure:
    """Return an active structure."""
    values = {"name": f"CCAS n° {next(_numbers)}", "state": Structure.State.ACTIVE, **fields}
    return Structure.objects.create(**values)


def user(*roles: Role, **fields: Any) -> User:
    """Return a user with these roles."""
    values = {"email": f"personne{next(_numbers)}@example.org", "first_name": "Camille", **fields}
    made = User.objects.create_user(values.pop("email"), **values)
    add_roles(user=made, roles=roles)
    return User.objects.get(pk=made.pk)


def member(of: Structure, **fields: Any) -> User:
    """Return a partner of a structure."""
    made = user(**fields)
    add_member(by=None, structure=of, user=made)
    return made


def operator(**fields: Any) -> User:
    """Return an operator."""
    return user(Role.OPERATOR, **fields)


def card() -> str:
    """Return the serial number of a new SFR card."""
    head = f"{iccid.SFR}{next(_numbers):013}"
    return head + luhn.calc_check_digit(head)


def rio_of(number: str, head: str = "01PEROY4P") -> str:
    """Return the RIO of a national number."""
    return head + rio.key(head, number)


def application(**fields: Any) -> Application:
    """Return what a partner asks for; ``rio`` makes it a portability of 06 12 34 56 78."""
    values = {
        "iccid": card(),
        "civility": "madame",
        "last_name": "Zébulonne",
        "first_name": "Clémence",
        # Another person each time: two requests for one of them stop each other.
        "birth_date": str(dt.date(1930, 1, 1) + dt.timedelta(days=next(_numbers))),
        "birth_department": "59",
        "birth_country": "",
        "contact_phone": "+33612345678",
        "identity_checked": True,
        **fields,
    }
    if values.get("rio"):
        values.setdefault("current_number", values["contact_phone"])
    return Application(**values)


def request(
    state: State = State.SUBMITTED,
    *,
    by: User | None = None,
    within: Structure | None = None,
    taken_by: User | None = None,
    **fields: Any,
) -> ActivationRequest:
    """Return a request brought to ``state`` by the services."""
    within = within or structure()
    by = by or member(within)
    made = services.submit(application(**fields), by=by, structure=within, key=uuid.uuid4())
    for step in WAYS[state]:
        actor = by if step is State.CANCELLED else (taken_by or operator())
        taken_by = actor
        reason = "Motif d’essai" if step in EXPLAINED else ""
        changes = {"line_number": "+33755667788"} if step is State.ACTIVATED else None
        made = moves.move(made, step, by=actor, reason=reason, changes=changes)
    return made


def typed(**fields: Any) -> dict[str, str]:
    """Return what a partner types in the form."""
    return {
        "key": str(uuid.uuid4()),
        "iccid": card(),
        "civility": "madame",
        "last_name": "Zébulonne",
        "first_name": "Clémence",
        "birth_date_day": "4",
        "birth_date_month": "12",
        "birth_date_year": "1985",
        "birth_department": "59 – Nord",
        "birth_country": "",
        "portability": "non",
        "current_number": "",
        "rio": "",
        "contact_phone": "06 12 34 56 78",
        "language": "fr",
        "identity_checked": "on",
        **fields,
    }
