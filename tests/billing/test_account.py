"""MON COMPTE → FACTURES: the list, an invoice's page, its files, and who reads them."""

import copy
import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from portal.privacy.models import AuditEntry
from portal.structures import about
from portal.structures.models import Membership
from portal.ui.text import format_euros
from shop.billing.models import Invoice
from shop.billing.views.invoices import MOST_LINES, PER_PAGE
from tests import factories
from tests.billing import papers, world
from tests.billing.papers import HOME
from tests.shop.conftest import Counter, counter, text

__all__ = ("text",)
pytestmark = pytest.mark.django_db
Words = Callable[[Any], str]
#: The user, their memberships and the basket; then years, the sum, the count and the rows.
LIST = 7
#: Those of every page; then the invoice, its lines, payments and credit notes.
PAGE = 7
NOT_YOURS = "Seul le référent de votre structure voit les factures."


@pytest.fixture
def lead() -> Counter:
    """The lead of a structure that may be billed, logged in."""
    world.seller()
    world.stock(monde=40, illimite_france=9)
    return counter(world.customer())


def colleague(of: Counter, **name: str) -> Membership:
    user = factories.UserFactory(**name)
    return factories.MembershipFactory(user=user, structure=of.member.structure)


def page_of(invoice: Invoice) -> str:
    return f"{HOME}{invoice.uuid}/"


def sheet(response: Any) -> list[list[str]]:
    """Return the lines of a CSV, as a French spreadsheet reads them."""
    content = b"".join(response).decode("utf-8")
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:]), delimiter=";"))


def absent(expected: list[str], said: str) -> list[str]:
    return [words for words in expected if words not in said]


def trail() -> list[tuple[str, str, Any]]:
    rows = AuditEntry.objects.filter(target_type="billing.invoice", by__isnull=False)
    found = rows.exclude(action__startswith="billing.issued").order_by("pk")
    return [(row.action, row.target_id, row.by) for row in found]


def test_the_list_says_what_each_is_and_what_is_left(lead: Counter, text: Words) -> None:
    late = papers.invoice(lead.member, 3, monde=2)
    paid = papers.invoice(lead.member, 2, monde=1)
    papers.pay(paid, "5.00")
    part = papers.invoice(lead.member, 1, monde=4)
    papers.pay(part, "1.50")
    note = papers.credit(part)

    found = lead.get(HOME)
    rows = found.context["page"].object_list
    assert [(str(one), one.balance, one.left, one.situation) for one in rows] == [
        (f"Avoir {note.number}", Decimal("-5.00"), Decimal("0.00"), ""),
        (f"Facture {part.number}", Decimal("20.00"), Decimal("13.50"), "to_pay"),
        (f"Facture {paid.number}", Decimal("5.00"), Decimal("0.00"), "paid"),
        (f"Facture {late.number}", Decimal("10.00"), Decimal("10.00"), "late"),
    ]
    expected = [
        *("En retard", "Payée", "À payer", f"sur la facture {part.number}"),
        f"payée en partie\u00a0: reste {format_euros('13.50')}",
        f"{format_euros('23.50')} à payer en tout",
        f"{format_euros('10.00')} en retard, sur 1 facture",
    ]
    assert absent(expected, text(found)) == []
    # Words and an icon, not a colour alone.
    badges = [one.split("</span>")[0] for one in found.content.decode().split('class="badge')[1:]]
    assert [("<svg" in one) for one in badges] == [True] * 4


def test_when_all_is_paid_it_says_thank_you(lead: Counter, text: Words) -> None:
    papers.pay(papers.invoice(lead.member, 1, monde=1), "5.00")
    assert "Tout est payé. Merci." in text(lead.get(HOME))


def test_an_invoice_given_back_whole_is_settled_by_its_credit_note(
    lead: Counter, text: Words
) -> None:
    papers.credit(papers.invoice(lead.member, 1, monde=1))
    assert "Payée soldée par un avoir" in text(lead.get(HOME)).replace("  ", " ")


def test_a_year_narrows_the_list_and_anything_else_does_not(lead: Counter) -> None:
    old = papers.invoice(lead.member, 13, monde=1)
    new = papers.invoice(lead.member, 1, monde=1)

    def numbers(query: str) -> list[str | None]:
        page = lead.get(f"{HOME}{query}").context["page"]
        return [one.number for one in page.object_list]

    assert numbers(f"?annee={old.year}") == [old.number]
    assert numbers(f"?annee={new.year}") == [new.number]
    for query in ("", "?annee=1999", "?annee=%27", "?annee=", "?page=abc"):
        assert numbers(query) == [new.number, old.number]


def test_a_long_list_is_cut_into_pages_of_the_same_cost(
    lead: Counter, django_assert_num_queries: Any
) -> None:
    one = papers.invoice(lead.member, 1, monde=PER_PAGE)
    for _ in range(2):
        papers.credit(one)
    lead.get(HOME)
    with django_assert_num_queries(LIST):
        assert len(lead.get(HOME).context["page"].object_list) == 3
    for _ in range(PER_PAGE - 2):
        papers.credit(one)
    with django_assert_num_queries(LIST):
        page = lead.get(f"{HOME}?page=2").context["page"]
    assert (page.number, [row.number for row in page.object_list]) == (
        2,
        [
            one.number,
        ],
    )


def test_the_page_says_how_to_pay_and_what_it_is_made_of(lead: Counter, text: Words) -> None:
    omar = colleague(lead, first_name="Omar", last_name="Diallo")
    factories.quota(lead.member.structure, "monde", 1)
    placed = world.ordered(lead.member, world.noon(papers.month(1)), monde=3)
    world.ordered(omar, world.noon(papers.month(1)), illimite_france=2)
    one = papers.issued(papers.month(1))
    papers.pay(one, "1.50")
    note = papers.credit(one, reason="Erreur de notre part")
    other = papers.credit(one)

    found = lead.get(page_of(one))
    expected = [
        *("Comment payer", "Emmaüs Connect", "AGRIFRPP"),
        "FR76 3000 6000 0112 3456 7890 189",
        f"Référence à écrire {one.number}",
        f"Avoir {note.number}",
        "Erreur de notre part",
        f"Avoir {other.number}",
        "Virement reçu le",
        "(VIR 12)",
        f"−{format_euros('1.50')}",
        f"n°\u00a0{placed.order.number}",
    ]
    assert absent(expected, text(found)) == []
    assert (found.context["invoice"].left, found.context["overpaid"]) == (
        one.total - note.total - other.total - Decimal("1.50"),
        Decimal("0.00"),
    )
    members = {part.name: (part.paid, part.free, part.total) for part in found.context["members"]}
    assert members == {
        f"{lead.member.user.first_name} {lead.member.user.last_name}": (2, 1, Decimal("10.00")),
        "Omar Diallo": (2, 0, Decimal("12.00")),
    }
    products = {part.name: (part.paid, part.free) for part in found.context["products"]}
    assert products == {"Illimité France": (2, 0), "Monde": (2, 1)}
    assert found.context["whole"].total == one.total
    assert f'href="/commande/{placed.uuid}/"' in found.content.decode()


def test_a_very_long_detail_is_cut_on_screen_and_whole_in_the_sheet(
    lead: Counter, text: Words
) -> None:
    placed = world.ordered(lead.member, world.noon(papers.month(1)), monde=1)
    line = placed.order.lines.get()
    line.pk = None
    line.__class__.objects.bulk_create(copy.copy(line) for _ in range(MOST_LINES))
    one = papers.issued(papers.month(1))

    found = lead.get(page_of(one))
    assert (len(found.context["lines"]), found.context["whole"].paid) == (300, 301)
    assert "Et 1 ligne de plus" in text(found)
    assert len(sheet(lead.get(f"{page_of(one)}detail/"))) == 1 + 301


def test_an_assistance_request_may_point_at_an_invoice_that_one_may_read(lead: Counter) -> None:
    one = papers.invoice(lead.member, 1, monde=1)
    (_, label, (thing,)) = next(
        group for group in about.choices(lead.member) if group[2][0].uuid == one.uuid
    )
    assert (label, thing.label, thing.path) == ("Factures", str(one), page_of(one))
    assert "invoice" not in [kind for kind, _, _ in about.choices(colleague(lead))]
    elsewhere = world.customer().structure_id
    assert about.resolve("invoice", one.uuid, structure=elsewhere) is None
    assert about.resolve("invoice", one.uuid, structure=lead.member.structure_id) == thing
    desk = Client()
    desk.force_login(world.manager())
    assert desk.get(thing.desk_path).status_code == 200
    assert f"?sur=invoice:{one.uuid}" in lead.get(page_of(one)).content.decode()


def test_what_was_paid_beyond_is_said_and_a_cancelled_payment_is_not(
    lead: Counter, text: Words
) -> None:
    one = papers.invoice(lead.member, 1, monde=2)
    papers.pay(one, "10.00")
    papers.credit(one)

    said = text(lead.get(page_of(one)))
    assert f"Vous avez payé {format_euros('5.00')} de plus" in said
    assert ("Comment payer" in said, "Payée" in said) == (False, True)


def test_a_credit_note_says_what_it_corrects_and_why(lead: Counter, text: Words) -> None:
    one = papers.invoice(lead.member, 1, monde=2)
    note = papers.credit(one, reason="Commande en double")

    said = text(lead.get(page_of(note)))
    expected = [f"la facture {one.number}", "Motif\u00a0: Commande en double", "rien à faire"]
    assert absent(expected, said) == []
    assert "Comment payer" not in said


def test_the_page_costs_the_same_whatever_it_holds(
    lead: Counter, django_assert_num_queries: Any
) -> None:
    small = papers.invoice(lead.member, 2, monde=1)
    for _ in range(3):
        world.ordered(lead.member, world.noon(papers.month(1)), monde=2, illimite_france=1)
    large = papers.issued(papers.month(1))
    for one in (small, large):
        papers.pay(one, "1.00")
    for _ in range(2):
        papers.pay(large, "1.00")
        papers.credit(large)
    lead.get(page_of(small))
    for one in (small, large):
        with django_assert_num_queries(PAGE):
            assert lead.get(page_of(one)).status_code == 200


def test_the_pdf_is_handed_out_as_it_was_drawn_and_that_is_recorded(lead: Counter) -> None:
    one = papers.invoice(lead.member, 1, monde=2)
    papers.drawn(one, b"%PDF-1.7 facture")
    note = papers.credit(one)
    papers.drawn(note, b"%PDF-1.7 avoir")

    for paper, name in ((one, "facture"), (note, "avoir")):
        answer = lead.get(f"{page_of(paper)}pdf/")
        assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 " + name.encode())
        heads = ("Content-Type", "Content-Disposition", "X-Content-Type-Options")
        assert [answer[head] for head in heads] == [
            "application/pdf",
            f'attachment; filename="{name}_{paper.number}.pdf"',
            "nosniff",
        ]
        kept = answer["Cache-Control"]
        assert ("private" in kept, "no-store" in kept) == (True, True)
    by = lead.member.user
    assert trail()[-2:] == [
        ("billing.document_downloaded", str(one.pk), by),
        ("billing.document_downloaded", str(note.pk), by),
    ]


def test_a_pdf_that_is_not_drawn_yet_is_announced_kindly(lead: Counter, text: Words) -> None:
    one = papers.invoice(lead.member, 1, monde=2)
    before = trail()

    assert "en préparation" in text(lead.get(HOME))
    answer = lead.client.get(f"{page_of(one)}pdf/", follow=True)
    assert answer.redirect_chain == [(page_of(one), 302)]
    assert "Le PDF est en préparation. Revenez dans quelques minutes." in text(answer)
    assert trail() == before


def test_the_detail_is_a_file_that_adds_up_and_runs_nothing(lead: Counter) -> None:
    omar = colleague(lead, first_name="=HYPERLINK(1)", last_name="Diallo")
    factories.quota(lead.member.structure, "monde", 1)
    world.ordered(omar, world.noon(papers.month(1)), monde=3)
    one = papers.issued(papers.month(1))
    note = papers.credit(one)

    answer = lead.get(f"{page_of(one)}detail/")
    disposition = answer["Content-Disposition"]
    assert disposition == f'attachment; filename="facture_{one.number}.csv"'
    assert ("no-store" in answer["Cache-Control"], "private" in answer["Cache-Control"]) == (
        True,
        True,
    )
    head, paid, free = sheet(answer)
    day = world.noon(papers.month(1)).strftime("%d/%m/%Y")
    assert head[0] == "Document"
    assert (paid[0], paid[2], paid[3]) == (f"Facture {one.number}", day, "'=HYPERLINK(1) Diallo")
    assert paid[4:] == ["Monde", "monde", "2", "5,00", "10,00", "non"]
    assert free[4:] == ["Monde", "monde", "1", "0,00", "0,00", "oui"]
    (back,) = sheet(lead.get(f"{page_of(note)}detail/"))[1:]
    assert (back[0], back[6:9]) == (f"Avoir {note.number}", ["-1", "5,00", "-5,00"])

    answer = lead.get(f"{page_of(one)}detail/?format=xlsx")
    book = load_workbook(io.BytesIO(answer.content)).active
    assert book is not None
    rows = list(book.iter_rows(values_only=True))
    assert (rows[1][3], rows[1][8]) == ("'=HYPERLINK(1) Diallo", 10)
    assert [action for action, _, _ in trail()[-3:]] == ["billing.detail_exported"] * 3


def test_a_member_who_does_not_lead_is_told_whom_to_ask(lead: Counter, text: Words) -> None:
    one = papers.invoice(lead.member, 1, monde=1)
    papers.drawn(one)
    other = counter(colleague(lead))
    for path in ("", "mois-en-cours/", *(f"{one.uuid}/{end}" for end in ("", "pdf/", "detail/"))):
        answer = other.get(f"{HOME}{path}")
        assert (answer.status_code, NOT_YOURS in text(answer)) == (403, True)
    assert HOME not in other.get("/mon-compte/equipe/").content.decode()
    assert HOME in lead.get("/mon-compte/equipe/").content.decode()


def test_another_structures_invoice_and_a_draft_are_not_there(lead: Counter) -> None:
    one = papers.invoice(lead.member, 2, monde=1)
    papers.drawn(one)
    world.ordered(lead.member, monde=1)
    world.opened()
    draft = Invoice.objects.drafts().get()
    stranger = counter(world.customer())
    for end in ("", "pdf/", "detail/"):
        assert stranger.get(f"{page_of(one)}{end}").status_code == 404
        assert lead.get(f"{page_of(draft)}{end}").status_code == 404
    assert stranger.get(HOME).context["years"] == []
    assert [row.pk for row in lead.get(HOME).context["page"]] == [one.pk]
    assert trail() == []


def test_an_empty_list_says_why(lead: Counter, text: Words) -> None:
    def said() -> str:
        return text(lead.get(HOME))

    assert "Pas encore de facture\u00a0: vous n’avez encore rien commandé." in said()
    factories.quota(lead.member.structure, "monde", 1)
    world.ordered(lead.member, monde=1)
    free_only = "Pas encore de facture\u00a0: vous n’avez commandé que des recharges gratuites."
    assert free_only in said()
    world.ordered(lead.member, monde=1)
    assert "facturées au début du mois suivant" in said()
