"""Structures: the organisations that hand out recharges, their members and their agreements."""

from portal.structures.models.agreements import Agreement, Amendment
from portal.structures.models.structure import (
    Membership,
    MembershipQuerySet,
    Structure,
    StructureEvent,
    validate_siret,
)

__all__ = [
    "Agreement",
    "Amendment",
    "Membership",
    "MembershipQuerySet",
    "Structure",
    "StructureEvent",
    "validate_siret",
]
