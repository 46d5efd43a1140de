"""The demonstration's invoices: each situation is there, by rules that hold, and only once."""

from decimal import Decimal

import pytest

from shop.billing import demo
from shop.billing.models import BillingRun, BillingSettings, Invoice
from shop.billing.reconcile import gaps
from tests.billing import world

pytestmark = pytest.mark.django_db


def test_it_shows_each_situation_once_and_the_books_agree() -> None:
    world.stock(monde=20, illimite_france=20)
    leads = [world.customer(siret="") for _ in demo.SIRETS]
    for _ in range(2):
        demo.load(leads, by=world.manager())

    issued = Invoice.objects.issued().with_balance().order_by("year", "rank")
    assert list(issued.values_list("situation", "left")) == [
        ("late", Decimal("27.00")),
        ("paid", Decimal("0.00")),
        ("to_pay", Decimal("38.00")),
        ("to_pay", Decimal("12.00")),
    ]
    assert list(BillingRun.objects.values_list("state", flat=True)) == ["issued", "issued"]
    assert Invoice.objects.drafts().get().is_credit_note
    assert gaps() == []


def test_its_facts_are_right_by_their_keys() -> None:
    for siret in demo.SIRETS:
        structure = world.customer(siret=siret).structure
        structure.full_clean()
    facts = BillingSettings(**demo.SELLER)
    facts.full_clean()
    assert facts.missing() == []
