"""« Chorus Pro »: what is proposed, what one deposit holds, and that nothing leaves twice."""

import datetime as dt
import io
import uuid
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from shop.billing import deposits, issuing
from shop.billing.models import BuyerTerms, ChorusDeposit, Invoice, InvoiceDocument
from tests.billing import desk, world

pytestmark = pytest.mark.django_db
PAGE = "/gestion/facturation/chorus-pro/"


@pytest.fixture
def client() -> Client:
    """A référent's browser."""
    return desk.browser()


@pytest.fixture
def public() -> list[Invoice]:
    """Two issued invoices of public bodies; a private one's and a draft are there too."""
    world.seller()
    world.stock(illimite_france=10)
    for name, is_public in (("Avenir", True), ("Boussole", True), ("Cap", False), ("Dune", True)):
        member = world.customer(name=name)
        BuyerTerms.objects.create(structure=member.structure, is_public=is_public)
        world.ordered(member, illimite_france=1)
    world.opened()
    by = world.manager()
    for invoice in Invoice.objects.exclude(structure__name="Dune").order_by("structure__name"):
        issuing.issue(invoice, by=by)
    world.drain()
    found = list(Invoice.objects.issued().filter(buyer__is_public=True).order_by("rank"))
    assert [one.buyer["name"] for one in found if one.buyer] == ["Avenir", "Boussole"]
    return found


def draw(invoice: Invoice) -> None:
    pdf = f"%PDF {invoice.number}".encode()
    InvoiceDocument.objects.create(invoice=invoice, pdf=pdf, xml=b"<a/>", sha256="0")


def proposed(client: Client, **asked: str) -> list[Invoice]:
    return [one for one, _ in client.get(PAGE, asked).context["rows"]]


def posted(client: Client, *invoices: Invoice, key: str = "") -> Any:
    typed = {"key": key or str(uuid.uuid4()), "facture": [str(one.uuid) for one in invoices]}
    return client.post(PAGE, typed, follow=True)


def test_drawn_invoices_of_public_bodies_are_proposed(
    client: Client, public: list[Invoice]
) -> None:
    answer = client.get(PAGE)
    assert "Aucune facture d’un organisme public n’est à déposer" in desk.text(answer)
    assert "2 autres seront proposées quand leur document sera dessiné." in desk.text(answer)
    draw(public[0])
    assert proposed(client) == [public[0]]
    day = public[0].issued_on
    assert day
    assert proposed(client, du=str(day), au=str(day)) == [public[0]]
    before = str(day - dt.timedelta(days=1))
    assert proposed(client, du=str(day - dt.timedelta(days=9)), au=before) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"du": "2026-10-02", "au": "2026-10-01"}, "La période finit avant de commencer"),
        ({"du": "hier"}, "Indiquez une date"),
    ],
)
def test_what_is_no_period_is_told_by_its_field(
    client: Client, asked: dict[str, str], sentence: str
) -> None:
    answer = client.get(PAGE, asked)
    assert answer.status_code == 400
    assert sentence in desk.text(answer)


def test_what_is_ticked_leaves_in_one_file_and_is_remembered(
    client: Client, public: list[Invoice]
) -> None:
    for one in public:
        draw(one)
    answer = posted(client, *public)
    made = ChorusDeposit.objects.get()
    assert desk.said(answer) == [f"Dépôt n°{made.pk} : 2 documents. Téléchargez son fichier."]
    assert answer.context["rows"] == []
    link = f"{PAGE}{made.uuid}/fichier.zip"
    assert f'href="{link}"' in answer.content.decode()
    files = [client.get(link) for _ in range(2)]
    assert files[0].content == files[1].content
    assert files[0]["Content-Disposition"] == f'attachment; filename="chorus-pro-{made.pk}.zip"'
    batch = zipfile.ZipFile(io.BytesIO(files[0].content))
    assert {name: batch.read(name) for name in batch.namelist()} == {
        f"facture_{one.number}.pdf": f"%PDF {one.number}".encode() for one in public
    }
    actions = AuditEntry.objects.filter(action__startswith="billing.deposit").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "billing.deposited",
        *["billing.deposit_downloaded"] * 2,
    ]


def test_nothing_leaves_twice(client: Client, public: list[Invoice]) -> None:
    for one in public:
        draw(one)
    key = str(uuid.uuid4())
    for _ in range(2):
        posted(client, public[0], key=key)  # a second click
    assert ChorusDeposit.objects.count() == 1
    answer = posted(client, *public)
    assert answer.status_code == 422
    assert desk.said(answer) == [f"Déjà déposées, retirez-les du lot : {public[0].number}."]
    assert proposed(client) == [public[1]]
    assert ChorusDeposit.objects.get().items.count() == 1


def test_what_chorus_pro_would_refuse_is_told_and_nothing_is_written(
    client: Client, public: list[Invoice]
) -> None:
    private = Invoice.objects.issued().get(buyer__is_public=False)
    for one in (public[0], private):
        draw(one)
    answer = posted(client, public[0], private)
    assert "Chorus Pro ne reçoit que les factures des organismes publics" in desk.said(answer)[0]
    assert desk.said(posted(client)) == ["Aucune facture n’est à déposer sur Chorus Pro."]
    assert "encore en préparation" in desk.said(posted(client, public[1]))[0]
    draft = Invoice.objects.drafts().get()
    assert "n’est pas émise" in desk.said(posted(client, draft))[0]
    assert client.post(PAGE, {"key": "x"}).status_code == 422
    assert ChorusDeposit.objects.count() == 0
    ticked = {one.pk: ticked for one, ticked in posted(client, draft).context["rows"]}
    assert ticked == {public[0].pk: False}


def test_a_batch_holds_500_and_says_how_many_are_left(
    client: Client, public: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in public:
        draw(one)
    monkeypatch.setattr("shop.billing.backoffice.chorus.MOST_INVOICES", 1)
    assert proposed(client) == [public[0]]
    assert "1 autre pour le suivant" in desk.text(client.get(PAGE))


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MODERATOR, Role.OPERATOR])
def test_others_deposit_nothing(role: Role, public: list[Invoice]) -> None:
    draw(public[0])
    client = desk.browser(role)
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, {"facture": [str(public[0].uuid)]}).status_code == 302
    by = world.factories.UserFactory(role=role)
    with pytest.raises(NotAllowed):
        deposits.deposit(by=by, key=uuid.uuid4(), invoices=[public[0].uuid])
    assert ChorusDeposit.objects.count() == 0


def test_the_database_keeps_an_invoice_in_one_deposit(public: list[Invoice]) -> None:
    draw(public[0])
    deposits.deposit(by=world.manager(), key=uuid.uuid4(), invoices=[public[0].uuid])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT invoice_id) FROM billing_depositedinvoice")
        assert cursor.fetchone() == (1, 1)
