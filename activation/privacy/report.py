"""Everything held about a person in their requests: for a file of data, and for a page to read."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from activation.models import ActivationRequest
from activation.models.follow_up import Check
from activation.privacy.person import PERMISSION
from activation.rules import birth
from activation.states import State
from portal.accounts.models import User
from portal.outbox import retention
from portal.outbox.models import JournalEntry
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry
from portal.ui.errors import NotAllowed
from portal.ui.text import format_phone

#: Where else a person's data may be, in words.
ELSEWHERE = (
    "Le carnet de remise ne contient aucun nom\u00a0: la structure y écrit sa propre référence. "
    "Elle seule sait à qui elle correspond, et peut l’effacer.",
    "Une demande commencée et jamais envoyée, ou un fichier déposé et jamais envoyé, n’est lisible "
    "que par son auteur et s’efface de lui-même. La structure peut l’abandonner plus tôt.",
    "SFR a reçu les données des demandes transmises et en répond de son côté.",
    "Les sauvegardes de la base gardent les données, chiffrées, jusqu’à leur remplacement.",
)
#: What people did that the trail keeps; whatever is not here is told by its own name.
_ACTS = {
    "activation.revealed": "Données affichées",
    "activation.overridden": "Contrôle levé",
    "activation.reassigned": "Demande confiée à quelqu’un d’autre",
    "activation.message_done": "Personne prévenue autrement",
    "activation.batch_made": "Lot transmis à SFR",
    "activation.batch_downloaded": "Fichier du lot téléchargé",
    "activation.person_exported": "Données exportées",
    "activation.person_erased": "Données effacées",
    "outbox.journal_viewed": "Message lu dans le journal",
    **{f"activation.{state}": f"Passage à «\u00a0{state.label}\u00a0»" for state in State},
}
Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Held:
    """What one request holds. No ``repr``: it would show a person's data.

    Attributes:
        reference: what people call the request.
        facts: by label.
        parts: lists of rows by title; a row's values by label.
    """

    reference: str
    facts: Row
    parts: dict[str, list[Row]]


@transaction.atomic
@sensitive_variables()
def collect(identifiers: Collection[uuid.UUID], *, by: User) -> list[Held]:
    """Return all that the requests hold, and record it of each.

    Args:
        identifiers: public ones.
        by: an administrator.

    Raises:
        NotAllowed: ``by`` is none.
    """
    if not by.has_perm(PERMISSION):
        raise NotAllowed("Seul un administrateur traite les données d’une personne.")
    rows = list(
        ActivationRequest.objects.filter(uuid__in=identifiers)
        .select_related("structure", "created_by", "taken_by")
        .prefetch_related("events__by", "overrides__by", "tasks__done_by", "transmissions__batch")
        .order_by("-submitted_at", "-pk")
    )
    messages = retention.about("request", [str(one.uuid) for one in rows])
    views = _views(rows, messages)
    AuditEntry.objects.bulk_create(
        entry(by=by, action="activation.person_exported", target=one) for one in rows
    )
    return [
        Held(
            one.reference,
            {label: value for label, value in _facts(one).items() if value not in ("", None)},
            _parts(one, messages[str(one.uuid)], views[one.pk]),
        )
        for one in rows
    ]


def as_data(held: Iterable[Held]) -> Row:
    """Return the content of the file for machines: keys are the labels without accents."""
    return {
        "etabli_le": timezone.now(),
        "demandes": [
            {
                "reference": one.reference,
                "donnees": _keyed(one.facts),
                **{_key(title): [_keyed(row) for row in rows] for title, rows in one.parts.items()},
            }
            for one in held
        ],
        "ailleurs": list(ELSEWHERE),
    }


def as_text(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _key(label: str) -> str:
    return slugify(label).replace("-", "_")


def _keyed(row: Row) -> Row:
    return {_key(label): value for label, value in row.items()}


def _facts(one: ActivationRequest) -> Row:
    department = one.birth_department
    return {
        "Identifiant": str(one.uuid),
        "Structure": one.structure.name,
        "État": one.get_state_display(),
        "Motif": one.reason,
        "Numéro de série (ICCID)": one.iccid,
        "Civilité": one.get_civility_display(),
        "Nom": one.last_name,
        "Prénom": one.first_name,
        "Date de naissance": one.birth_date and dt.date.fromisoformat(one.birth_date),
        "Département de naissance": department and birth.label(department),
        "Pays de naissance": one.birth_country,
        "Portable à prévenir": format_phone(one.contact_phone),
        "Langue du SMS": one.get_language_display(),
        "Pièce d’identité vérifiée": one.identity_checked,
        "Numéro gardé": one.portability,
        "Numéro à garder": format_phone(one.current_number),
        "Code RIO": one.rio,
        "Numéro de la ligne": format_phone(one.line_number),
        "Envoyée le": one.submitted_at,
        "Envoyée par": str(one.created_by),
        "Prise par": str(one.taken_by or ""),
        "Portabilité prévue le": one.porting_on,
        "Close le": one.closed_at,
        "Anonymisée le": one.anonymised_at,
    }


def _parts(
    one: ActivationRequest, messages: Sequence[JournalEntry], views: Sequence[AuditEntry]
) -> dict[str, list[Row]]:
    """Return the lists, the empty ones too: they say that there is nothing."""
    return {
        "Étapes": [
            {
                "Le": event.at,
                "Vers": event.get_to_display(),
                "Par": str(event.by or "SFR"),
                "Motif": event.reason,
            }
            for event in one.events.all()
        ],
        "Contrôles levés": [
            {
                "Le": past.at,
                "Contrôle": Check(past.check_code).label,
                "Par": str(past.by),
                "Motif": past.reason,
            }
            for past in one.overrides.all()
        ],
        "Messages": [
            {
                "Le": sent.at,
                "Canal": sent.get_channel_display(),
                "Destinataire": sent.recipient,
                "Objet": sent.subject,
                "Texte": sent.text or "non conservé",
            }
            for sent in messages
        ],
        "Messages non remis": [
            {
                "Le": task.opened_at,
                "Canal": task.get_channel_display(),
                "Réglé le": task.done_at,
                "Par": str(task.done_by or ""),
                "Ce qui a été fait": task.note,
            }
            for task in one.tasks.all()
        ],
        "Échanges avec SFR": [
            {
                "Transmise le": sent.batch.created_at,
                "Par": sent.batch.get_gateway_display(),
                "Lot": str(sent.batch_id),
                "Réponse le": sent.answered_at,
            }
            for sent in one.transmissions.all()
        ],
        "Consultations et actes": [
            {"Le": seen.at, "Acte": _ACTS.get(seen.action, seen.action), "Par": str(seen.by or "")}
            for seen in views
        ],
    }


def _views(
    rows: Sequence[ActivationRequest], messages: dict[str, list[JournalEntry]]
) -> dict[int, list[AuditEntry]]:
    """Return, by request, who saw or moved it, its batches and its messages. Three queries."""
    found: dict[int, list[AuditEntry]] = defaultdict(list)

    def add(label: str, owners: dict[str, list[int]]) -> None:
        trail = AuditEntry.objects.filter(target_type=label, target_id__in=owners)
        for one in trail.select_related("by"):
            for owner in owners[one.target_id]:
                found[owner].append(one)

    add("activation.activationrequest", {str(row.pk): [row.pk] for row in rows})
    add(
        "activation.batch", _owners(rows, lambda row: [t.batch_id for t in row.transmissions.all()])
    )
    add("outbox.journalentry", _owners(rows, lambda row: [m.pk for m in messages[str(row.uuid)]]))
    return defaultdict(list, {pk: sorted(seen, key=lambda e: e.pk) for pk, seen in found.items()})


def _owners(
    rows: Sequence[ActivationRequest], of: Callable[[ActivationRequest], Iterable[int]]
) -> dict[str, list[int]]:
    """Return the requests that share an object, by the object's key."""
    owners: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for key in of(row):
            owners[str(key)].append(row.pk)
    return owners
