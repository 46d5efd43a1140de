"""Rules about structures: who belongs to one, and when it may order."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import add_roles, invite
from portal.privacy.services import record
from portal.structures.agreements import gate
from portal.structures.models import Membership, Structure
from portal.ui.errors import DomainError


class OrderingClosed(DomainError):
    """The member may not order today; the message says which step is missing."""

    default_code = "ordering_closed"


@transaction.atomic
def add_member(
    *, by: User | None, structure: Structure, user: User, is_structure_lead: bool = False
) -> Membership:
    """Make ``user`` a member, or an active one again; who leads already goes on leading."""
    lead = {"is_structure_lead": True} if is_structure_lead else {}
    membership, created = Membership.objects.update_or_create(
        user=user, structure=structure, defaults={"is_active": True, **lead}
    )
    if created:
        _remember_training(membership)
    add_roles(user=user, roles=[Role.PARTNER])
    record(by=by, action="structures.member_added", target=membership)
    return membership


def _remember_training(membership: Membership) -> None:
    """Let somebody who was trained for another structure order for this one too."""
    elsewhere = Membership.objects.filter(user=membership.user_id, trained_at__isnull=False)
    membership.trained_at = elsewhere.aggregate(first=Min("trained_at"))["first"]
    if membership.trained_at:
        membership.save(update_fields=["trained_at"])


@transaction.atomic
def invite_member(
    *,
    by: User | None,
    structure: Structure,
    email: str,
    first_name: str,
    last_name: str,
    is_structure_lead: bool = False,
) -> Membership:
    """Invite someone by a one-time link and make them a member."""
    user = invite(
        by=by, email=email, first_name=first_name, last_name=last_name, roles=[Role.PARTNER]
    )
    return add_member(by=by, structure=structure, user=user, is_structure_lead=is_structure_lead)


@dataclass(frozen=True)
class Obstacle:
    """Why nobody orders yet: a sentence and, where there is one, the page that helps."""

    text: str
    href: str = ""
    link: str = ""


def ordering_obstacles(membership: Membership, *, on: dt.date | None = None) -> list[Obstacle]:
    """Return what keeps a member from ordering for their structure; nothing where they may.

    Args:
        membership: whose training, and whose structure's steps are looked at.
        on: the day asked about, Europe/Paris; today by default.
    """
    day = on or timezone.localdate()
    structure = membership.structure
    obstacles = []
    if structure.state != Structure.State.ACTIVE:
        obstacles.append(
            Obstacle(
                f"Le compte de votre structure n’est pas actif (état\u00a0: "
                f"{structure.get_state_display().lower()}). Contactez votre référent Emmaüs "
                "Connect."
            )
        )
    if missing := gate.convention_obstacle(structure, day):
        obstacles.append(Obstacle(missing, href=gate.PAGE, link="Voir la convention"))
    if not membership.is_trained:
        obstacles.append(
            Obstacle(
                "Vous n’avez pas encore suivi la formation à la plateforme. Inscrivez-vous à une "
                "session dans Mon compte, page «\u00a0Formation\u00a0».",
                href="/mon-compte/formation/",
                link="Choisir une session",
            )
        )
    return obstacles


def check_may_order(membership: Membership) -> None:
    """Let an order pass or say what is missing.

    Raises:
        OrderingClosed: with every obstacle in its message.
    """
    obstacles = ordering_obstacles(membership)
    if obstacles:
        raise OrderingClosed(" ".join(obstacle.text for obstacle in obstacles))
