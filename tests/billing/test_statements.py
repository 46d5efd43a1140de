"""Statements of the bank: read or refused whole, known twice, proposed, confirmed once."""

import datetime as dt
import io
import re
import uuid
from decimal import Decimal

import pytest

from portal.sheets.reading import UnreadableFile
from portal.ui.errors import DomainError
from shop.billing import credits, issuing
from shop.billing.models import BankStatement, Invoice, Payment, StatementLine
from shop.billing.payments.importing import AlreadyImported, import_statement
from shop.billing.payments.matching import Outlook, Proposal, propose, references
from shop.billing.payments.reading import StatementRefused, parse_amount, read_statement
from shop.billing.payments.services import (
    PaymentRefused,
    pay_from_line,
    record_payment,
    set_aside,
    void_payment,
)
from tests import factories
from tests.billing import world
from tests.billing.test_parallel import at_once

pytestmark = pytest.mark.django_db
TITLES = "Date;Libellé;Montant"


def file(*lines: str, titles: str = TITLES, encoding: str = "utf-8") -> io.BytesIO:
    """Return a file of the bank."""
    return io.BytesIO("\r\n".join([titles, *lines]).encode(encoding))


def day() -> str:
    """Return today, as banks write it."""
    return f"{factories.today():%d/%m/%Y}"


def imported(*lines: str) -> BankStatement:
    """Import lines of today: « libellé;montant »."""
    rows = [f"{day()};{line}" for line in lines]
    return import_statement(by=world.manager(), name="releve.csv", file=file(*rows))


def invoices(*units: int) -> list[Invoice]:
    """Issue an invoice for each number of units, at 6,00 € a unit, in that order."""
    world.seller()
    world.stock(illimite_france=sum(units))
    by = world.manager()
    owing = [world.ordered(world.customer(), illimite_france=count) for count in units]
    world.opened()
    made = [issuing.issue(Invoice.objects.get(structure=one.structure), by=by) for one in owing]
    return [one for one in made if one]


def said(statement: BankStatement) -> list[Proposal]:
    """Return what the lines of a statement may pay."""
    return propose(statement.lines.all())


def plain(text: str) -> str:
    """Return a sentence with common spaces."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,50", "1234.50"),
        ("1\u202f234,50\u00a0€", "1234.50"),
        ("+12", "12.00"),
        ("-1.234,5", "-1234.50"),
        ("1,234.50 EUR", "1234.50"),
        ("\u221212,00", "-12.00"),
        ("1.234.567", "1234567.00"),
    ],
)
def test_amounts_are_read_as_banks_write_them(text: str, amount: str) -> None:
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize("text", ["1,234", "12,345", "douze", "1,2,3", "", "NaN", "1e3", "9" * 12])
def test_an_amount_that_leaves_a_doubt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_amount(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_statement_is_read_whatever_its_encoding_separator_and_heading(encoding: str) -> None:
    titles = "Compte n° 123\r\n\r\nDate opération,Libellé opération,Débit,Crédit,Référence"
    rows = ('03/11/2026,VIR REÇU,,"1 234,50",FACT 1', "2026-11-04,Frais,12.00,,")
    read = read_statement(file(*rows, titles=titles, encoding=encoding))
    assert [(c.number, c.received_on, c.label, c.amount) for c in read.credits] == [
        (4, dt.date(2026, 11, 3), "VIR REÇU FACT 1", Decimal("1234.50"))
    ]
    assert read.debits == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("31/02/2026;A;5", "Ligne 2 : « 31/02/2026 » n’est pas une date. Écrivez-la jj/mm/aaaa, "
         "par exemple 05/11/2026."),
        (";Solde;5", "Ligne 2 : la date manque. Si c’est un total ou un solde, supprimez cette "
         "ligne."),
        ("01/01/2999;A;5", "Ligne 2 : le 01/01/2999 est dans le futur. Corrigez la date."),
        ("01/11/2026;A;cinq", "Ligne 2 : « cinq » n’est pas un montant. Écrivez-le avec une "
         "virgule et deux décimales, par exemple 1234,50."),
        ("01/11/2026;A;", "Ligne 2 : le montant manque. Si la ligne n’est pas une opération, "
         "supprimez-la."),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_with_how_to_mend_it(row: str, sentence: str) -> None:
    with pytest.raises(StatementRefused) as caught:
        import_statement(by=world.manager(), name="r.csv", file=file(row, "02/11/2026;B;5,00"))
    assert [plain(one) for one in caught.value.errors] == [sentence]
    assert caught.value.message == ("Une ligne de ce relevé est à corriger. Rien n’a été écrit.")
    assert StatementLine.objects.count() == 0


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (file("x", titles="Date;Montant"), "La ligne de titres doit nommer les colonnes date, "
         "libellé et montant (ou crédit). Il manque : libellé. Renommez ou ajoutez ces titres dans "
         "votre tableur. Rien n’a été écrit."),
        (file(), "Ce relevé n’a aucune ligne sous ses titres. Rien n’a été écrit."),
        (file("01/11/2026;Frais;-5,00"), "Ce relevé ne compte aucun crédit. Rien n’a été écrit."),
        (io.BytesIO(b""), "Ce fichier est vide."),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused(file: io.BytesIO, sentence: str) -> None:
    with pytest.raises((StatementRefused, UnreadableFile)) as caught:
        import_statement(by=world.manager(), name="r.csv", file=file)
    assert plain(caught.value.message) == sentence
    assert BankStatement.objects.count() == 0


def test_the_same_file_and_the_same_line_are_known() -> None:
    first = imported("VIR A;5,00", "VIR A;5,00", "VIR B;7,00")
    assert first.lines.count() == 3  # two that say the same are two
    with pytest.raises(AlreadyImported) as caught:
        imported("VIR A;5,00", "VIR A;5,00", "VIR B;7,00")
    assert caught.value.statement == first
    assert plain(caught.value.message).startswith("Ce relevé est déjà importé, le ")
    second = imported("VIR B;7,00", "VIR C;9,00")
    assert (second.known, [line.label for line in second.lines.all()]) == (1, ["VIR C"])
    with pytest.raises(StatementRefused) as refused:
        imported("vir  b;7", "VIR C;9,00")
    assert refused.value.message == (
        "Toutes les lignes de ce relevé sont déjà importées. Rien n’a été écrit."
    )
    assert StatementLine.objects.count() == 4


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("VIR CCAS FACT 2026-000123", ["2026-000123"]),
        ("2026 000123", ["2026-000123"]),
        ("FACT2026000123 2026_000124/2026-000123", ["2026-000123", "2026-000124"]),
        ("2026-0001234 REF 12026000123", []),
        ("du 12/11/2026", []),
    ],
)
def test_numbers_are_found_however_they_are_written(label: str, found: list[str]) -> None:
    assert references(label) == found


def test_number_and_amount_are_sure_and_the_rest_is_to_check() -> None:
    a, b, c = invoices(1, 2, 3)
    statement = imported(
        f"VIR {a.number};6,00",
        f"VIR {b.number};5,00",
        "VIR SANS NUMERO;18,00",
        "VIR INCONNU;99,00",
        f"VIR {factories.today().year}-999999;18,00",
    )
    assert [(one.outlook, plain(one.why), one.by_invoice) for one in said(statement)] == [
        (Outlook.SURE, "Le numéro et le montant concordent.", {a.uuid: Decimal("6.00")}),
        (
            Outlook.CHECK,
            "Paiement partiel : il restera 7,00 € à payer.",
            {b.uuid: Decimal("5.00")},
        ),
        (
            Outlook.CHECK,
            "Pas de numéro : c’est la seule facture de ce montant.",
            {c.uuid: Decimal("18.00")},
        ),
        (
            Outlook.UNKNOWN,
            "Aucun numéro de facture dans le libellé, et aucune facture de ce montant.",
            {},
        ),
        (
            Outlook.UNKNOWN,
            f"Référence inconnue : {factories.today().year}-999999 n’est le numéro d’aucune "
            "facture.",
            {},
        ),
    ]
    assert Payment.objects.count() == 0


def test_too_much_several_amounts_and_two_invoices_in_one_transfer() -> None:
    a, b, c = invoices(1, 1, 3)
    statement = imported(
        f"TROP {c.number};20,00", "VIR SANS NUMERO;6,00", f"VIR {a.number} {b.number};13,00"
    )
    too_much, _, other_total = said(statement)
    assert (too_much.outlook, plain(too_much.why), too_much.by_invoice) == (
        Outlook.CHECK,
        "2,00 € de trop : ce reste attendra sur la ligne.",
        {c.uuid: Decimal("18.00")},
    )
    assert (other_total.outlook, set(other_total.by_invoice)) == (
        Outlook.CHOOSE,
        {a.uuid, b.uuid},
    )
    alike = said(imported("AUTRE;6,00"))[0]
    assert (alike.outlook, set(alike.by_invoice)) == (Outlook.CHOOSE, {a.uuid, b.uuid})
    both = said(imported(f"VIR {a.number} ET {b.number};12,00"))[0]
    assert both.outlook is Outlook.SURE
    pay_from_line(by=world.manager(), line=both.line.uuid, parts=both.by_invoice)
    assert sorted(Payment.objects.values_list("invoice", flat=True)) == [a.pk, b.pk]


def test_two_lines_for_one_invoice_are_flagged_and_nothing_is_written() -> None:
    (a,) = invoices(2)
    statement = imported(f"VIR {a.number};12,00", f"BIS {a.number};12,00")
    flagged = [(one.outlook, plain(one.why)) for one in said(statement)]
    sentence = (
        f"2 lignes désignent la facture {a.number}. Vérifiez avant d’affecter : rien n’est écrit."
    )
    assert flagged == [(Outlook.DOUBLE, sentence)] * 2
    first, second = statement.lines.all()
    by = world.manager()
    pay_from_line(by=by, line=first.uuid, parts={a.uuid: Decimal("12.00")})
    with pytest.raises(PaymentRefused) as caught:
        pay_from_line(by=by, line=second.uuid, parts={a.uuid: Decimal("12.00")})
    assert caught.value.message == (
        f"La facture {a.number} est déjà payée en entier. Rien n’a été écrit."
    )
    assert [plain(one.why) for one in said(statement)] == [
        f"La facture {a.number} est déjà payée en entier."
    ]


def test_a_credit_note_is_not_payable_and_a_paid_invoice_is_known() -> None:
    (a,) = invoices(2)
    line = a.lines.get()
    note = credits.draft_credit_note(
        by=world.manager(),
        invoice=a.uuid,
        quantities={line.pk: 1},
        reason="Geste",
        key=uuid.uuid4(),
    )
    issuing.issue(note, by=world.manager())
    note.refresh_from_db()
    only = said(imported(f"VIR {note.number};6,00"))[0]
    assert (only.outlook, plain(only.why)) == (
        Outlook.UNKNOWN,
        f"{note.number} est un avoir : il ne se paie pas.",
    )


def test_a_line_is_used_once_and_waits_again_when_its_payment_is_cancelled() -> None:
    a, b = invoices(1, 2)
    statement, by = imported(f"VIR {a.number};8,00"), world.manager()
    line, six = statement.lines.get(), {a.uuid: Decimal("6.00")}
    first = pay_from_line(by=by, line=line.uuid, parts=six)
    assert pay_from_line(by=by, line=line.uuid, parts=six) == first
    assert (first[0].received_on, first[0].reference) == (line.received_on, line.label)
    with pytest.raises(PaymentRefused) as caught:
        pay_from_line(by=by, line=line.uuid, parts={b.uuid: Decimal("2.01")})
    assert plain(caught.value.message) == (
        "Il reste 2,00 € sur cette ligne du relevé, et vous en demandez 2,01 €. Rien n’a été écrit."
    )
    pay_from_line(by=by, line=line.uuid, parts={b.uuid: Decimal("2.00")})
    assert said(statement) == []
    void_payment(by=by, payment=first[0].uuid, reason="Mauvaise facture")
    assert [str(one.left) for one in said(statement)] == ["6.00"]


def test_all_the_parts_of_a_line_are_paid_or_none() -> None:
    a, b = invoices(1, 2)
    line = imported("VIR;30,00").lines.get()
    with pytest.raises(PaymentRefused):
        pay_from_line(
            by=world.manager(),
            line=line.uuid,
            parts={a.uuid: Decimal("6.00"), b.uuid: Decimal("12.01")},
        )
    assert Payment.objects.count() == 0


def test_a_line_set_aside_loses_its_label_and_pays_nothing() -> None:
    (a,) = invoices(1)
    line, by = imported("DON DE MADAME X;6,00").lines.get(), world.manager()
    for _ in range(2):
        set_aside(by=by, line=line.uuid)
    line.refresh_from_db()
    assert (line.label, line.set_aside_by, said(line.statement)) == ("", by, [])
    with pytest.raises(PaymentRefused) as caught:
        pay_from_line(by=by, line=line.uuid, parts={a.uuid: Decimal("6.00")})
    assert caught.value.message == "Cette ligne a été écartée. Rien n’a été écrit."
    with pytest.raises(StatementRefused):
        imported("DON DE MADAME X;6,00")  # still known


def test_a_line_that_pays_is_not_set_aside() -> None:
    (a,) = invoices(1)
    line, by = imported(f"VIR {a.number};6,00").lines.get(), world.manager()
    pay_from_line(by=by, line=line.uuid, parts={a.uuid: Decimal("6.00")})
    with pytest.raises(PaymentRefused) as caught:
        set_aside(by=by, line=line.uuid)
    assert caught.value.message == (
        "Cette ligne paie une facture. Annulez d’abord ce paiement, si c’est une erreur."
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queued")
def test_one_file_imported_and_confirmed_by_several_at_once_pays_once() -> None:
    a, b = invoices(1, 2)
    by = world.manager()
    rows = [f"{day()};VIR {one.number};{one.total}" for one in (a, b)]

    def attempt() -> str:
        try:
            return str(import_statement(by=by, name="r.csv", file=file(*rows)).uuid)
        except AlreadyImported as error:
            return str(error.statement.uuid)

    def confirm() -> str:
        try:
            for one in proposals:
                pay_from_line(by=by, line=one.line.uuid, parts=one.by_invoice)
        except DomainError as error:
            return error.message
        return ""

    assert len(set(at_once([attempt] * 4))) == 1
    assert StatementLine.objects.count() == 2
    proposals = said(BankStatement.objects.get())
    assert at_once([confirm] * 4) == [""] * 4
    assert Payment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queued")
def test_a_payment_by_hand_and_one_by_the_statement_at_once_pay_once() -> None:
    (a,) = invoices(1)
    by, line = world.manager(), imported(f"VIR {a.number};6,00").lines.get()
    amount = Decimal("6.00")

    def answer(work: object) -> str:
        try:
            work()  # type: ignore[operator]
        except PaymentRefused:
            return "refused"
        return "paid"

    def by_hand() -> None:
        record_payment(
            by=by,
            invoice=a.uuid,
            amount=amount,
            received_on=factories.today(),
            method=Payment.Method.TRANSFER,
            key=uuid.uuid4(),
        )

    def by_line() -> None:
        pay_from_line(by=by, line=line.uuid, parts={a.uuid: amount})

    assert sorted(map(str, at_once([lambda: answer(by_hand), lambda: answer(by_line)]))) == [
        "paid",
        "refused",
    ]
    assert Payment.objects.count() == 1
