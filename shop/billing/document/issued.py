"""From an issued invoice's rows to its document: drawn once, then kept as it is."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import structlog

from shop.billing.document import Bill, Kind, Line, Party, UnreadableLogo, Vat, deposit, render
from shop.billing.document.page import picture
from shop.billing.models import BillingSettings, Invoice, InvoiceDocument, InvoiceLine

_VAT = {
    BillingSettings.VatMention.FRANCHISE: Vat.FRANCHISE,
    BillingSettings.VatMention.NON_PROFIT: Vat.NON_PROFIT,
}
_PARTY = ("name", "legal_form", "address", "postcode", "city", "siret", "vat_number", "rna")
log = structlog.get_logger("espace.billing")


def keep(invoice: Invoice) -> InvoiceDocument:
    """Return an issued invoice's document, drawing it the first time. It never changes after.

    Raises:
        PdfUnavailable: this server draws no PDF; nothing is written.
        ValueError: the invoice is a draft, or its total is not that of its lines.
    """
    kept = InvoiceDocument.objects.filter(invoice=invoice).first()
    if kept is None:
        drawn = render(bill_of(invoice, logo=_logo()))
        facts = {
            "pdf": drawn.pdf,
            "xml": drawn.xml,
            "sha256": sha256(drawn.pdf).hexdigest(),
        }
        kept, _ = InvoiceDocument.objects.get_or_create(invoice=invoice, defaults=facts)
    return kept


def batch(invoices: Iterable[Invoice]) -> bytes:
    """Return Chorus Pro's ZIP of issued invoices, each with the file that was kept.

    Raises:
        NotDepositable: with a sentence that names the invoices to look at.
        PdfUnavailable: one was not drawn yet, and this server draws no PDF.
    """
    return deposit([(bill_of(one), bytes(keep(one).pdf)) for one in invoices])


def bill_of(invoice: Invoice, *, logo: bytes = b"") -> Bill:
    """Return what an issued invoice says, from the facts that were frozen with its number.

    Raises:
        ValueError: the invoice is a draft, or its total is not that of its lines.
    """
    seller, buyer, mentions = invoice.seller, invoice.buyer, invoice.mentions
    number, issued_on, due_on = invoice.number, invoice.issued_on, invoice.due_on
    if not (seller and buyer and mentions and number and issued_on and due_on):
        raise ValueError("A draft has no document.")
    corrected = invoice.corrects
    bill = Bill(
        kind=Kind.CREDIT_NOTE if invoice.is_credit_note else Kind.INVOICE,
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        supplied_from=invoice.supplied_from,
        supplied_to=invoice.supplied_to,
        seller=_party(seller),
        buyer=_party(buyer),
        lines=tuple(_line(one) for one in invoice.lines.order_by("position")),
        vat=_VAT[BillingSettings.VatMention(mentions["vat_code"])],
        penalties=mentions["penalty_rate"],
        indemnity=mentions["indemnity"],
        iban=seller["iban"],
        bic=seller["bic"],
        is_public=buyer["is_public"],
        service_code=buyer["service_code"],
        engagement=buyer["engagement"],
        corrects=(corrected.number or "") if corrected else "",
        corrects_issued_on=corrected.issued_on if corrected else None,
        reason=invoice.reason,
        logo=logo,
    )
    if bill.total != invoice.total:
        raise ValueError("An invoice's total is the sum of its lines.")
    return bill


def _party(facts: dict[str, Any]) -> Party:
    return Party(**{name: facts[name] for name in _PARTY if name in facts})


def _line(row: InvoiceLine) -> Line:
    return Line(
        title=row.title,
        quantity=row.quantity,
        unit_price=row.unit_price,
        total=row.total,
        order_number=row.order_number,
        ordered_on=row.ordered_on,
        upc=row.upc,
        member=row.member,
        is_free=row.is_free,
    )


def _logo() -> bytes:
    """Return the logo of the settings; an invoice leaves without one that cannot be read."""
    image = BillingSettings.load().logo
    if image is None:
        return b""
    try:
        with image.file.open("rb") as file:
            content: bytes = file.read()
        picture(content)
    except (OSError, UnreadableLogo):
        log.warning("billing.unreadable_logo", image=image.pk)
        return b""
    return content
