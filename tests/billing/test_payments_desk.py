"""Payments and statements in the back office: what is owed, the forms, proposals, who may."""

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from portal.accounts.roles import Role
from shop.billing.models import BankStatement, Invoice, Payment, StatementLine
from shop.billing.payments.services import pay_from_line
from tests import factories
from tests.billing import desk, world
from tests.billing.desk import said, text
from tests.billing.test_statements import day, file, imported, invoices

pytestmark = pytest.mark.django_db
PAYMENTS = "/gestion/facturation/paiements/"
STATEMENTS = "/gestion/facturation/releves/"


@pytest.fixture
def client() -> Client:
    """A référent's browser."""
    return desk.browser()


def typed(**fields: str) -> dict[str, str]:
    """Return the form of a payment, filled."""
    return {
        "key": str(uuid.uuid4()),
        "amount": "6,00",
        "received_on": factories.today().isoformat(),
        "method": "cheque",
        "reference": "",
        **fields,
    }


def send(client: Client, *lines: str) -> Any:
    """Upload a statement of today, « libellé;montant » a line."""
    rows = file(*(f"{day()};{line}" for line in lines)).read()
    return client.post(STATEMENTS, {"file": SimpleUploadedFile("releve.csv", rows)}, follow=True)


def test_the_list_says_what_is_owed_and_filters(client: Client) -> None:
    a, b = invoices(1, 2)
    client.post(f"{PAYMENTS}{a.uuid}/noter/", typed())
    client.post(f"{PAYMENTS}{b.uuid}/noter/", typed(amount="2"))
    owing = text(client.get(PAYMENTS))
    assert "reste à payer, 1 facture 10,00 €" in owing
    assert (str(b.number) in owing, str(a.number) in owing) == (True, False)
    assert "Payée en partie : reste 10,00 €" in owing
    paid = text(client.get(PAYMENTS, {"situation": "payees"}))
    assert (str(a.number) in paid, str(b.number) in paid) == (True, False)
    assert "Aucune facture ne correspond." in text(
        client.get(PAYMENTS, {"situation": "en-retard", "q": str(b.number)})
    )


def test_the_list_asks_as_much_whatever_its_length(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    invoices(1)
    client.get(PAYMENTS)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAYMENTS)
    once = len(asked)
    paid = Invoice.objects.get()
    client.post(f"{PAYMENTS}{paid.uuid}/noter/", typed())
    invoices(1, 1, 1)
    with django_assert_max_num_queries(once):
        client.get(PAYMENTS)


def test_the_page_of_an_invoice_shows_its_payments_and_the_form(client: Client) -> None:
    (a,) = invoices(2)
    page = f"{desk.INVOICES}{a.uuid}/"
    before = client.get(page)
    assert 'name="amount" value="12,00"' in before.content.decode()
    key = re.search(r'name="key" value="([^"]+)"', before.content.decode())
    assert key
    form = typed(key=key[1], amount="5", reference="n° 77")
    for _ in range(2):  # a double click
        answer = client.post(f"{PAYMENTS}{a.uuid}/noter/", form)
        assert (answer.status_code, answer["Location"]) == (302, page)
    words = text(client.get(page))
    assert "Payée en partie : reste 7,00 €" in words
    assert "5,00 € , chèque, reçu le" in words
    assert "référence n° 77" in words
    assert Payment.objects.count() == 1


def test_a_refused_payment_keeps_the_form_and_says_why(client: Client) -> None:
    (a,) = invoices(1)
    answer = client.post(f"{PAYMENTS}{a.uuid}/noter/", typed(amount="6,01", reference="REF"))
    assert answer.status_code == 422
    assert f"Il reste 6,00 € à payer sur la facture {a.number}" in text(answer)
    assert 'value="REF"' in answer.content.decode()
    wrong = client.post(f"{PAYMENTS}{a.uuid}/noter/", typed(amount="six", received_on="31/02/2026"))
    assert "Ce n’est pas un montant. Écrivez par exemple 1234,50." in text(wrong)
    assert "Cette date n’existe pas. Écrivez-la jj/mm/aaaa." in text(wrong)
    assert Payment.objects.count() == 0


def test_a_payment_is_cancelled_with_a_reason(client: Client) -> None:
    (a,) = invoices(1)
    client.post(f"{PAYMENTS}{a.uuid}/noter/", typed())
    paid = Payment.objects.get()
    address = f"{PAYMENTS}{paid.uuid}/annuler/"
    empty = client.post(address, {"reason": " "})
    assert (empty.status_code, Payment.objects.counting().count()) == (422, 1)
    assert "Dites pourquoi ce paiement est annulé." in text(empty)
    client.post(address, {"reason": "Chèque rejeté"})
    assert Payment.objects.counting().count() == 0
    words = text(client.get(f"{desk.INVOICES}{a.uuid}/"))
    assert "Chèque rejeté" in words
    assert client.get(address).status_code == 302


def test_a_statement_is_read_proposed_and_confirmed(client: Client) -> None:
    a, b = invoices(1, 2)
    answer = send(client, f"VIR {a.number};6,00", f"VIR {b.number};5,00", "INCONNU;99,00", "F;-1")
    assert said(answer) == ["Le relevé est lu. Aucun paiement n’est encore noté."]
    words = text(answer)
    for heading in ("Sûres : 1", "À vérifier : 1", "Références inconnues : 1"):
        assert heading in words
    assert "3 crédits importés" in words
    assert "1 débit laissé de côté" in words
    assert Payment.objects.count() == 0

    statement = BankStatement.objects.get()
    confirm = f"{STATEMENTS}{statement.uuid}/confirmer/"
    ticked = {"line": [str(line.uuid) for line in statement.lines.all()]}
    done = client.post(confirm, ticked, follow=True)
    assert said(done) == ["1 ligne du relevé confirmée."]
    assert said(client.post(confirm, ticked, follow=True)) == [
        "Ces lignes sont déjà confirmées, ou ne sont plus sûres."
    ]
    assert said(client.post(confirm, {}, follow=True)) == [
        "Cochez au moins une ligne. Rien n’a été écrit."
    ]
    paid = Payment.objects.get()
    assert (paid.invoice_id, paid.amount, paid.method) == (a.pk, Decimal("6.00"), "transfer")


def test_a_line_is_given_to_an_invoice_by_hand(client: Client) -> None:
    a, b = invoices(1, 2)
    line = imported("SANS REFERENCE;99,00").lines.get()
    address = f"{STATEMENTS}lignes/{line.uuid}/"
    assert str(b.number) in text(client.get(address, {"q": str(b.number)}))
    assert "Aucune facture à payer ne correspond à « zzz »." in text(
        client.get(address, {"q": "zzz"})
    )
    wrong = client.post(address, {"invoice": str(b.uuid), "amount": "12,01"})
    assert wrong.status_code == 422
    assert said(wrong) == [
        f"Il reste 12,00 € à payer sur la facture {b.number}, et ce paiement est de 12,01 €. "
        "Rien n’a été écrit."
    ]
    assert client.post(address, {"invoice": "x", "amount": "5"}).status_code == 422
    client.post(address, {"invoice": str(b.uuid), "amount": "12"})
    client.post(address, {"invoice": str(a.uuid), "amount": "6,00 €"})
    assert Payment.objects.filter(statement_line=line).count() == 2
    assert "Il reste 81,00 € à affecter." in text(client.get(address))


def test_a_line_is_set_aside(client: Client) -> None:
    statement = imported("DON;5,00")
    line = statement.lines.get()
    client.post(f"{STATEMENTS}lignes/{line.uuid}/ecarter/")
    line.refresh_from_db()
    assert (line.label, line.set_aside_at is None) == ("", False)
    words = text(client.get(f"{STATEMENTS}{statement.uuid}/"))
    assert "1 ligne écartée, qui ne paie aucune facture." in words
    assert "tout est traité" in text(client.get(STATEMENTS))


def test_a_file_that_was_imported_leads_to_what_it_became(client: Client) -> None:
    send(client, "VIR;5,00")
    again = send(client, "VIR;5,00")
    statement = BankStatement.objects.get()
    assert again.redirect_chain == [(f"{STATEMENTS}{statement.uuid}/", 302)]
    assert said(again)[0].startswith("Ce relevé est déjà importé, le ")


def test_wrong_lines_are_named_and_nothing_is_written(client: Client) -> None:
    answer = send(client, "A;5,00", "B;x", "C;y")
    assert answer.status_code == 422
    words = text(answer)
    assert "2 lignes de ce relevé sont à corriger. Rien n’a été écrit." in words
    assert ("Ligne 3 : « x » n’est pas un montant." in words) == ("Ligne 4 : « y »" in words)
    assert "Ligne 3 : « x » n’est pas un montant." in words
    assert StatementLine.objects.count() == 0


def test_two_lines_for_one_invoice_are_shown_apart(client: Client) -> None:
    (a,) = invoices(1)
    words = text(send(client, f"VIR {a.number};6,00", f"BIS {a.number};6,00"))
    assert "Références en double : 2" in words
    assert f"2 lignes désignent la facture {a.number}." in words
    assert "Sûres" not in words


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REFERENT, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.EDITOR, 302),
        (Role.MODERATOR, 302),
        (Role.OPERATOR, 302),
    ],
)
def test_who_opens_the_payments(role: Role, status: int) -> None:
    (a,) = invoices(1)
    line = imported(f"VIR {a.number};6,00").lines.get()
    parts = {a.uuid: Decimal("1.00")}
    (paid,) = pay_from_line(by=world.manager(), line=line.uuid, parts=parts)
    client = desk.browser(role)
    pages = (
        PAYMENTS,
        f"{PAYMENTS}{a.uuid}/noter/",
        f"{PAYMENTS}{paid.uuid}/annuler/",
        STATEMENTS,
        f"{STATEMENTS}{line.statement.uuid}/",
        f"{STATEMENTS}lignes/{line.uuid}/",
    )
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, status)
    if status == 302:
        client.post(f"{PAYMENTS}{a.uuid}/noter/", typed(amount="1"))
        assert Payment.objects.count() == 1
