"""After the issue: the outbox draws the document, once, then announces it."""

import hashlib

import pytest
from django.core import mail

from portal.outbox.models import OutboxMessage
from shop.billing import issuing
from shop.billing.models import Invoice, InvoiceDocument
from tests import factories
from tests.billing import world
from tests.tickets.conftest import drawing

__all__ = ("drawing",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawing")]


@pytest.fixture
def invoice() -> Invoice:
    """An issued invoice of one free and three paid articles, not drawn yet."""
    world.seller()
    world.stock(monde=9, illimite_france=9)
    member = world.customer()
    factories.quota(member.structure, "monde", 1)
    world.ordered(member, monde=3, illimite_france=1)
    world.opened()
    issued = issuing.issue(world.only(), by=world.manager())
    assert issued is not None
    return Invoice.objects.get(pk=issued.pk)


def test_the_outbox_draws_what_was_issued_then_announces_it(invoice: Invoice) -> None:
    assert InvoiceDocument.objects.count() == 0
    world.drain_all()
    document = invoice.document
    assert bytes(document.pdf).startswith(b"%PDF-")
    assert document.sha256 == hashlib.sha256(bytes(document.pdf)).hexdigest()
    assert str(invoice.number).encode() in bytes(document.xml)
    assert len(mail.outbox) == 1


def test_a_message_delivered_twice_draws_and_writes_once(invoice: Invoice) -> None:
    world.drain_all()
    before = InvoiceDocument.objects.values().get()
    OutboxMessage.objects.filter(topic__startswith="billing.").update(delivered_at=None)
    world.drain_all()
    assert InvoiceDocument.objects.values().get() == before
    assert len(mail.outbox) == 1
