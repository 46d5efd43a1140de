"""The list of places in the national schema « lieux de médiation numérique ».

Schema: schema.data.gouv.fr, LaMednum/standard-mediation-num, version 1.0.2 of 11 April 2024
(``schema.json``): a CSV with commas, in UTF-8, with every column in this order; several values of
one cell are separated by ``|``; days are ISO 8601; numbers have a point.
"""

import csv
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.http import StreamingHttpResponse
from django.utils import timezone

from portal.portfolio.places import listed
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure

COLUMNS = (
    *("id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse"),
    *("complement_adresse", "latitude", "longitude", "typologie", "telephone", "courriels"),
    *("site_web", "horaires", "presentation_resume", "presentation_detail", "source"),
    *("itinerance", "structure_parente", "date_maj", "services"),
    *("publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge"),
    *("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"),
    *("modalites_acces", "modalites_accompagnement", "fiche_acces_libre", "prise_rdv"),
)
SERVICE = "Accès internet et matériel informatique"
PROGRAMME = "Relais numérique (Emmaüs Connect)"
SOURCE = "Emmaüs Connect"
#: The schema wants a SIRET or RNA of every place; nobody has this one.
NO_PIVOT = "00000000000000"
_K = Structure.Kind
#: The vocabulary of data·inclusion that the schema refers to.
_TYPES = {
    _K.CCAS: "CCAS",
    _K.MISSION_LOCALE: "ML",
    _K.ASSOCIATION: "ASSO",
    _K.COLLECTIVITE: "MUNI",
    _K.HEBERGEMENT: "CHRS",
    _K.SERVICE_PUBLIC: "",
    _K.AUTRE: "Autre",
}
#: Opening hours as OpenStreetMap writes them; others go into the description.
_OSM_HOURS = re.compile(r"(24/7|(Mo|Tu|We|Th|Fr|Sa|Su|PH)\b[A-Za-z0-9 ,;:+-]*)")
_PHONE = re.compile(r"(\+33|\+590|\+594|\+262|\+596|\+269|\+687|\+689|\+508|\+681)\d{6,9}")


def respond(structures: QuerySet[Structure]) -> StreamingHttpResponse:
    """Return the places among ``structures`` that the public list shows, as a download."""
    rows = _with_day(listed(structures)).order_by("pk")
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    name = f"{timezone.localdate():%Y%m%d}_emmaus-connect_lieux-de-mediation-numerique.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def place(structure: Any) -> dict[str, str]:
    """Return the cells of a place; those that are absent are empty."""
    hours = structure.opening_hours
    osm = bool(_OSM_HOURS.fullmatch(hours))
    active = structure.state == Structure.State.ACTIVE
    modes = ["Se présenter"]
    modes += ["Téléphoner"] if structure.phone else []
    modes += ["Contacter par mail"] if structure.email else []
    return {
        "id": str(structure.uuid),
        "pivot": structure.siret or structure.rna or NO_PIVOT,
        "nom": harmless(structure.name),
        "commune": harmless(structure.city),
        "code_postal": structure.postcode,
        "adresse": harmless(structure.address),
        "latitude": _degrees(structure.latitude),
        "longitude": _degrees(structure.longitude),
        "typologie": _TYPES[structure.kind],
        "telephone": structure.phone if _PHONE.fullmatch(structure.phone) else "",
        "courriels": structure.email,
        "site_web": structure.website,
        "horaires": hours if osm else "",
        "presentation_detail": f"Horaires\u00a0: {hours}" if hours and not osm else "",
        "source": SOURCE,
        "date_maj": timezone.localtime(structure.changed_at).date().isoformat(),
        "services": SERVICE,
        "dispositif_programmes_nationaux": PROGRAMME if active else "",
        "modalites_acces": "|".join(modes),
    }


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: what begins one is left out.

    An apostrophe in front, as our other exports have, would be part of the name for the programs
    that read this file.
    """
    return text.lstrip("=+-@\t\r ")


def _with_day(structures: QuerySet[Structure]) -> QuerySet[Structure]:
    """Add ``changed_at``: when somebody last wrote the facts."""
    wrote = (
        AuditEntry.objects.filter(
            target_type="structures.structure",
            target_id=Cast(OuterRef("pk"), CharField()),
            action="structures.facts_changed",
        )
        .order_by()
        .values("target_id")
        .annotate(last=Max("at"))
        .values("last")
    )
    return structures.annotate(changed_at=Coalesce(Subquery(wrote), "created_at"))


def _degrees(number: Any) -> str:
    return "" if number is None else f"{number.normalize():f}"


class _Echo:
    """Gives back what `csv` writes."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: QuerySet[Structure]) -> Iterator[str]:
    writer = csv.DictWriter(_Echo(), COLUMNS, restval="")
    yield writer.writerow(dict(zip(COLUMNS, COLUMNS, strict=True)))
    for one in rows.iterator(chunk_size=1_000):
        yield writer.writerow(place(one))
