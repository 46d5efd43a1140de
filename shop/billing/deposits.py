"""Depositing on Chorus Pro: public bodies' invoices, in batches that are remembered."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.billing.document.deposit import some
from shop.billing.document.issued import batch
from shop.billing.models import ChorusDeposit, DepositedInvoice, Invoice
from shop.billing.rights import check_manager


class DepositRefused(DomainError):
    """This batch cannot be made; the message says what to change."""

    default_code = "deposit_refused"


def to_deposit(start: dt.date, end: dt.date) -> QuerySet[Invoice]:
    """Return what public bodies were issued over a period, and is in no deposit yet.

    Credit notes are in it too: Chorus Pro takes both.

    Args:
        start, end: days of issue, both included.
    """
    found = Invoice.objects.issued().filter(
        issued_on__gte=start, issued_on__lte=end, buyer__is_public=True, deposited=None
    )
    return found.order_by("year", "rank")


def drawn() -> Q:
    """Return the condition of an invoice whose document is there."""
    return Q(document__isnull=False)


@transaction.atomic
def deposit(*, by: User, key: UUID, invoices: Collection[UUID]) -> ChorusDeposit:
    """Put invoices in a batch: each is in one only, and the batch can be downloaded again.

    Args:
        by: a référent or an administrator.
        key: drawn with the form: a second click gets the same batch.
        invoices: public identifiers of issued invoices of public bodies.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        DepositRefused: one is no issued invoice, is deposited already or is not drawn yet.
        NotDepositable: Chorus Pro would reject the batch: nothing is written.
    """
    check_manager(by)
    held = Invoice.objects.select_for_update(of=("self",), no_key=True)
    chosen = list(held.filter(uuid__in=invoices).select_related("corrects").order_by("pk"))
    known = ChorusDeposit.objects.filter(key=key).first()
    if known:
        return known
    if len(chosen) != len(set(invoices)) or not all(one.is_issued for one in chosen):
        raise DepositRefused("Une de ces factures n’est pas émise. Actualisez la page.")
    keys = [one.pk for one in chosen]
    _refuse(chosen, Q(deposited__isnull=False), "Déjà déposées, retirez-les du lot")
    _refuse(chosen, ~drawn(), "Leur document est encore en préparation")
    batch(chosen)
    made = ChorusDeposit.objects.create(key=key, created_by=by)
    DepositedInvoice.objects.bulk_create(
        DepositedInvoice(invoice_id=pk, deposit=made) for pk in keys
    )
    record(by=by, action="billing.deposited", target=made, invoices=len(keys))
    return made


def content(made: ChorusDeposit, *, by: User) -> bytes:
    """Return a batch's ZIP, the same each time, and record who took it.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
    """
    check_manager(by)
    found = Invoice.objects.filter(deposited__deposit=made).select_related("corrects")
    file = batch(found.order_by("pk"))
    record(by=by, action="billing.deposit_downloaded", target=made)
    return file


def _refuse(chosen: list[Invoice], wrong: Q, why: str) -> None:
    """Raise a sentence that names the invoices that are wrong, if any is.

    Raises:
        DepositRefused: some are.
    """
    found = Invoice.objects.filter(wrong, pk__in=[one.pk for one in chosen])
    numbers = [str(number) for number in found.order_by("pk").values_list("number", flat=True)]
    if numbers:
        raise DepositRefused(f"{why}\u00a0: {some(numbers)}.")
