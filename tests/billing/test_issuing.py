"""Issuing: numbers that follow each other, facts that are frozen, effects through the outbox."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures.models import Membership, Structure
from portal.ui.errors import NotAllowed
from shop.billing import issuing, runs
from shop.billing.freezing import FactsMissing
from shop.billing.models import BillingRun, BillingSettings, BuyerTerms, Invoice, NumberSeries
from shop.handovers.months import previous
from tests import factories
from tests.billing import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Invoice:
    """A draft of six euros, and a seller who may sell."""
    world.seller()
    world.stock(illimite_france=20)
    world.ordered(world.customer(), illimite_france=1)
    world.opened()
    return world.only()


def another() -> Membership:
    """Return a customer with an order of last month, not prepared yet."""
    member = world.customer()
    world.ordered(member, illimite_france=1)
    return member


def test_it_numbers_freezes_records_and_announces(draft: Invoice) -> None:
    by = world.manager()
    structure = draft.structure
    BuyerTerms.objects.create(
        structure=structure, is_public=True, service_code="SERV", engagement="E-12"
    )
    invoice = issuing.issue(draft, by=by)
    assert invoice == draft
    draft.refresh_from_db()
    today = factories.today()
    assert (draft.state, draft.number, draft.rank) == ("issued", f"{today.year}-000001", 1)
    assert (draft.issued_on, draft.issued_by) == (today, by)
    assert draft.due_on == today + dt.timedelta(days=30)
    assert draft.buyer == {
        "name": structure.name,
        "kind": structure.kind,
        "address": structure.address,
        "postcode": "33000",
        "city": "Bordeaux",
        "country": "FR",
        "siret": structure.siret,
        "siren": structure.siret[:9],
        "rna": "",
        "is_public": True,
        "service_code": "SERV",
        "engagement": "E-12",
    }
    assert draft.seller is not None
    assert draft.mentions is not None
    assert draft.seller["siret"] == "73282932000074"
    assert draft.mentions["vat"] == "TVA non applicable, art. 293 B du CGI"
    assert AuditEntry.objects.filter(action="billing.issued", by=by).count() == 1


def test_what_is_edited_afterwards_changes_no_issued_invoice(draft: Invoice) -> None:
    issuing.issue(draft, by=world.manager())
    draft.refresh_from_db()
    before = world.snapshot()
    Structure.objects.update(name="Autre nom", siret="")
    BillingSettings.objects.update(seller_name="Autre vendeur", due_days=5)
    world.opened()
    assert [row for row in world.snapshot() if isinstance(row, dict)] == before


def test_the_referent_of_the_structure_gets_a_link_and_no_amount(draft: Invoice) -> None:
    issuing.issue(draft, by=world.manager())
    world.drain_all()
    lead = draft.structure.memberships.get().user
    assert [message.to for message in mail.outbox] == [[lead.email]]
    text = str(mail.outbox[0].body)
    assert "/mon-compte/factures/" in text
    assert "6,00" not in text
    assert mail.outbox[0].attachments == []


def test_two_clicks_issue_once(draft: Invoice) -> None:
    by = world.manager()
    first, second = issuing.issue(draft, by=by), issuing.issue(draft, by=by)
    assert first == second
    assert NumberSeries.objects.get().last == 1


def test_numbers_follow_each_other_and_begin_again_each_year(draft: Invoice) -> None:
    by = world.manager()
    with time_machine.travel(dt.datetime(2031, 12, 31, 12, tzinfo=world.PARIS), tick=False):
        issuing.issue(draft, by=by)
    another()
    run = world.opened()
    with time_machine.travel(dt.datetime(2032, 1, 1, 0, 30, tzinfo=world.PARIS), tick=False):
        issuing.issue(run.invoices.drafts().get(), by=by)
    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == [
        "2031-000001",
        "2032-000001",
    ]


def test_dates_never_go_back_along_the_numbers(draft: Invoice) -> None:
    by = world.manager()
    issuing.issue(draft, by=by)
    another()
    run = world.opened()
    yesterday = dt.datetime.now(world.PARIS) - dt.timedelta(days=1)
    with time_machine.travel(yesterday, tick=False), pytest.raises(issuing.ClockWentBack):
        issuing.issue(run.invoices.drafts().get(), by=by)
    assert NumberSeries.objects.get().last == 1


def test_what_is_refused_takes_no_number(draft: Invoice) -> None:
    by = world.manager()
    Structure.objects.update(siret="")
    with pytest.raises(FactsMissing, match="il manque, dans sa fiche\u00a0: SIRET"):
        issuing.issue(draft, by=by)
    BillingSettings.objects.update(iban="", city="")
    with pytest.raises(FactsMissing, match="facturation\u00a0: commune, IBAN"):
        issuing.issue(draft, by=by)
    assert NumberSeries.objects.count() == 0
    assert world.only().state == "draft"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MODERATOR, Role.OPERATOR, Role.PARTNER])
def test_others_issue_nothing(draft: Invoice, role: Role) -> None:
    by = factories.UserFactory(role=role)
    with pytest.raises(NotAllowed):
        issuing.issue(draft, by=by)
    with pytest.raises(NotAllowed):
        issuing.issue_run(BillingRun.objects.get(), by=by)
    assert world.only().state == "draft"


def test_an_order_cancelled_since_the_draft_is_not_billed(draft: Invoice) -> None:
    member = draft.structure.memberships.get()
    other = world.ordered(member, illimite_france=2)
    world.opened()
    world.cancelled(other)
    invoice = issuing.issue(draft, by=world.manager())
    assert invoice is not None
    assert invoice.total == Decimal("6.00")


def test_a_draft_whose_orders_were_all_cancelled_goes_away_without_a_number(
    draft: Invoice,
) -> None:
    world.cancelled(draft.lines.get().order_line.order.placed)
    assert issuing.issue(draft, by=world.manager()) is None
    assert (Invoice.objects.count(), NumberSeries.objects.count()) == (0, 0)


def test_a_run_is_issued_whole_and_closed_with_its_last_draft(draft: Invoice) -> None:
    by = world.manager()
    for _ in range(3):
        another()
    run = world.opened()
    assert issuing.issue_run(run, by=by) == issuing.Asked(4, [])
    assert issuing.issue_run(run, by=by) == issuing.Asked(4, [])  # a second click
    world.drain()
    run.refresh_from_db()
    assert run.state == "issued"
    ranks = Invoice.objects.order_by("rank").values_list("rank", flat=True)
    assert list(ranks) == [1, 2, 3, 4]
    review = runs.review(run)
    assert (review.drafts, review.invoiced) == (0, Decimal("24.00"))


def test_documents_of_a_run_leave_room_for_other_messages_between_them(draft: Invoice) -> None:
    for _ in range(2):
        another()
    run = world.opened()
    issuing.issue_run(run, by=world.manager())
    with time_machine.travel(timezone.now(), tick=False):
        asked = timezone.now()
        BillingRun.objects.update(issue_asked_at=asked)
        deliver_due()
    drawings = OutboxMessage.objects.filter(topic=issuing.ISSUED_TOPIC).order_by("due_at")
    pace = dt.timedelta(seconds=issuing.PACE)
    assert [one.due_at - asked for one in drawings] == [pace * rank for rank in range(3)]


def test_an_order_cancelled_between_the_review_and_the_issue_of_a_run_takes_no_number(
    draft: Invoice,
) -> None:
    lost = world.ordered(world.customer(), illimite_france=2)
    run = world.opened()
    assert runs.review(run).invoiced == Decimal("18.00")
    issuing.issue_run(run, by=world.manager())
    world.cancelled(lost)
    world.drain()
    run.refresh_from_db()
    assert run.state == "issued"
    assert world.only().total == Decimal("6.00")
    assert NumberSeries.objects.get().last == 1


def test_what_cannot_be_issued_stays_and_keeps_the_run_open(draft: Invoice) -> None:
    by = world.manager()
    lost = another()
    Structure.objects.filter(pk=lost.structure_id).update(siret="")
    run = world.opened()
    assert [one.structure for one in runs.without_siret(run)] == [lost.structure]
    asked = issuing.issue_run(run, by=by)
    assert (asked.count, [one.structure for one, _ in asked.left]) == (1, [lost.structure])
    world.drain()
    run.refresh_from_db()
    assert (run.state, run.invoices.drafts().count()) == ("draft", 1)

    Structure.objects.filter(pk=lost.structure_id).update(siret=world.siret())
    issuing.issue_run(run, by=by)
    world.drain()
    run.refresh_from_db()
    assert (run.state, run.invoices.drafts().count()) == ("issued", 0)


def test_a_run_that_is_still_prepared_is_not_issued(draft: Invoice) -> None:
    another()
    with pytest.raises(issuing.RunNotReady):
        issuing.issue_run(BillingRun.objects.get(), by=world.manager())


def test_an_order_that_came_late_opens_its_run_again(draft: Invoice) -> None:
    by = world.manager()
    issuing.issue_run(draft.run, by=by)
    world.drain()
    another()
    run = world.opened()
    assert (run.state, run.invoices.drafts().count()) == ("draft", 1)


def test_a_month_is_opened_for_each_year_of_the_past(draft: Invoice) -> None:
    run = runs.open_month(previous(world.last_month()))
    assert run.month == previous(world.last_month())


def test_only_the_lead_reads_the_issued_invoices_of_their_structure(draft: Invoice) -> None:
    lead = draft.structure.memberships.get()
    colleague = factories.MembershipFactory(structure=draft.structure)
    assert list(Invoice.objects.visible_to(lead)) == []
    issuing.issue(draft, by=world.manager())
    assert list(Invoice.objects.visible_to(lead)) == [draft]
    assert list(Invoice.objects.visible_to(colleague)) == []
    assert list(Invoice.objects.visible_to(another())) == []
