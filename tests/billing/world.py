"""A seller, customers, and orders of other months: what the tests of billing stand on."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

from django.utils import timezone
from stdnum import luhn

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.structures.models import Membership
from shop.billing import runs
from shop.billing.issuing import ISSUED_TOPIC
from shop.billing.models import BillingRun, BillingSettings, Invoice
from shop.handovers.months import previous, this_month
from shop.ordering.cancelling import cancel_order
from shop.ordering.models import PlacedOrder
from tests import factories
from tests.shop import books

PARIS = ZoneInfo("Europe/Paris")
_sirens = itertools.count(10_000_000)
_first_code = itertools.count(step=1000)


def siret() -> str:
    """Return a SIRET that nobody has yet."""
    siren = str(next(_sirens))
    siren += luhn.calc_check_digit(siren)
    return f"{siren}0001{luhn.calc_check_digit(siren + '0001')}"


def seller() -> BillingSettings:
    """Write all that the seller says of itself."""
    facts = BillingSettings.load()
    facts.address, facts.postcode, facts.city = "71 rue Archereau", "75019", "Paris"
    facts.siret = "73282932000074"
    facts.iban, facts.bic = "FR7630006000011234567890189", "AGRIFRPP"
    facts.full_clean()
    facts.save()
    return facts


def manager() -> User:
    """Return a référent, who may issue."""
    return factories.UserFactory(role=Role.REFERENT)


def customer(**structure: object) -> Membership:
    """Return the lead of a structure that may be billed."""
    fields = {"siret": siret(), **structure}
    return factories.MembershipFactory(
        structure=factories.StructureFactory(may_order=True, **fields), is_structure_lead=True
    )


def stock(**units: int) -> None:
    """Import codes: ``stock(monde=10)``."""
    for upc, count in units.items():
        factories.lot(upc.replace("_", "-"), factories.codes(count, start=next(_first_code)))


def last_month() -> dt.date:
    """Return the first day of the month that is over."""
    return previous(this_month())


def noon(month: dt.date, day: int = 10) -> dt.datetime:
    """Return noon in Paris of a day of a month."""
    return dt.datetime(month.year, month.month, day, 12, tzinfo=PARIS)


def ordered(member: Membership, at: dt.datetime | None = None, **quantities: int) -> PlacedOrder:
    """Order by the services, as if at another moment: in the middle of last month by default."""
    placed = books.order(member, **quantities)
    placed.placed_at = at or noon(last_month())
    placed.save(update_fields=["placed_at"])
    return placed


def cancelled(placed: PlacedOrder, at: dt.datetime | None = None) -> PlacedOrder:
    """Cancel an order by the services, as if at another moment."""
    found = cancel_order(by=manager(), order=placed.uuid, reason="Erreur de saisie")
    if at:
        found.cancelled_at = at
        found.save(update_fields=["cancelled_at"])
    return found


def opened(month: dt.date | None = None) -> BillingRun:
    """Open last month's run, or another's, and let the outbox prepare it."""
    run = runs.open_month(month or last_month())
    drain()
    return run


def drain() -> None:
    """Deliver all that is due, documents apart: they take a second each."""
    waiting = OutboxMessage.objects.filter(topic=ISSUED_TOPIC, delivered_at=None)
    while True:
        waiting.update(due_at=timezone.now() + dt.timedelta(days=1))
        if not deliver_due(limit=1):
            break


def drain_all() -> None:
    """Deliver all that is due, documents too."""
    OutboxMessage.objects.filter(delivered_at=None).update(due_at=timezone.now())
    while deliver_due():
        pass


def only() -> Invoice:
    """Return the one invoice that there is."""
    return Invoice.objects.get()


def snapshot() -> list[object]:
    """Return every row of every invoice, number and run, to compare."""
    rows: list[object] = list(BillingRun.objects.order_by("pk").values())
    for invoice in Invoice.objects.order_by("pk"):
        rows.append({k: v for k, v in vars(invoice).items() if k != "_state"})
        rows += list(invoice.lines.values())
    return rows
