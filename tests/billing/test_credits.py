"""Credit notes: an order cancelled after its invoice is given back once, to the cent."""

import uuid
from decimal import Decimal

import pytest

from portal.accounts.roles import Role
from portal.ui.errors import NotAllowed
from shop.billing import issuing, runs
from shop.billing.credits import CreditRefused, draft_credit_note, drop_draft
from shop.billing.models import BillingRun, CreditNote, Invoice
from shop.billing.reconcile import gaps
from shop.handovers.months import previous
from shop.ordering.models import PlacedOrder
from tests import factories
from tests.billing import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed() -> PlacedOrder:
    """An order of the month before last, of one free and three paid articles, invoiced."""
    world.seller()
    world.stock(monde=9, illimite_france=9)
    member = world.customer()
    factories.quota(member.structure, "monde", 1)
    month = previous(world.last_month())
    found = world.ordered(member, at=world.noon(month), monde=3, illimite_france=1)
    issue(world.opened(month))
    return found


def issue(run: BillingRun) -> None:
    issuing.issue_run(run, by=world.manager())
    world.drain()


def invoice() -> Invoice:
    return Invoice.objects.invoices().issued().get()


def by_hand(units: int, **fields: object) -> CreditNote:
    """Draft a credit note of units of « Monde »."""
    line = invoice().lines.get(upc="monde", is_free=False)
    values = {
        "by": world.manager(),
        "invoice": invoice().uuid,
        "quantities": {line.pk: units},
        "reason": "Geste commercial",
        "key": uuid.uuid4(),
    }
    return draft_credit_note(**(values | fields))  # type: ignore[arg-type]


def test_an_order_cancelled_after_its_invoice_is_given_back_by_its_months_run(
    placed: PlacedOrder,
) -> None:
    world.cancelled(placed, at=world.noon(world.last_month()))
    run = world.opened()
    note = CreditNote.objects.get()
    assert (note.run, note.corrects, note.state) == (run, invoice(), "draft")
    assert (note.total, note.balance) == (Decimal("16.00"), Decimal("-16.00"))
    said = note.lines.values_list("upc", "quantity", "total", "corrects__upc")
    assert list(said) == [
        ("monde", 2, Decimal("10.00"), "monde"),
        ("illimite-france", 1, Decimal("6.00"), "illimite-france"),
    ]
    issue(run)
    note.refresh_from_db()
    assert (note.number, note.due_on) == (f"{factories.today().year}-000002", factories.today())
    assert gaps() == []


def test_it_waits_for_the_run_of_the_month_of_the_cancellation(placed: PlacedOrder) -> None:
    world.cancelled(placed)  # today, in a month that is not over
    world.opened()
    assert CreditNote.objects.count() == 0
    assert gaps() == []


def test_three_more_runs_give_nothing_back_twice(placed: PlacedOrder) -> None:
    world.cancelled(placed, at=world.noon(world.last_month()))
    run = world.opened()
    before = world.snapshot()
    for _ in range(3):
        world.opened()
    assert world.snapshot() == before
    issue(run)
    before = world.snapshot()
    for _ in range(3):
        world.opened()
    assert world.snapshot() == before


def test_what_a_referent_gave_back_already_is_not_given_back_again(placed: PlacedOrder) -> None:
    issuing.issue(by_hand(1), by=world.manager())
    world.cancelled(placed, at=world.noon(world.last_month()))
    run = world.opened()
    assert run.invoices.get().total == Decimal("11.00")
    issue(run)
    assert gaps() == []


def test_an_order_cancelled_before_its_invoice_gets_no_credit_note(placed: PlacedOrder) -> None:
    member = factories.MembershipFactory(structure=placed.structure)
    other = world.ordered(member, illimite_france=2)
    world.cancelled(other, at=world.noon(world.last_month()))
    world.opened()
    assert CreditNote.objects.count() == 0


def test_a_referent_gives_back_chosen_articles_for_a_reason(placed: PlacedOrder) -> None:
    note = by_hand(2)
    assert (note.state, note.run, note.reason) == ("draft", None, "Geste commercial")
    assert note.total == Decimal("10.00")
    before = world.snapshot()
    issued = issuing.issue(note, by=world.manager())
    assert issued is not None
    assert (issued.kind, issued.number) == ("credit_note", f"{issued.year}-000002")
    assert before[1] == world.snapshot()[1]  # the invoice itself stays


def test_a_second_click_is_the_same_credit_note(placed: PlacedOrder) -> None:
    key = uuid.uuid4()
    assert by_hand(1, key=key).pk == by_hand(1, key=key).pk
    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize(
    ("units", "reason", "sentence"),
    [
        (3, "Geste", "Il reste 2 article"),
        (-1, "Geste", "Il reste 2 article"),
        (0, "Geste", "Choisissez au moins un article"),
        (1, "  ", "Dites le motif"),
    ],
)
def test_what_cannot_be_given_back_is_refused_with_a_sentence(
    placed: PlacedOrder, units: int, reason: str, sentence: str
) -> None:
    with pytest.raises(CreditRefused, match=sentence):
        by_hand(units, reason=reason)
    assert CreditNote.objects.count() == 0


def test_drafts_count_so_that_two_referents_do_not_give_the_same_back(
    placed: PlacedOrder,
) -> None:
    by_hand(2)
    with pytest.raises(CreditRefused, match="Il reste 0"):
        by_hand(1)


def test_neither_a_draft_nor_a_credit_note_nor_a_free_article_is_given_back(
    placed: PlacedOrder,
) -> None:
    free = invoice().lines.get(is_free=True)
    with pytest.raises(CreditRefused):
        by_hand(1, quantities={free.pk: 1})
    note = issuing.issue(by_hand(1), by=world.manager())
    assert note is not None
    with pytest.raises(CreditRefused, match="corrige une facture émise"):
        by_hand(1, invoice=note.uuid)


def test_a_draft_by_hand_may_be_dropped_and_a_runs_one_may_not(placed: PlacedOrder) -> None:
    by = world.manager()
    drop_draft(by=by, credit_note=by_hand(1).uuid)
    assert CreditNote.objects.count() == 0
    world.cancelled(placed, at=world.noon(world.last_month()))
    world.opened()
    with pytest.raises(CreditNote.DoesNotExist):
        drop_draft(by=by, credit_note=CreditNote.objects.get().uuid)


def test_others_give_nothing_back(placed: PlacedOrder) -> None:
    by = factories.UserFactory(role=Role.OPERATOR)
    with pytest.raises(NotAllowed):
        by_hand(1, by=by)
    note = by_hand(1)
    with pytest.raises(NotAllowed):
        drop_draft(by=by, credit_note=note.uuid)


def test_the_review_counts_both_kinds(placed: PlacedOrder) -> None:
    world.cancelled(placed, at=world.noon(world.last_month()))
    run = world.opened()
    assert runs.review(run) == runs.Review(0, 1, 1, Decimal("0.00"), Decimal("16.00"), 0)
