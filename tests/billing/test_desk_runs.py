"""Months in the back office: prepared, reviewed, issued, and who may."""

from decimal import Decimal

import pytest
from django.test import Client

from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.structures.models import Membership
from shop.billing import runs
from shop.billing.issuing import ISSUE_TOPIC
from shop.billing.models import BillingRun, BillingSettings, Invoice
from shop.handovers.months import this_month, written
from tests.billing import desk, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A référent's browser."""
    return desk.browser()


@pytest.fixture
def member() -> Membership:
    """The lead of a structure that ordered for 12 €, last month."""
    world.stock(illimite_france=30)
    found = world.customer(name="CCAS de Lille")
    world.ordered(found, illimite_france=2)
    return found


def page_of(run: BillingRun) -> str:
    return f"{desk.RUNS}mois/{run.uuid}/"


def issue_all(client: Client, run: BillingRun) -> object:
    """Read the question and confirm it."""
    seen = client.get(f"{page_of(run)}emettre/").context["ready"].seen
    return client.post(f"{page_of(run)}emettre/", {"seen": seen}, follow=True)


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
def test_referents_and_administrators_only_reach_the_invoices(
    role: Role, status: int, member: Membership
) -> None:
    run = world.opened()
    client = desk.browser(role)
    invoice = f"{desk.INVOICES}{world.only().uuid}/"
    pages = [desk.RUNS, page_of(run), f"{page_of(run)}emettre/", desk.INVOICES, invoice]
    pages += [f"{invoice}emettre/", f"{desk.RUNS}ecarts/"]
    assert [client.get(page).status_code for page in pages] == [status] * len(pages)
    menu = client.get("/gestion/account/").content.decode()
    assert ('"/gestion/facturation/"' in menu) == (status == 200)
    for page in (f"{desk.RUNS}preparer/", f"{page_of(run)}emettre/", f"{invoice}emettre/"):
        before = world.snapshot()
        client.post(page, {"month": written(world.last_month())})
        assert world.snapshot() == before


def test_a_month_is_prepared_and_its_review_says_what_there_is(
    client: Client, member: Membership
) -> None:
    world.seller()
    answer = client.post(
        f"{desk.RUNS}preparer/", {"month": written(world.last_month())}, follow=True
    )
    run = BillingRun.objects.get()
    assert answer.redirect_chain == [(page_of(run), 302)]
    assert "1 structure à préparer, en 1 lot" in desk.text(answer)
    assert "Voir où en est le travail" in desk.text(answer)
    world.drain()

    answer = client.get(page_of(run))
    assert answer.context["review"] == runs.Review(1, 0, 1, Decimal(12), Decimal(0), 0)
    assert "CCAS de Lille Facture Brouillon 12,00 €" in desk.text(answer)
    (listed,) = client.get(desk.RUNS).context["page"]
    shown = (listed.invoice_count, listed.invoiced, listed.note_count, listed.draft_count)
    assert shown == (1, Decimal(12), 0, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (written(this_month()), "n’est pas terminé"),
        ("2026-13", "Ce mois n’existe pas"),
        ("octobre", "Ce mois n’existe pas"),
        ("", "Choisissez le mois à préparer."),
    ],
)
def test_what_is_no_month_that_is_over_is_refused_beside_it(
    client: Client, typed: str, sentence: str
) -> None:
    answer = client.post(f"{desk.RUNS}preparer/", {"month": typed})
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["month"]
    assert sentence in error
    assert f'value="{typed}"' in answer.content.decode() or not typed
    assert BillingRun.objects.count() == 0


def test_preparing_again_doubles_nothing(client: Client, member: Membership) -> None:
    run = world.opened()
    before = world.snapshot()
    client.post(f"{desk.RUNS}preparer/", {"month": written(run.month)})
    world.drain()
    assert world.snapshot() == before


def test_a_page_asks_by_itself_while_work_is_under_way(client: Client, member: Membership) -> None:
    run = runs.open_month(world.last_month())
    part = client.get(page_of(run), headers={"HX-Request": "true"})
    assert desk.text(part).startswith("Brouillons en préparation…")
    assert "<html" not in part.content.decode()
    world.drain()
    done = client.get(page_of(run), headers={"HX-Request": "true"})
    assert (done["HX-Refresh"], done.content) == ("true", b"")
    assert "hx-trigger" not in client.get(page_of(run)).content.decode()


def test_structures_that_cannot_be_named_are_listed_with_a_link_to_mend_them(
    client: Client, member: Membership
) -> None:
    other = world.customer(name="Mission locale", siret="", address="")
    world.ordered(other, illimite_france=1)
    run = world.opened()
    answer = client.get(page_of(run))
    assert "1 structure à compléter avant d’émettre" in desk.text(answer)
    assert "Mission locale : il manque SIRET, adresse" in desk.text(answer)
    link = f'href="/gestion/structures/{other.structure.uuid}/fiche/"'
    assert link in answer.content.decode()
    (shown,) = client.get(page_of(run), {"etat": "a-completer"}).context["page"]
    assert shown.structure == other.structure


def test_what_the_seller_does_not_say_is_named_with_a_link_to_the_settings(
    client: Client, member: Membership
) -> None:
    run = world.opened()
    for page in (desk.RUNS, page_of(run), f"{page_of(run)}emettre/"):
        answer = client.get(page)
        assert "Aucune facture ne peut encore être émise" in desk.text(answer)
        assert "adresse, code postal, commune, SIRET, IBAN, BIC" in desk.text(answer)
        assert 'href="/gestion/settings/billing/billingsettings/"' in answer.content.decode()
    answer = issue_all(client, run)
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert Invoice.objects.issued().count() == 0


def test_a_referent_edits_the_settings(client: Client) -> None:
    answer = client.get("/gestion/settings/billing/billingsettings/", follow=True)
    assert answer.status_code == 200
    form = answer.context["form"]
    typed = {name: form.initial.get(name) or "" for name in form.fields}
    typed |= {"iban": "FR76 0000", "siret": "73282932000074"}
    path = answer.request["PATH_INFO"]
    refused = client.post(path, typed)
    assert "Cet IBAN n’est pas valide" in desk.text(refused)
    client.post(path, typed | {"iban": "FR7630006000011234567890189"})
    facts = BillingSettings.load()
    assert (facts.iban, facts.siret) == ("FR7630006000011234567890189", "73282932000074")


def test_drafts_that_differ_from_their_orders_are_named_until_they_are_read_again(
    client: Client, member: Membership
) -> None:
    run = world.opened()
    world.ordered(member, illimite_france=1)
    answer = client.get(page_of(run))
    assert "1 brouillon en écart avec les commandes" in desk.text(answer)
    assert "CCAS de Lille : 12,00 € au brouillon, 18,00 € de commandes" in desk.text(answer)
    client.post(f"{desk.RUNS}preparer/", {"month": written(run.month)})
    world.drain()
    assert client.get(page_of(run)).context["gap_count"] == 0
    assert world.only().total == Decimal(18)


def test_structures_that_came_late_are_counted(client: Client, member: Membership) -> None:
    run = world.opened()
    world.ordered(world.customer(), illimite_france=1)
    assert "1 structure sans brouillon" in desk.text(client.get(page_of(run)))
    question = client.get(f"{page_of(run)}emettre/")
    assert "encore en préparation" in desk.text(question)
    assert question.context["may_issue"] is False


def test_the_books_are_counted_again_and_say_that_they_agree(
    client: Client, member: Membership
) -> None:
    world.opened()
    answer = client.get(f"{desk.RUNS}ecarts/")
    assert "Tout concorde" in desk.text(answer)
    assert len(answer.context["rules"]) >= 8


def test_issuing_asks_first_and_says_how_many_and_how_much(
    client: Client, member: Membership
) -> None:
    world.seller()
    world.ordered(world.customer(name="Sans SIRET", siret=""), illimite_france=1)
    run = world.opened()
    question = client.get(f"{page_of(run)}emettre/")
    words = desk.text(question)
    assert "1 facture pour 12,00 €" in words
    assert "Rien de cela ne peut être annulé" in words
    assert "Une structure reste en brouillon" in words
    assert Invoice.objects.issued().count() == 0

    answer = issue_all(client, run)
    assert desk.said(answer) == ["1 document en cours d’émission. Cette page le suit."]
    assert "Émission en cours…" in desk.text(answer)
    assert "0 sur 2. Encore 1 à émettre." in desk.text(answer)
    world.drain()
    issued = Invoice.objects.issued().get()
    assert issued.structure == member.structure
    assert "Émission en cours" not in desk.text(client.get(page_of(run)))
    run.refresh_from_db()
    assert run.state == BillingRun.State.DRAFT  # one is left


def test_what_was_not_read_is_not_issued(client: Client, member: Membership) -> None:
    world.seller()
    run = world.opened()
    seen = client.get(f"{page_of(run)}emettre/").context["ready"].seen
    world.ordered(world.customer(), illimite_france=1)
    world.opened()
    answer = client.post(f"{page_of(run)}emettre/", {"seen": seen})
    assert answer.status_code == 409
    assert "Les brouillons ont changé" in desk.said(answer)[0]
    assert "2 factures pour 18,00 €" in desk.text(answer)
    assert not OutboxMessage.objects.filter(topic=ISSUE_TOPIC).exists()


def test_confirming_twice_issues_once(client: Client, member: Membership) -> None:
    world.seller()
    run = world.opened()
    seen = client.get(f"{page_of(run)}emettre/").context["ready"].seen
    for _ in range(2):
        client.post(f"{page_of(run)}emettre/", {"seen": seen})
    world.drain()
    assert Invoice.objects.issued().get().rank == 1
    run.refresh_from_db()
    assert run.state == BillingRun.State.ISSUED
    assert "Émettre les factures" not in desk.text(client.get(page_of(run)))


def test_drafts_are_found_by_structure_and_cut_into_pages(
    client: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.billing.backoffice.runs.PER_PAGE", 2)
    for name in ("Avenir", "Boussole"):
        world.ordered(world.customer(name=name), illimite_france=1)
    run = world.opened()
    shown = client.get(page_of(run)).context["page"]
    assert [one.structure.name for one in shown] == ["Avenir", "Boussole"]
    (last,) = client.get(page_of(run), {"page": 2}).context["page"]
    assert last.structure == member.structure
    (found,) = client.get(page_of(run), {"q": "lille"}).context["page"]
    assert found.structure == member.structure
    assert "Aucune facture ne correspond." in desk.text(client.get(page_of(run), {"q": "zzz"}))


@pytest.mark.parametrize("more", [0, 2])
def test_pages_cost_the_same_whatever_they_hold(
    client: Client,
    member: Membership,
    more: int,
    django_assert_num_queries: object,
) -> None:
    for _ in range(more):
        world.ordered(world.customer(siret="" if more else world.siret()), illimite_france=1)
    run = world.opened()
    for page, queries in ((desk.RUNS, 11), (page_of(run), 21), (desk.INVOICES, 10)):
        client.get(page)
        with django_assert_num_queries(queries):  # type: ignore[operator]
            client.get(page)
