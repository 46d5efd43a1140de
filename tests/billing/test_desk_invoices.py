"""One invoice in the back office: its page, issuing it, its PDF, and correcting it."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from portal.accounts.roles import Role
from portal.structures.models import Membership
from shop.billing import issuing
from shop.billing.models import BuyerTerms, CreditNote, Invoice, InvoiceDocument
from tests.billing import desk, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A référent's browser."""
    return desk.browser()


@pytest.fixture
def member() -> Membership:
    """The lead of a structure that ordered for 12 € and for 15 €, last month."""
    world.seller()
    world.stock(illimite_france=30, monde=30)
    found = world.customer(name="CCAS de Lille")
    world.ordered(found, illimite_france=2)
    world.ordered(found, monde=3)
    return found


@pytest.fixture
def draft(member: Membership) -> Invoice:
    world.opened()
    return world.only()


@pytest.fixture
def issued(draft: Invoice) -> Invoice:
    found = issuing.issue(draft, by=world.manager())
    assert found
    world.drain()
    return found


def page_of(invoice: Invoice, more: str = "") -> str:
    return f"{desk.INVOICES}{invoice.uuid}/{more}"


def test_a_draft_shows_what_it_will_say(client: Client, draft: Invoice) -> None:
    words = desk.text(client.get(page_of(draft)))
    assert "Facture en brouillon" in words
    assert "CCAS de Lille" in words
    assert "2 lignes" in words
    assert f"SIRET {draft.structure.siret}" in words
    assert "Émettre" in words
    assert "Faire un avoir" not in words
    assert client.get(page_of(draft, "pdf/")).status_code == 404


def test_a_draft_that_lacks_something_says_where_to_mend_it(client: Client, draft: Invoice) -> None:
    structure = draft.structure
    structure.siret = ""
    structure.save()
    for page in (page_of(draft), page_of(draft, "emettre/")):
        answer = client.get(page)
        assert "Il manque, dans la fiche de la structure : SIRET." in desk.text(answer)
        assert f"/gestion/structures/{structure.uuid}/fiche/" in answer.content.decode()
    answer = client.post(page_of(draft, "emettre/"), {"seen": "27.00"})
    assert answer.status_code == 409
    assert "ne peut pas être émise : il manque, dans sa fiche : SIRET" in desk.said(answer)[0]
    assert not Invoice.objects.issued().exists()


def test_a_draft_is_read_again_from_its_orders(
    client: Client, draft: Invoice, member: Membership
) -> None:
    placed = world.ordered(member, monde=1)
    client.post(page_of(draft, "relire/"))
    assert world.only().total == Decimal(32)
    orders = {line.order_line.order.placed for line in draft.lines.all()} | {placed}
    for one in orders:
        world.cancelled(one)
    answer = client.post(page_of(draft, "relire/"), follow=True)
    assert Invoice.objects.count() == 0
    assert "Ce brouillon n’existe plus" in desk.said(answer)[-1]
    assert answer.redirect_chain == [(f"{desk.RUNS}mois/{draft.run.uuid}/", 302)]  # type: ignore[union-attr]


def test_one_is_issued_once_it_was_read(client: Client, draft: Invoice) -> None:
    question = desk.text(client.get(page_of(draft, "emettre/")))
    assert "Facture de 27,00 € pour CCAS de Lille" in question
    assert "Rien de cela ne peut être annulé" in question
    for _ in range(2):
        client.post(page_of(draft, "emettre/"), {"seen": "27.00"})
    found = world.only()
    assert (found.state, found.rank) == ("issued", 1)
    assert client.get(page_of(draft, "emettre/")).status_code == 302


def test_what_changed_since_it_was_read_is_not_issued(
    client: Client, draft: Invoice, member: Membership
) -> None:
    world.ordered(member, monde=1)
    answer = client.post(page_of(draft, "emettre/"), {"seen": "27.00"})
    assert answer.status_code == 409
    (sentence,) = desk.said(answer)
    assert "maintenant 32,00 €, au lieu de 27,00 €. Rien n’a été émis" in sentence
    assert "Facture de 32,00 €" in desk.text(answer)
    assert (world.only().state, world.only().total) == ("draft", Decimal(32))
    client.post(page_of(draft, "emettre/"), {"seen": "32.00"})
    assert world.only().rank == 1  # the refusal took no number


def test_a_draft_whose_orders_are_all_cancelled_is_not_issued_and_goes_away(
    client: Client, draft: Invoice
) -> None:
    for line in draft.lines.select_related("order_line__order__placed"):
        world.cancelled(line.order_line.order.placed)
    answer = client.post(page_of(draft, "emettre/"), {"seen": "27.00"}, follow=True)
    assert Invoice.objects.count() == 0
    (sentence,) = desk.said(answer)
    assert "Ce brouillon n’existe plus" in sentence
    assert answer.redirect_chain == [(f"{desk.RUNS}mois/{draft.run.uuid}/", 302)]  # type: ignore[union-attr]


def test_an_issued_invoice_shows_what_was_frozen_and_what_was_done(
    client: Client, issued: Invoice
) -> None:
    structure = issued.structure
    structure.name, structure.city = "Autre nom", "Ailleurs"
    structure.save()
    words = desk.text(client.get(page_of(issued)))
    assert f"Facture {issued.number}" in words
    assert "Acheteur CCAS de Lille" in words
    assert "Vendeur Emmaüs Connect 71 rue Archereau" in words
    assert "TVA non applicable, art. 293 B du CGI" in words
    assert f"Émise : n° {issued.number}" in words
    assert "en préparation" in words  # its document


def test_the_document_is_handed_out_once_it_is_drawn(client: Client, issued: Invoice) -> None:
    waiting = client.get(page_of(issued, "pdf/"), follow=True)
    assert desk.said(waiting) == ["Le document est en préparation. Revenez dans un instant."]
    InvoiceDocument.objects.create(invoice=issued, pdf=b"%PDF-1.7", xml=b"<a/>", sha256="0")
    answer = client.get(page_of(issued, "pdf/"))
    assert answer.content == b"%PDF-1.7"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="facture_{issued.number}.pdf"'
    assert answer["Cache-Control"].startswith("private, no-store")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Télécharger le PDF" in desk.text(client.get(page_of(issued)))


def typed(client: Client, invoice: Invoice, units: list[str], reason: str = "Geste") -> Any:
    """Return a form of a credit note, filled in line by line."""
    form = client.get(page_of(invoice, "avoir/")).context["form"]
    fields = [field.html_name for _, field in form.rows()]
    key = {"key": str(form.initial["key"]), "reason": reason}
    return key | dict(zip(fields, units, strict=True))


def test_a_credit_note_is_made_read_and_issued(client: Client, issued: Invoice) -> None:
    answer = client.post(
        page_of(issued, "avoir/"), typed(client, issued, ["1", "2"], "Erreur"), follow=True
    )
    note = CreditNote.objects.get()
    assert answer.redirect_chain == [(page_of(note), 302)]
    assert (note.total, note.reason, note.corrects_id) == (Decimal(16), "Erreur", issued.pk)
    assert "Abandonner cet avoir" in desk.text(answer)
    client.post(page_of(note, "emettre/"), {"seen": "16.00"})
    note.refresh_from_db()
    assert (note.state, note.rank) == ("issued", 2)
    words = desk.text(client.get(page_of(issued)))
    assert f"Avoir {note.number} , −16,00 € : Erreur" in words.replace("\u2212", "−")
    assert "dont 1 rendu" in words
    form = client.get(page_of(issued, "avoir/")).context["form"]
    assert [line.left for line, _ in form.rows()] == [1, 1]


def test_a_second_click_makes_no_second_credit_note(client: Client, issued: Invoice) -> None:
    form = typed(client, issued, ["1", ""])
    pages = {client.post(page_of(issued, "avoir/"), form)["Location"] for _ in range(2)}
    assert pages == {page_of(CreditNote.objects.get())}


@pytest.mark.parametrize(
    ("units", "field", "sentence"),
    [
        (["3", ""], 0, "Il reste 2 articles à rendre."),
        (["", "-1"], 1, "Écrivez un nombre entier d’articles."),
        (["", "un"], 1, "Écrivez un nombre entier d’articles."),
        (["1.5", ""], 0, "Écrivez un nombre entier d’articles."),
    ],
)
def test_wrong_quantities_are_told_by_their_field_and_the_form_is_kept(
    client: Client, issued: Invoice, units: list[str], field: int, sentence: str
) -> None:
    answer = client.post(page_of(issued, "avoir/"), typed(client, issued, units, "Mon motif"))
    assert answer.status_code == 422
    shown = answer.context["form"].rows()[field][1]
    assert list(shown.errors) == [sentence]
    assert sentence in desk.text(answer)
    assert 'value="Mon motif"' in answer.content.decode()
    assert f'value="{units[field]}"' in answer.content.decode()
    assert CreditNote.objects.count() == 0


@pytest.mark.parametrize(
    ("units", "reason", "sentence"),
    [
        (["", ""], "Geste", "Choisissez au moins un article à rendre."),
        (["1", ""], " ", "Dites le motif de cet avoir : la structure le lira."),
    ],
)
def test_nothing_chosen_or_no_reason_is_refused(
    client: Client, issued: Invoice, units: list[str], reason: str, sentence: str
) -> None:
    answer = client.post(page_of(issued, "avoir/"), typed(client, issued, units, reason))
    assert answer.status_code == 422
    assert sentence in desk.text(answer)
    assert CreditNote.objects.count() == 0


def test_everything_is_proposed_at_once_and_a_long_invoice_is_cut_by_orders(
    client: Client, issued: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = client.get(page_of(issued, "avoir/"), {"tout": 1}).context["form"]
    assert [field.value() for _, field in form.rows()] == [2, 3]
    monkeypatch.setattr("shop.billing.backoffice.credit.MOST_LINES", 1)
    assert "1 ligne sur 2" in desk.text(client.get(page_of(issued, "avoir/")))
    order = issued.lines.get(upc="monde").order_number
    answer = client.get(page_of(issued, "avoir/"), {"commande": order})
    assert [line.upc for line, _ in answer.context["form"].rows()] == ["monde"]


def test_a_draft_or_a_credit_note_is_not_corrected(client: Client, draft: Invoice) -> None:
    answer = client.get(page_of(draft, "avoir/"), follow=True)
    assert desk.said(answer) == ["Un avoir corrige une facture émise."]


def test_a_credit_note_is_given_up_before_it_is_issued(client: Client, issued: Invoice) -> None:
    client.post(page_of(issued, "avoir/"), typed(client, issued, ["1", ""]))
    note = CreditNote.objects.get()
    answer = client.post(page_of(note, "abandonner/"), follow=True)
    assert answer.redirect_chain == [(page_of(issued), 302)]
    assert CreditNote.objects.count() == 0
    answer = client.post(page_of(issued, "abandonner/"), follow=True)
    assert "Seul un avoir préparé à la main" in desk.said(answer)[0]


def test_the_list_finds_by_words_number_kind_state_month_and_structure(
    client: Client, issued: Invoice
) -> None:
    client.post(page_of(issued, "avoir/"), typed(client, issued, ["1", ""]))
    note = CreditNote.objects.get()

    def found(**asked: Any) -> set[int]:
        return {one.pk for one in client.get(desk.INVOICES, asked).context["page"]}

    both = {issued.pk, note.pk}
    assert found() == found(q="lille") == found(structure=issued.structure.uuid) == both
    assert found(q=issued.number) == found(nature="factures") == found(etat="emises")
    assert found(q=issued.number) == found(mois=f"{issued.month:%Y-%m}") == {issued.pk}
    assert found(nature="avoirs") == found(etat="brouillons") == {note.pk}
    assert found(q="zzz") == found(structure=uuid.uuid4()) == set()
    wrong = client.get(desk.INVOICES, {"mois": "octobre"})
    assert "Ce mois n’existe pas" in desk.text(wrong)


def test_how_a_structure_is_billed_is_changed_from_its_page(
    client: Client, issued: Invoice
) -> None:
    structure = issued.structure
    page = f"/gestion/structures/{structure.uuid}/"
    before = client.get(page)
    assert "1 facture et avoir émis" in desk.text(before)
    form = f"{desk.INVOICES}structures/{structure.uuid}/"
    assert f'href="{form}"' in before.content.decode()
    refused = client.post(form, {"service_code": "SRV1", "engagement": ""})
    assert refused.status_code == 422
    assert "ne servent que sur Chorus Pro" in desk.text(refused)
    assert 'value="SRV1"' in refused.content.decode()
    answer = client.post(
        form, {"is_public": "on", "service_code": " SRV1 ", "engagement": "E-42"}, follow=True
    )
    terms = BuyerTerms.objects.get()
    assert (terms.is_public, terms.service_code, terms.engagement) == (True, "SRV1", "E-42")
    words = desk.text(answer)
    assert "Chorus Pro, code service SRV1, engagement E-42" in words
    assert "Conditions de facturation modifiées" in words
    issued.refresh_from_db()
    assert issued.buyer
    assert issued.buyer["service_code"] == ""


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MODERATOR, Role.OPERATOR])
def test_others_change_nothing(role: Role, issued: Invoice) -> None:
    client = desk.browser(role)
    before = world.snapshot()
    for page in ("relire/", "emettre/", "avoir/", "abandonner/", "pdf/"):
        assert client.post(page_of(issued, page)).status_code == 302
        assert client.get(page_of(issued, page)).status_code == 302
    terms = f"{desk.INVOICES}structures/{issued.structure.uuid}/"
    assert client.post(terms, {"is_public": "on"}).status_code == 302
    assert world.snapshot() == before
    assert BuyerTerms.objects.count() == 0


@pytest.mark.parametrize("more", [0, 3])
def test_an_invoice_costs_the_same_whatever_it_holds(
    client: Client, member: Membership, more: int, django_assert_num_queries: Any
) -> None:
    for _ in range(more):
        world.ordered(member, monde=1)
    world.opened()
    invoice = world.only()
    assert invoice.lines.aggregate(units=Sum("quantity"))["units"] == 5 + more
    client.get(page_of(invoice))
    with django_assert_num_queries(16):
        client.get(page_of(invoice))
