"""Structures: the organisations that hand out recharges, their members and their agreements."""

from portal.structures.models.agreements import (
    Agreement,
    Amendment,
    AmendmentNeed,
    Period,
)
from portal.structures.models.papers import (
    AgreementDocument,
    AgreementReminder,
    AgreementText,
    Kind,
)
from portal.structures.models.structure import (
    Membership,
    MembershipQuerySet,
    Structure,
    StructureEvent,
    validate_rna,
    validate_siret,
)

__all__ = [
    "Agreement",
    "AgreementDocument",
    "AgreementReminder",
    "AgreementText",
    "Amendment",
    "AmendmentNeed",
    "Kind",
    "Membership",
    "MembershipQuerySet",
    "Period",
    "Structure",
    "StructureEvent",
    "validate_rna",
    "validate_siret",
]
