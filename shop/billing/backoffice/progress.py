"""How far a month's run is: what is being prepared, issued, drawn, and what keeps it open."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from portal.outbox.models import OutboxMessage
from portal.structures.models import Structure
from shop.billing import runs
from shop.billing.consumption import bounds
from shop.billing.issuing import ISSUE_TOPIC
from shop.billing.models import BillingRun, Invoice

_BLANK = r"^\s*$"
_FACTS = ("siret", "address", "postcode", "city")
_NOTHING = Decimal("0.00")

# What a month's orders cost, against the drafts that were written from them. Issued invoices never
# change: `shop.billing.reconcile` counts those.
_GAPS = """
    WITH due AS (
        SELECT placed.structure_id, sum(line.line_price_incl_tax) AS total
        FROM ordering_placedorder placed JOIN order_line line ON line.order_id = placed.order_id
        WHERE placed.cancelled_at IS NULL
              AND placed.placed_at >= %(start)s AND placed.placed_at < %(end)s
        GROUP BY placed.structure_id
    )
    SELECT structure.name, invoice.uuid, coalesce(due.total, 0.00), invoice.total
    FROM billing_invoice invoice
    JOIN structures_structure structure ON structure.id = invoice.structure_id
    LEFT JOIN due ON due.structure_id = invoice.structure_id
    WHERE invoice.run_id = %(run)s AND invoice.kind = 'invoice' AND invoice.state = 'draft'
          AND coalesce(due.total, 0.00) <> invoice.total
    ORDER BY structure.name, invoice.id
"""


@dataclass(frozen=True)
class Progress:
    """What the outbox still has to do for a run.

    Attributes:
        batches: of structures whose drafts are being written.
        issuing: drafts that are being issued.
        issued, total: invoices and credit notes.
        drawing: issued documents that are not drawn yet.
    """

    batches: int
    issuing: int
    issued: int
    total: int
    drawing: int

    @property
    def is_busy(self) -> bool:
        """Whether the figures of the run still move."""
        return bool(self.batches or self.issuing)


@dataclass(frozen=True)
class Ready:
    """What issuing a run would number; amounts in euros."""

    invoices: int
    invoiced: Decimal
    credit_notes: int
    credited: Decimal

    @property
    def count(self) -> int:
        """How many numbers it takes."""
        return self.invoices + self.credit_notes

    @property
    def seen(self) -> str:
        """What somebody who confirms has read."""
        return f"{self.invoices} {self.invoiced} {self.credit_notes} {self.credited}"


@dataclass(frozen=True)
class DraftGap:
    """A draft that does not say what its orders cost; amounts in euros."""

    structure: str
    uuid: str
    ordered: Decimal
    drafted: Decimal


def progress(run: BillingRun) -> Progress:
    """Count what is under way. Three queries."""
    waiting = OutboxMessage.objects.filter(delivered_at=None, dead_at=None)
    asked = waiting.filter(topic=ISSUE_TOPIC).annotate(
        invoice=Cast(KT("payload__invoice"), BigIntegerField())
    )
    is_issued = Q(state=Invoice.State.ISSUED)
    counted = run.invoices.aggregate(
        issued=Count("pk", filter=is_issued),
        total=Count("pk"),
        drawing=Count("pk", filter=is_issued & Q(document=None)),
    )
    return Progress(
        batches=waiting.filter(topic=runs.TOPIC, payload__run=run.pk).count(),
        issuing=run.invoices.drafts().filter(pk__in=asked.values("invoice")).count(),
        **counted,
    )


def lacking(prefix: str = "") -> Q:
    """Return the condition of a structure that no invoice may name (domain rules).

    Args:
        prefix: the way to the structure, such as ``structure__``.
    """
    found = Q()
    for name in _FACTS:
        found |= Q(**{f"{prefix}{name}__regex": _BLANK})
    return found


def unnameable(run: BillingRun) -> QuerySet[Structure]:
    """Return the structures whose drafts wait for a SIRET or an address."""
    drafted = run.invoices.drafts().values("structure")
    return Structure.objects.filter(lacking(), pk__in=drafted).order_by("name", "pk")


def ready(run: BillingRun) -> Ready:
    """Add up the drafts that lack nothing. One query."""
    is_invoice = Q(kind=Invoice.Kind.INVOICE)
    counted = (
        run.invoices.drafts()
        .exclude(lacking("structure__"))
        .aggregate(
            invoices=Count("pk", filter=is_invoice),
            invoiced=Sum("total", filter=is_invoice, default=_NOTHING),
            credit_notes=Count("pk", filter=~is_invoice),
            credited=Sum("total", filter=~is_invoice, default=_NOTHING),
        )
    )
    return Ready(**counted)


def gaps_of(run: BillingRun) -> list[DraftGap]:
    """Return the drafts of a run that differ from what their orders cost now. One query."""
    start, end = bounds(run.month)
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, {"start": start, "end": end, "run": run.pk})
        return [
            DraftGap(name, str(uuid), ordered, drafted)
            for name, uuid, ordered, drafted in cursor.fetchall()
        ]
