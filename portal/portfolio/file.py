"""What the structure itself, its people and its agreements say on its page."""

from typing import Any

from django.db.models import QuerySet

from portal.structures.file import register_acts
from portal.structures.models import Agreement, Amendment, Membership, Structure

_SENTENCES = {
    "structures.imported": "Structure importée d’un fichier",
    "structures.facts_changed": "Fiche modifiée",
    "structures.entrusted": "Structure confiée à un référent",
    "structures.lead_appointed": "Référent de la structure désigné par Emmaüs Connect",
    "structures.lead_handed_over": "Rôle de référent de la structure transmis",
    "structures.member_added": "Membre ajouté",
    "structures.member_deactivated": "Accès d’un membre désactivé",
    "structures.member_reactivated": "Accès d’un membre réactivé",
    "structures.limit_changed": "Limite par personne modifiée",
    "portfolio.note_written": "Note écrite",
    "portfolio.message_sent": "Message envoyé au référent de la structure",
    "training.attended": "Formation suivie",
    "training.waived": "Dispense de formation accordée",
}


@register_acts("structures", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure, its memberships, its agreements."""
    return [
        Structure.objects.filter(pk=structure.pk),
        Membership.objects.filter(structure=structure),
        Agreement.objects.filter(structure=structure),
        Amendment.objects.filter(agreement__structure=structure),
    ]
