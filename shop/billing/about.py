"""Invoices, as something that an assistance request points at: its lead's, never an amount."""

from uuid import UUID

from django.urls import reverse

from portal.structures.about import PROPOSED, Provider, Thing, register
from portal.structures.models import Membership
from shop.billing.models import Invoice


def _choices(membership: Membership) -> list[Thing]:
    return [_thing(one) for one in Invoice.objects.visible_to(membership)[:PROPOSED]]


def _resolve(structure: int, uuid: UUID) -> Thing | None:
    found = Invoice.objects.issued().filter(structure=structure, uuid=uuid)
    return next(map(_thing, found), None)


def _thing(invoice: Invoice) -> Thing:
    return Thing(
        uuid=invoice.uuid,
        label=str(invoice),
        path=reverse("billing:invoice", args=[invoice.uuid]),
        desk_path=reverse("billing_invoices:detail", args=[invoice.uuid]),
    )


register("invoice", Provider("Factures", _choices, _resolve))
