"""What is left to pay of issued invoices, and whether it is late: counted in SQL, never stored."""

from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, Expression, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from portal.ui.text import format_euros

_EUROS = models.DecimalField(max_digits=12, decimal_places=2)  # type: ignore[var-annotated]
_NOTHING = Value(Decimal("0.00"), output_field=_EUROS)


class Situation(models.TextChoices):
    """Where an issued invoice stands; drafts and credit notes have none (an empty text)."""

    TO_PAY = "to_pay", "À payer"
    PAID = "paid", "Payée"
    LATE = "late", "En retard"


def annotations() -> dict[str, Expression]:
    """Return ``paid``, ``credited``, ``left`` (euros) and ``situation``, in the order they build.

    ``left`` is the total less issued credit notes and payments that count, not below 0. An
    invoice is late from the day after ``due_on``, in Paris, while anything is left. Of drafts and
    credit notes nothing is left.
    """
    to_settle = Q(kind="invoice", state="issued")
    late = Q(due_on__lt=timezone.localdate())
    remaining = Greatest(F("total") - F("credited") - F("paid"), _NOTHING, output_field=_EUROS)
    return {
        "paid": _sum("Payment", "amount", "invoice", voided_at=None),
        "credited": _sum("Invoice", "total", "corrects", kind="credit_note", state="issued"),
        "left": Case(When(to_settle, then=remaining), default=_NOTHING, output_field=_EUROS),
        "situation": Case(
            When(~to_settle, then=Value("")),
            When(left=0, then=Value(Situation.PAID.value)),
            When(late, then=Value(Situation.LATE.value)),
            default=Value(Situation.TO_PAY.value),
            output_field=models.CharField(),
        ),
    }


def words(invoice: Any) -> str:
    """Say where an invoice stands, as lists show it: « Payée en partie : reste 12,00 € ».

    Args:
        invoice: of a queryset ``with_balance()``; a late one says so before what remains.
    """
    if not invoice.situation:
        return ""
    label = str(Situation(invoice.situation).label)
    if not invoice.left or not invoice.paid:
        return label
    remains = f"ayée en partie\u00a0: reste {format_euros(invoice.left)}"
    return f"{label}, p{remains}" if invoice.situation == Situation.LATE else f"P{remains}"


def _sum(model: str, column: str, link: str, **counting: object) -> Expression:
    """Sum a column of the rows that point to each invoice; 0.00 where there is none."""
    rows = apps.get_model("billing", model)._base_manager.filter(
        **{link: OuterRef("pk")}, **counting
    )
    total = rows.order_by().values(link).annotate(sum=Sum(column)).values("sum")
    return Coalesce(Subquery(total, output_field=_EUROS), _NOTHING, output_field=_EUROS)
