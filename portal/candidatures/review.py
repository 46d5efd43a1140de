"""What a référent does with a candidature: take it, have it completed, refuse it, accept it."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import invite
from portal.candidatures.models import OPEN, Candidature, State
from portal.candidatures.states import check_move, locked, move
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures import lifecycle
from portal.structures.agreements import Asked, prepare
from portal.structures.models import Membership, Structure
from portal.structures.services import add_member
from portal.ui.errors import DomainError

#: What a known structure learns from its candidature where it had nothing.
LEARNED = ("siret", "rna", "public", "address", "postcode", "city")


class NotRunning(DomainError):
    """It is decided, or still with its author."""

    default_code = "not_running"
    default_message = "Cette candidature n’est plus en cours\u00a0: rien n’a été modifié."


class WrongStructure(DomainError):
    """The structure chosen is not the one that carries the number, or is closed."""

    default_code = "wrong_structure"


@transaction.atomic
def take(candidature: Candidature, *, by: User) -> Candidature:
    """Note that ``by`` looks after a candidature from now on.

    Raises:
        NotRunning: it is decided, or was never sent.
    """
    row = locked(candidature)
    if row.state not in OPEN:
        raise NotRunning
    row.account_manager = by
    row.save(update_fields=["account_manager"])
    record(by=by, action="candidatures.taken", target=row)
    return row


@transaction.atomic
def ask_to_complete(candidature: Candidature, *, by: User, reason: str) -> Candidature:
    """Give a candidature back to its author, who reads the reason and a link by e-mail.

    Raises:
        MoveRefused: it does not wait for us, or the reason is missing.
    """
    return _decide(candidature, State.TO_COMPLETE, by=by, reason=reason)


@transaction.atomic
def refuse(candidature: Candidature, *, by: User, reason: str) -> Candidature:
    """Refuse a candidature; its author reads the reason by e-mail.

    Raises:
        MoveRefused: it is decided already, or the reason is missing.
    """
    return _decide(candidature, State.REFUSED, by=by, reason=reason)


def _decide(candidature: Candidature, to: State, *, by: User, reason: str) -> Candidature:
    row = locked(candidature)
    row.account_manager = row.account_manager or by
    event = move(row, to, by=by, reason=reason)
    enqueue("candidatures.moved", {"event": event.pk})
    return row


def account_managers() -> QuerySet[User]:
    """Return the référents who may look after a structure."""
    return User.objects.filter(is_active=True, groups__name=str(Role.REFERENT)).order_by(
        "last_name", "first_name", "pk"
    )


@dataclass(frozen=True)
class Known:
    """Structures that may be the candidate's: ``same`` has its number, others look alike."""

    same: Structure | None
    alike: list[Structure]


def known_structures(candidature: Candidature) -> Known:
    """Return the structure with the same SIRET or RNA number, and those alike in the same place."""
    numbers = Q(pk__in=())
    if candidature.siret:
        numbers |= Q(siret=candidature.siret)
    if candidature.rna:
        numbers |= Q(rna=candidature.rna)
    same = Structure.objects.filter(numbers).order_by("pk").first()
    if same is not None:
        return Known(same, [])
    alike = Structure.objects.filter(
        name__unaccent__trigram_similar=candidature.name, postcode=candidature.postcode
    ).exclude(state=Structure.State.CLOSED)
    return Known(None, list(alike[:10]))


@transaction.atomic
def accept(
    candidature: Candidature,
    *,
    by: User,
    account_manager: User,
    structure: Structure | None = None,
) -> Candidature:
    """Make a candidature a structure, new or known, and hand its needs to the convention.

    Args:
        candidature: locked and read again here.
        by: the référent who decides.
        account_manager: who looks after the structure from now on.
        structure: the known one that it is; none for a new one.

    Raises:
        MoveRefused: it does not wait for us (a colleague was faster).
        WrongStructure: the number belongs to another structure, or that one is closed.
        AccountDisabled: the account of its référent, or of a member, is closed.
    """
    row = locked(candidature)
    check_move(row, State.ACCEPTED)
    try:
        with transaction.atomic():
            row.structure = _place(row, structure, account_manager, by)
    except IntegrityError as error:  # its SIRET and its RNA number belong to two structures
        raise WrongStructure(
            "Un numéro de cette candidature est déjà celui d’une autre structure\u00a0: "
            "corrigez d’abord la fiche de celle-ci."
        ) from error
    row.account_manager = account_manager
    event = move(row, State.ACCEPTED, by=by)
    lifecycle.log(
        structure=row.structure,
        subject=row,
        kind="candidature",
        was=event.was,
        now=event.now,
        by=by,
    )
    _bring_people(row, row.structure, by)
    prepare(
        structure=row.structure,
        needs=[Asked(*need) for need in row.needs.values_list("upc", "title", "per_month")],
        delivery_mode=row.delivery_mode,
        public=row.public,
        by=by,
    )
    enqueue("candidatures.moved", {"event": event.pk})
    return row


def _place(
    row: Candidature, chosen: Structure | None, account_manager: User, by: User
) -> Structure:
    """Return the structure that the candidature becomes, created or completed."""
    same = known_structures(row).same
    if same is not None and chosen != same:
        raise WrongStructure(
            f"Le numéro de cette candidature est déjà celui de «\u00a0{same}\u00a0»\u00a0: "
            "rattachez-la à cette structure."
        )
    if chosen is None:
        return _create(row, account_manager, by)
    found = Structure.objects.select_for_update(no_key=True).get(pk=chosen.pk)
    if found.state == Structure.State.CLOSED:
        raise WrongStructure(f"«\u00a0{found}\u00a0» est fermée\u00a0: rien ne s’y rattache.")
    for name in LEARNED:
        if not getattr(found, name):
            setattr(found, name, getattr(row, name))
    found.account_manager = account_manager
    found.save()
    return found


def _create(row: Candidature, account_manager: User, by: User) -> Structure:
    structure = Structure.objects.create(
        name=row.name,
        kind=row.kind,
        account_manager=account_manager,
        **{name: getattr(row, name) for name in LEARNED},
    )
    lifecycle.log(
        structure=structure,
        subject=structure,
        kind="structure",
        was="",
        now=structure.state,
        by=by,
    )
    return structure


def _bring_people(row: Candidature, structure: Structure, by: User) -> None:
    """Give the structure its lead and its members.

    The lead gets a one-time link at once: they sign the convention in MON COMPTE. The others get
    theirs when the account is activated, or at once where it is already.
    """
    opened = structure.state == Structure.State.ACTIVE
    led = Membership.objects.active().filter(structure=structure, is_structure_lead=True).exists()
    lead = (row.lead_first_name, row.lead_last_name, row.lead_email)
    others = row.members.exclude(email=row.lead_email).values_list(
        "first_name", "last_name", "email"
    )
    for number, (first_name, last_name, email) in enumerate([lead, *others]):
        user = invite(
            by=by,
            email=email,
            first_name=first_name,
            last_name=last_name,
            roles=[Role.PARTNER],
            phone=row.lead_phone if number == 0 else "",
            send=opened or number == 0,
        )
        add_member(by=by, structure=structure, user=user, is_structure_lead=number == 0 and not led)
        if user.has_usable_password():
            payload = {"user": str(user.uuid), "structure": str(structure.uuid)}
            enqueue("structures.member_added", payload)
