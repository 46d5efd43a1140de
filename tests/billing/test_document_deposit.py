"""The batch for Chorus Pro: what the portal takes, and a sentence for what it would reject."""

import io
import zipfile

import pytest

from shop.billing.document import Bill, NotDepositable, Party, deposit, file_name
from shop.billing.document.deposit import MOST_INVOICES
from tests.billing.bills import bill, credit_note


def public(number: int = 1, **facts: object) -> Bill:
    """Return an invoice of a public body."""
    return bill(number=f"2026-{number:06}", is_public=True, **facts)


def refusal(*bills: Bill) -> str:
    """Return why a batch is refused."""
    with pytest.raises(NotDepositable) as refused:
        deposit([(one, b"%PDF") for one in bills])
    return refused.value.message


def test_the_batch_holds_each_issued_file_under_a_plain_name() -> None:
    note = credit_note(number="2026-000002", is_public=True)
    batch = zipfile.ZipFile(io.BytesIO(deposit([(public(), b"%PDF one"), (note, b"%PDF two")])))

    assert {name: batch.read(name) for name in batch.namelist()} == {
        "facture_2026-000001.pdf": b"%PDF one",
        "avoir_2026-000002.pdf": b"%PDF two",
    }


def test_the_same_files_give_the_same_batch() -> None:
    issued = [(public(number), b"%PDF") for number in range(3)]

    assert deposit(issued) == deposit(issued)


def test_a_name_is_short_plain_and_has_its_extension() -> None:
    assert file_name(bill(number="2026/éà" + "0" * 80)) == f"facture_2026-{'0' * 33}.pdf"
    assert len(file_name(bill(number="0" * 90))) == 50


def test_a_public_body_without_siret_is_named() -> None:
    assert refusal(public(), public(2, buyer=Party("Mairie de Lyon"))) == (
        "Chorus Pro demande le SIRET de chaque destinataire, et il manque à\u00a0: Mairie de Lyon."
    )


def test_many_without_siret_are_counted() -> None:
    wrong = [public(number, buyer=Party(f"Mairie {number}")) for number in range(7)]

    assert refusal(*wrong).endswith(
        "\u00a0: Mairie 0, Mairie 1, Mairie 2, Mairie 3, Mairie 4 et 2 autres."
    )


def test_a_private_structure_is_not_deposited() -> None:
    assert refusal(public(), bill(number="2026-000009")) == (
        "Chorus Pro ne reçoit que les factures des organismes publics. "
        "Retirez du lot\u00a0: Facture 2026-000009."
    )


def test_nothing_is_no_batch() -> None:
    assert refusal() == "Aucune facture n’est à déposer sur Chorus Pro."


def test_the_same_invoice_twice_is_no_batch() -> None:
    assert refusal(public(), public()) == (
        "Ces factures sont plusieurs fois dans le lot\u00a0: Facture 2026-000001."
    )


def test_a_batch_over_the_portal_s_limit_is_cut_by_the_person() -> None:
    assert refusal(*(public(number) for number in range(MOST_INVOICES + 1))) == (
        "Chorus Pro accepte 500\u00a0factures par dépôt, et vous en avez choisi 501. "
        "Faites-en plusieurs lots."
    )
