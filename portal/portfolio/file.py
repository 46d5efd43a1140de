"""What the structure itself, its people and its agreements say on its page."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from portal.structures.desk import Task
from portal.structures.file import FilePanel, register, register_acts, register_count
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
    "structures.convention_changed": "Convention modifiée",
    "structures.avenant_changed": "Avenant modifié",
    "portfolio.note_written": "Note écrite",
    "portfolio.message_sent": "Message envoyé au référent de la structure",
    "training.waived": "Dispense de formation accordée",
}
#: Where a paper is in a référent's hands: to be prepared, then to be countersigned.
_TO_PREPARE, _TO_COUNTERSIGN = Agreement.State.DRAFT, Agreement.State.SIGNED
_OURS = (_TO_PREPARE, _TO_COUNTERSIGN)
_CONVENTION = {
    _TO_PREPARE: "La convention est à préparer",
    _TO_COUNTERSIGN: "La convention signée est à contresigner",
}
_AVENANT = {
    _TO_PREPARE: "Un avenant est à préparer",
    _TO_COUNTERSIGN: "Un avenant signé est à valider",
}


@register("00-agreements")
def agreements(structure: Structure) -> FilePanel:
    """Say which papers wait for a référent. Two queries."""
    mine = {"state__in": _OURS}
    conventions = Agreement.objects.filter(structure=structure, **mine)
    avenants = Amendment.objects.filter(agreement__structure=structure, **mine)
    tasks = [
        Task(
            _CONVENTION[Agreement.State(one.state)], reverse("conventions:detail", args=[one.uuid])
        )
        for one in conventions
    ]
    tasks += [
        Task(_AVENANT[Agreement.State(one.state)], reverse("conventions:avenant", args=[one.uuid]))
        for one in avenants
    ]
    return FilePanel(waiting=tasks)


@register_count("agreements")
def papers() -> Mapping[int, int]:
    """Count the papers that wait for a référent. Two queries."""
    total: Counter[int] = Counter()
    for model, place in ((Agreement, "structure"), (Amendment, "agreement__structure")):
        found = model._default_manager.filter(state__in=_OURS).order_by().values_list(place)
        total.update(dict(found.annotate(number=Count("pk"))))
    return total


@register_acts("structures", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure, its memberships, its agreements."""
    return [
        Structure.objects.filter(pk=structure.pk),
        Membership.objects.filter(structure=structure),
        Agreement.objects.filter(structure=structure),
        Amendment.objects.filter(agreement__structure=structure),
    ]
