"""What a référent does to a structure: its facts, its people, its notes, who follows it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.portfolio.models import MAX_NOTE, StructureNote
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry, record
from portal.structures.models import Membership, Structure
from portal.structures.services import invite_member
from portal.structures.team import may_lead
from portal.ui.errors import DomainError


class PortfolioRefused(DomainError):
    """This cannot be done to the structure; the message says why."""

    default_code = "portfolio_refused"


def referents() -> QuerySet[User]:
    """Return those who may follow structures."""
    return User.objects.filter(is_active=True, groups__name=Role.REFERENT)


@transaction.atomic
def change_facts(*, by: User, structure: Structure, values: Mapping[str, Any]) -> list[str]:
    """Write what is known of a structure; return the names of the fields that changed.

    Args:
        by: the référent.
        structure: locked and read again here.
        values: of its fields, validated by the form.
    """
    row = Structure.objects.select_for_update(no_key=True).get(pk=structure.pk)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
        record(by=by, action="structures.facts_changed", target=row, fields=changed)
    return changed


@transaction.atomic
def write_note(*, by: User, structure: Structure, text: str) -> StructureNote:
    """Keep a note for one's colleagues.

    Raises:
        PortfolioRefused: it is empty or too long.
    """
    kept = text.strip()
    if not kept:
        raise PortfolioRefused("Écrivez la note avant de l’enregistrer.")
    if len(kept) > MAX_NOTE:
        raise PortfolioRefused("Une note compte 2\u00a0000 caractères au plus.")
    note = StructureNote.objects.create(structure=structure, by=by, text=kept)
    record(by=by, action="portfolio.note_written", target=structure)
    return note


@transaction.atomic
def invite(
    *, by: User, structure: Structure, email: str, first_name: str, last_name: str
) -> Membership:
    """Add somebody to the team of a structure; the first one leads it.

    Raises:
        PortfolioRefused: the structure is closed, or they are in the team.
        portal.accounts.services.AccountDisabled: their account is closed.
    """
    row = Structure.objects.select_for_update(no_key=True).get(pk=structure.pk)
    if row.state == Structure.State.CLOSED:
        raise PortfolioRefused("Cette structure est fermée\u00a0: personne ne peut y entrer.")
    team = Membership.objects.filter(structure=row)
    if team.filter(user__email=email.strip().lower(), is_active=True).exists():
        raise PortfolioRefused("Cette personne fait déjà partie de l’équipe.")
    return invite_member(
        by=by,
        structure=row,
        email=email,
        first_name=first_name,
        last_name=last_name,
        is_structure_lead=not team.filter(is_structure_lead=True, is_active=True).exists(),
    )


@transaction.atomic
def appoint_lead(*, by: User, member: Membership, reason: str) -> None:
    """Make a member the lead in the stead of who leads, without asking them.

    Raises:
        PortfolioRefused: no reason, they lead already, or they cannot log in.
    """
    Structure.objects.select_for_update(no_key=True).get(pk=member.structure_id)
    row = Membership.objects.select_related("user").get(pk=member.pk)
    if not reason.strip():
        raise PortfolioRefused("Dites pourquoi\u00a0: le motif reste dans l’histoire.")
    if row.is_structure_lead:
        raise PortfolioRefused("Cette personne est déjà la référente de la structure.")
    if not may_lead(row):
        raise PortfolioRefused(
            "Cette personne ne s’est pas encore connectée, ou son accès n’est pas actif\u00a0: "
            "choisissez-en une autre."
        )
    # One lead at most, says the database: the old one steps down first.
    Membership.objects.filter(structure=row.structure_id).update(is_structure_lead=False)
    Membership.objects.filter(pk=row.pk).update(is_structure_lead=True)
    record(by=by, action="structures.lead_appointed", target=row, reason=reason.strip()[:300])


@transaction.atomic
def reassign(*, by: User, to: User, structures: Iterable[Structure]) -> int:
    """Entrust structures to a référent; return how many changed hands.

    Args:
        by: who decides.
        to: a référent.
        structures: any; those that ``to`` follows already are left.

    Raises:
        PortfolioRefused: ``to`` is no référent, or left.
    """
    if not referents().filter(pk=to.pk).exists():
        raise PortfolioRefused("Choisissez un référent d’Emmaüs Connect dont le compte est actif.")
    keys = [one.pk for one in structures]
    rows = Structure.objects.filter(pk__in=keys).exclude(account_manager=to)
    moved = list(rows.order_by("pk").select_for_update(no_key=True))
    AuditEntry.objects.bulk_create(
        entry(
            by=by,
            action="structures.entrusted",
            target=one,
            was=one.account_manager_id,
            now=to.pk,
        )
        for one in moved
    )
    Structure.objects.filter(pk__in=[one.pk for one in moved]).update(account_manager=to)
    return len(moved)
