"""What an invoice says of both parties and of the law, as it stands the day it is issued."""

import datetime as dt
from typing import Any

from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.billing.models import BillingSettings, BuyerTerms, Invoice

_SELLER = (
    *("seller_name", "legal_form", "address", "postcode", "city"),
    *("siret", "siren", "vat_number", "iban", "bic"),
)


class FactsMissing(DomainError):
    """A fact that the law wants on each invoice is nowhere to be found."""

    default_code = "facts_missing"


def check_seller(facts: BillingSettings) -> None:
    """Refuse to issue anything while the seller's own facts are not all there.

    Raises:
        FactsMissing: naming them.
    """
    missing = facts.missing()
    if missing:
        raise FactsMissing(
            "Aucune facture ne peut être émise\u00a0: il manque, dans les réglages de la "
            f"facturation\u00a0: {', '.join(missing)}."
        )


def missing_of(structure: Structure) -> list[str]:
    """Return the names of the buyer's facts that an invoice lacks (domain rules)."""
    wanted = {
        "SIRET": structure.siret,
        "adresse": structure.address,
        "code postal": structure.postcode,
        "commune": structure.city,
    }
    return [name for name, value in wanted.items() if not value.strip()]


def check_buyer(structure: Structure) -> None:
    """Refuse to issue an invoice to a structure that it could not name rightly.

    Raises:
        FactsMissing: naming what is missing.
    """
    missing = missing_of(structure)
    if missing:
        raise FactsMissing(refusal(structure, missing))


def refusal(structure: Structure, missing: list[str]) -> str:
    """Return the sentence that says which of a buyer's facts are missing."""
    return (
        f"La facture de «\u00a0{structure.name}\u00a0» ne peut pas être émise\u00a0: il manque, "
        f"dans sa fiche\u00a0: {', '.join(missing)}."
    )


def freeze(invoice: Invoice, facts: BillingSettings, *, on: dt.date) -> None:
    """Write both parties, the mentions and the dates into an invoice that gets its number.

    Args:
        invoice: a draft; the caller saves it.
        facts: the seller's.
        on: the day of issue.
    """
    structure = invoice.structure
    invoice.seller = _seller(facts)
    invoice.buyer = _buyer(structure, BuyerTerms.of(structure))
    invoice.mentions = {
        "vat": facts.get_vat_mention_display(),
        "vat_code": facts.vat_mention,
        "penalty_rate": facts.penalty_rate,
        "indemnity": facts.indemnity,
        "due_days": facts.due_days,
    }
    invoice.issued_on = on
    days = 0 if invoice.is_credit_note else facts.due_days
    invoice.due_on = on + dt.timedelta(days=days)


def _seller(facts: BillingSettings) -> dict[str, Any]:
    said = {name.removeprefix("seller_"): getattr(facts, name) for name in _SELLER}
    return said | {"country": "FR"}


def _buyer(structure: Structure, terms: BuyerTerms) -> dict[str, Any]:
    return {
        "name": structure.name,
        "kind": structure.kind,
        "address": structure.address,
        "postcode": structure.postcode,
        "city": structure.city,
        "country": "FR",
        "siret": structure.siret,
        "siren": structure.siret[:9],
        "rna": structure.rna,
        "is_public": terms.is_public,
        "service_code": terms.service_code,
        "engagement": terms.engagement,
    }
