"""The data of an invoice: valid whatever the bill, complete, and nothing but text from people."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import facturx
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from shop.billing.document import Bill, Kind, Party, Vat
from shop.billing.document.bill import writable
from shop.billing.document.cii import build
from tests.billing.bills import SELLER, SIRET, bill, bills, credit_note, line, many, words

SPACES = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


def found(one: Bill, path: str) -> list[str]:
    """Return the texts at a path of a bill's data."""
    return [
        str(node.text) for node in ElementTree.fromstring(build(one)).findall(f".//{path}", SPACES)
    ]


@many(100)
@given(bills(words))
def test_any_bill_is_valid_against_the_xsd(one: Bill) -> None:
    facturx.xml_check_xsd(build(writable(one)), flavor="factur-x", level="en16931")


@many(100)
@given(bills())
def test_the_sums_are_those_of_the_lines(one: Bill) -> None:
    totals = [
        Decimal(text)
        for text in found(
            one, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
        )
    ]

    assert totals == [each.total for each in one.lines]
    assert found(one, "ram:GrandTotalAmount") == [f"{sum(totals):.2f}"]
    assert found(one, "ram:DuePayableAmount") == [f"{sum(totals):.2f}"]
    assert found(one, "ram:TaxTotalAmount") == ["0.00"]


def test_no_rule_of_europe_or_france_is_broken(tmp_path: Path) -> None:
    public = Party("Mairie", "1 place\nBâtiment B\nEscalier 4\nBP 12", siret=SIRET)
    cases = {
        "plain": bill(),
        "private": bill(buyer=Party("Association", rna="W332001234", email="a@example.org")),
        "public": bill(buyer=public, is_public=True, service_code="SOC", engagement="E-42"),
        "free": bill(line(), line(price="0.00")),
        "exempt": bill(vat=Vat.NON_PROFIT),
        "taxable": bill(seller=Party("Vendeur", siret=SELLER.siret, vat_number="FR12792702166")),
        "given-back": credit_note(buyer=public),
    }
    names = []
    for name, one in cases.items():
        path = tmp_path / f"{name}.xml"
        path.write_bytes(build(one))
        names.append(str(path))
    command = [sys.executable, "-m", "tests.billing.schematron", *names]

    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""


def test_an_invoice_says_who_sells_who_buys_and_how_to_pay() -> None:
    one = bill(buyer=Party("Mairie", siret=SIRET), service_code="SOC", engagement="E-42")

    assert found(one, "ram:TypeCode")[0] == "380"
    assert found(one, "ram:GlobalID") == [SELLER.siret, SIRET]
    assert found(one, "ram:SpecifiedLegalOrganization/ram:ID") == ["792702166", "266901552"]
    assert found(one, "ram:BuyerReference") == ["SOC"]
    assert found(one, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID") == ["E-42"]
    assert found(one, "ram:IBANID") == ["FR7630006000011234567890189"]
    assert found(one, "ram:BICID") == ["AGRIFRPPXXX"]
    assert found(one, "ram:DueDateDateTime/udt:DateTimeString") == ["20261201"]
    assert found(one, "ram:StartDateTime/udt:DateTimeString") == ["20261001"]
    assert found(one, "ram:EndDateTime/udt:DateTimeString") == ["20261031"]
    assert found(one, "ram:IncludedNote/ram:SubjectCode") == ["PMT", "PMD", "AAB"]


@pytest.mark.parametrize("vat", Vat)
def test_the_exemption_has_its_code_and_its_reason(vat: Vat) -> None:
    one = bill(vat=vat)

    assert found(one, "ram:ExemptionReasonCode") == [vat.code]
    assert found(one, "ram:ExemptionReason") == [vat.mention]


def test_a_credit_note_names_its_invoice_and_no_means_of_payment() -> None:
    one = credit_note()

    assert found(one, "ram:TypeCode")[0] == "381"
    assert found(one, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["2026-000099"]
    assert found(one, "ram:FormattedIssueDateTime/qdt:DateTimeString") == ["20261001"]
    assert found(one, "ram:SpecifiedTradeSettlementPaymentMeans") == []


def test_markup_and_controls_stay_text() -> None:
    one = writable(bill(line("\x00<b>&amp;</b>\ud800 ]]> 🎉 مرحبا\x0b")))

    assert found(one, "ram:SpecifiedTradeProduct/ram:Name") == ["<b>&amp;</b> ]]> 🎉 مرحبا"]


def test_an_address_of_many_lines_keeps_each() -> None:
    one = bill(buyer=Party("Mairie", "1 place\nBâtiment B\n\nEscalier 4\nBP 12"))

    assert found(one, "ram:BuyerTradeParty/ram:PostalTradeAddress/ram:LineTwo") == ["Bâtiment B"]
    assert found(one, "ram:BuyerTradeParty/ram:PostalTradeAddress/ram:LineThree") == [
        "Escalier 4 BP 12"
    ]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"seller": Party("Vendeur")}, "SIRET"),
        ({"kind": Kind.CREDIT_NOTE}, "corrects"),
        ({"corrects": "2026-000001", "corrects_issued_on": dt.date(2026, 1, 1)}, "corrects"),
    ],
)
def test_a_bill_that_no_document_can_be_made_of_is_refused(
    facts: dict[str, object], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        bill(**facts)


@given(st.integers(1, 99), st.decimals("0.01", "99.99", places=2))
def test_a_line_with_a_wrong_total_is_refused(quantity: int, price: Decimal) -> None:
    right = line(price=price, quantity=quantity)

    with pytest.raises(ValueError, match="quantity times"):
        type(right)(
            right.title,
            quantity,
            price,
            right.total + Decimal("0.01"),
            right.order_number,
            right.ordered_on,
        )
