"""Drawing a convention or an avenant as a PDF, from its text and what is known of it."""

from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone

from portal.documents.pdf import lay_out, write
from portal.structures.agreements.moves import Paper, agreement_of, structure_of
from portal.structures.agreements.texts import QUANTITIES, blocks, fields_of
from portal.structures.models import (
    Agreement,
    AgreementText,
    Amendment,
    AmendmentNeed,
    Kind,
    Structure,
)
from portal.ui.forms import french_date

STYLES: Final = ("css/agreement-page.css",)
DELIVERY: Final = {
    Agreement.Delivery.PICKUP: "la structure vient retirer les cartes SIM au point d’accueil "
    "d’Emmaüs Connect",
    Agreement.Delivery.SHIPPING: "Emmaüs Connect envoie les cartes SIM à l’adresse de la structure",
}


def draw(paper: Paper, text: AgreementText) -> bytes:
    """Return the paper as a tagged PDF, ready to be signed.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
    """
    needs = list(paper.needs.all()) if isinstance(paper, Amendment) else []
    return _write(text, facts(paper), needs)


def sample(text: AgreementText) -> bytes:
    """Return a text as a PDF whose fields are named instead of filled, to proofread it.

    Raises:
        PdfUnavailable: see `draw`.
    """
    values = {name: f"[{meaning}]" for name, meaning in fields_of(text.kind).items()}
    need = AmendmentNeed(title="[produit]", asked=10, validated=10, per_beneficiary=1)
    return _write(text, values, [need])


def facts(paper: Paper) -> dict[str, str]:
    """Return what the fields of a paper's text become."""
    agreement, structure = agreement_of(paper), structure_of(paper)
    values = {
        "structure": structure.name,
        "type": structure.get_kind_display(),
        "adresse": _address(structure),
        "identifiant": _number(structure),
        "public": agreement.public or structure.public,
        "referent_structure": _lead(structure),
        "referent_emmaus": str(structure.account_manager or ""),
        "debut": french_date(paper.starts_on),
        "fin": french_date(paper.ends_on),
        "livraison": DELIVERY[Agreement.Delivery(paper.delivery_mode)],
        "limite_par_personne": _limit(agreement.limit_per_person),
        "reconduction": "elle se renouvelle ensuite tacitement d’année en année"
        if agreement.renews_tacitly
        else "elle ne se renouvelle pas tacitement",
        "apres_avenant": "la structure continue à commander au prix solidaire"
        if agreement.allows_solidarity_prices
        else "la structure ne commande plus sur L’Espace Recharges",
    }
    if isinstance(paper, Amendment):
        values |= {
            "intitule": paper.label,
            "debut_convention": french_date(agreement.starts_on),
            QUANTITIES: "",
        }
    return values


def _write(text: AgreementText, values: dict[str, str], needs: list[AmendmentNeed]) -> bytes:
    context = {
        "title": text.title,
        "version": text.version,
        "kind": Kind(text.kind).label,
        "blocks": blocks(text.body, values),
        "needs": needs,
        "structure": values["structure"],
        "today": french_date(timezone.localdate()),
    }
    html = render_to_string("structures/agreements/document.html", context)
    return write(lay_out(html, styles=STYLES))


def _address(structure: Structure) -> str:
    place = f"{structure.postcode} {structure.city}".strip()
    return ", ".join(part for part in (structure.address, place) if part)


def _number(structure: Structure) -> str:
    if structure.siret:
        return f"SIRET {structure.siret}"
    return f"RNA {structure.rna}" if structure.rna else ""


def _lead(structure: Structure) -> str:
    leads = structure.memberships.filter(is_active=True, is_structure_lead=True)
    found = leads.select_related("user").first()
    return str(found.user) if found else ""


def _limit(limit: int | None) -> str:
    if limit is None:
        return "sans limite"
    return f"{limit}\u00a0recharge{'s' if limit > 1 else ''} par personne et par mois"
