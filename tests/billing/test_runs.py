"""A month's run: what it bills, what it leaves out, and that doing it again changes nothing."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.structures.models import Membership
from portal.ui.errors import NotAllowed
from shop.billing import runs
from shop.billing.models import BillingRun, Invoice
from shop.billing.tasks import open_last_month
from shop.handovers.months import following, named, this_month, written
from shop.products.models import ProductPrice
from tests import factories
from tests.billing import world
from tests.shop.books import report_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    """The lead of a structure with a free quota of one."""
    world.stock(monde=20, illimite_france=20)
    found = world.customer()
    factories.quota(found.structure, "monde", 1)
    return found


def lines(invoice: Invoice) -> list[tuple[object, ...]]:
    """Return what an invoice's lines say."""
    said = ("upc", "quantity", "unit_price", "total", "is_free")
    return list(invoice.lines.values_list(*said))


def test_a_structure_gets_one_draft_of_its_paid_units_and_reads_what_was_free(
    member: Membership,
) -> None:
    first = world.ordered(member, monde=3, illimite_france=1)
    second = world.ordered(member, monde=1)
    run = world.opened()

    invoice = world.only()
    assert (invoice.structure, invoice.run, invoice.month) == (member.structure, run, run.month)
    assert (invoice.state, invoice.kind, invoice.number) == ("draft", "invoice", None)
    assert invoice.supplied_from == run.month
    assert invoice.supplied_to == following(run.month) - dt.timedelta(days=1)
    assert lines(invoice) == [
        ("monde", 2, Decimal("5.00"), Decimal("10.00"), False),
        ("illimite-france", 1, Decimal("6.00"), Decimal("6.00"), False),
        ("monde", 1, Decimal("5.00"), Decimal("5.00"), False),
        ("monde", 1, Decimal("0.00"), Decimal("0.00"), True),
    ]
    assert invoice.total == Decimal("21.00")
    numbers = invoice.lines.values_list("order_number", "ordered_on", "member")
    name = f"{member.user.first_name} {member.user.last_name}"
    day = run.month.replace(day=10)
    assert set(numbers) == {(one.order.number, day, name) for one in (first, second)}


def test_free_units_cancelled_orders_and_other_months_make_no_invoice(member: Membership) -> None:
    month = world.last_month()
    world.ordered(member, monde=1)
    world.cancelled(world.ordered(member, monde=2))
    world.ordered(member, at=world.noon(this_month(), 1), monde=1)
    world.ordered(member, at=world.noon(month.replace(day=1)) - dt.timedelta(days=20), monde=1)
    run = world.opened()
    assert Invoice.objects.count() == 0
    assert runs.review(run) == runs.Review(0, 0, 0, Decimal("0.00"), Decimal("0.00"), 0)


def test_a_month_begins_and_ends_at_midnight_in_paris(member: Membership) -> None:
    factories.quota(member.structure, "illimite-france", 0)
    first = dt.datetime.combine(world.last_month(), dt.time(), tzinfo=world.PARIS)
    last = dt.datetime.combine(this_month(), dt.time(), tzinfo=world.PARIS)
    second = dt.timedelta(seconds=1)
    moments = [first - second, first, last - second, last]
    placed = [world.ordered(member, at=at, illimite_france=1) for at in moments]
    world.opened()
    billed = set(world.only().lines.values_list("order_number", flat=True))
    assert billed == {one.order.number for one in placed[1:3]}


def test_three_more_runs_change_nothing(member: Membership) -> None:
    world.ordered(member, monde=3)
    world.ordered(world.customer(), illimite_france=2)
    world.opened()
    before = world.snapshot()
    for _ in range(3):
        world.opened()
    assert world.snapshot() == before
    assert BillingRun.objects.count() == 1


def test_a_price_edited_afterwards_changes_nothing(member: Membership) -> None:
    world.ordered(member, illimite_france=2)
    ProductPrice.objects.update(price=Decimal("99.00"))
    world.opened()
    before = world.snapshot()
    product = factories.product("illimite-france")
    product.title = "Autre nom"
    product.save()
    world.opened()
    assert world.snapshot() == before
    assert lines(world.only()) == [("illimite-france", 2, Decimal("6.00"), Decimal("12.00"), False)]


def test_a_replaced_number_changes_nothing_of_the_bill(member: Membership) -> None:
    placed = world.ordered(member, illimite_france=2)
    world.opened()
    before = world.snapshot()
    assert report_one(member, placed).state == "replaced"
    world.opened()
    assert world.snapshot() == before


def test_a_draft_follows_its_orders_and_goes_away_with_the_last_of_them(
    member: Membership,
) -> None:
    one, other = (world.ordered(member, illimite_france=units) for units in (1, 2))
    world.opened()
    world.cancelled(one)
    assert world.opened().state == "draft"
    assert world.only().total == Decimal("12.00")
    world.cancelled(other)
    assert runs.refresh(world.only()) is None
    assert Invoice.objects.count() == 0
    world.opened()
    assert Invoice.objects.count() == 0


def test_one_draft_is_refreshed_alone(member: Membership) -> None:
    world.ordered(member, illimite_france=1)
    world.opened()
    world.ordered(member, illimite_france=1)
    again = runs.refresh(world.only())
    assert again is not None
    assert again.total == Decimal("12.00")


def test_a_month_that_is_not_over_is_refused_with_a_sentence(member: Membership) -> None:
    world.ordered(member, at=world.noon(this_month(), 1), illimite_france=1)
    for month in (this_month(), following(this_month())):
        with pytest.raises(runs.MonthNotOver, match="n’est pas terminé"):
            runs.open_month(month)
    assert (BillingRun.objects.count(), Invoice.objects.count()) == (0, 0)


def test_batches_are_messages_that_workers_share(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 2)
    for _ in range(5):
        world.ordered(world.customer(), illimite_france=1)
    run = runs.open_month(world.last_month())
    waiting = OutboxMessage.objects.filter(topic=runs.TOPIC, delivered_at=None)
    assert sorted(len(one.payload["structures"]) for one in waiting) == [1, 2, 2]
    assert runs.review(run).to_prepare == 5
    world.drain()
    assert runs.review(run).invoices == 5
    assert runs.review(run).to_prepare == 0


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OPERATOR, Role.PARTNER])
def test_others_open_no_month(role: Role) -> None:
    with pytest.raises(NotAllowed):
        runs.open_month(world.last_month(), by=factories.UserFactory(role=role))
    assert BillingRun.objects.count() == 0


@pytest.mark.parametrize("role", [Role.REFERENT, Role.ADMINISTRATOR])
def test_referents_and_administrators_do(role: Role) -> None:
    run = runs.open_month(world.last_month(), by=factories.UserFactory(role=role))
    assert run.state == "draft"


def test_the_command_prepares_a_month_and_says_what_there_is(member: Membership) -> None:
    world.ordered(member, illimite_france=1)
    texts = []
    for _ in range(2):
        out = io.StringIO()
        call_command("bill_month", written(world.last_month()), stdout=out)
        texts.append(out.getvalue())
    assert texts[0] == texts[1]
    assert "1 factures (6.00\u00a0€), 0 avoirs (0.00\u00a0€), 1 à émettre, 0 structures" in texts[0]


def test_the_command_says_that_a_month_is_not_over_and_writes_nothing(member: Membership) -> None:
    world.ordered(member, at=world.noon(this_month(), 1), illimite_france=1)
    with pytest.raises(CommandError) as refused:
        call_command("bill_month", written(this_month()))
    assert str(refused.value) == (
        f"{named(this_month()).capitalize()} n’est pas terminé\u00a0: ses factures se préparent à "
        "partir du premier jour du mois suivant. Rien n’a été écrit."
    )
    assert (BillingRun.objects.count(), Invoice.objects.count()) == (0, 0)
    assert OutboxMessage.objects.filter(topic=runs.TOPIC).count() == 0


@pytest.mark.parametrize("month", ["2026-13", "octobre", "2099-01"])
def test_the_command_refuses_what_is_no_month_that_is_over(month: str) -> None:
    with pytest.raises(CommandError):
        call_command("bill_month", month)
    assert BillingRun.objects.count() == 0


def test_the_calendar_opens_the_last_month_on_the_first(member: Membership) -> None:
    world.ordered(member, illimite_france=1)
    open_last_month()
    world.drain()
    assert world.only().month == world.last_month()
    entry = settings.CELERY_BEAT_SCHEDULE["billing-open"]
    assert entry["task"] == open_last_month.name
    assert entry["schedule"].day_of_month == {1}
