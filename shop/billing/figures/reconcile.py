"""Are the figures right? Counted again from order lines and what they drew on quotas.

The dashboard adds up what lines cost and what discounts took off them; here, their units less
those of quotas, at the price of each. It adds up the lines of invoices; here, their units at the
orders' prices, in the orders' months. Each rule is one statement, which sees one moment. `BOOKS`
are these rules and those of `shop.billing.reconcile`, for the command, the night and its e-mail.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from shop.billing import reconcile
from shop.billing.figures.reading import BILLED, PRODUCT, SALES, added_up
from shop.billing.models import Invoice
from shop.ordering.reconcile import Gap, Rule, ask

_MONTH = "date_trunc('month', placed.placed_at AT TIME ZONE 'Europe/Paris')::date"
_SETS = "GROUP BY GROUPING SETS ((), (month), (structure), (product))"
#: What a row of either side is of, in words; the key that two rows share.
_SUBJECT = """
    CASE coalesce(figures.axis, orders.axis)
        WHEN 7 THEN 'en tout'
        WHEN 3 THEN 'mois ' || to_char(coalesce(figures.month, orders.month), 'YYYY-MM')
        WHEN 5 THEN 'structure n°' || coalesce(figures.structure, orders.structure)
        ELSE 'produit ' || coalesce(figures.product, orders.product) END
"""
_KEY = "({0}.axis || ' ' || coalesce({0}.month::text, {0}.structure::text, {0}.product, ''))"
_ORDERS = f"""
    SELECT grouping(month, structure, product) AS axis, month, structure, product,
           sum((quantity - free) * price) AS turnover, sum(free * price) AS given
    FROM (
        SELECT {_MONTH} AS month, placed.structure_id AS structure, {PRODUCT} AS product,
               line.quantity, coalesce(line.unit_price_incl_tax, 0) AS price,
               coalesce(drawn.units, 0) AS free
        FROM order_line line
        JOIN ordering_placedorder placed ON placed.order_id = line.order_id
        LEFT JOIN (
            SELECT order_line_id, sum(quantity) AS units FROM quotas_quotause
            WHERE returned_at IS NULL GROUP BY order_line_id
        ) drawn ON drawn.order_line_id = line.id
        WHERE placed.cancelled_at IS NULL
    ) lines {_SETS}
"""  # noqa: S608 (constants only)
_INVOICED = f"""
    SELECT grouping(month, structure, product) AS axis, month, structure, product,
           coalesce(sum(amount) FILTER (WHERE back IS NULL), 0) AS invoiced,
           coalesce(sum(amount) FILTER (WHERE back IS NOT NULL), 0) AS credited
    FROM (
        SELECT {_MONTH} AS month, placed.structure_id AS structure, {PRODUCT} AS product,
               billed.quantity * line.unit_price_incl_tax AS amount, billed.corrects_id AS back
        FROM billing_invoiceline billed
        JOIN order_line line ON line.id = billed.order_line_id
        JOIN ordering_placedorder placed ON placed.order_id = line.order_id
        WHERE NOT billed.is_free AND EXISTS (
            SELECT FROM billing_invoice issued
            WHERE issued.id = billed.invoice_id AND issued.number IS NOT NULL)
    ) lines {_SETS}
"""  # noqa: S608 (constants only)
_LEFT = """
    SELECT month, structure_id AS structure, sum(remaining) AS remains,
           coalesce(sum(remaining) FILTER (WHERE due_on < %s), 0.00) AS late
    FROM (
        SELECT invoice.month, invoice.structure_id, invoice.due_on, invoice.total - coalesce((
            SELECT sum(line.total) FROM billing_invoiceline line
            JOIN billing_invoice note ON note.id = line.invoice_id AND note.number IS NOT NULL
            WHERE note.corrects_id = invoice.id), 0) - coalesce((
            SELECT sum(amount) FROM billing_payment payment
            WHERE payment.invoice_id = invoice.id AND payment.voided_at IS NULL), 0) AS remaining
        FROM billing_invoice invoice
        WHERE invoice.kind = 'invoice' AND invoice.number IS NOT NULL
    ) counted
    WHERE remaining > 0 GROUP BY month, structure_id
"""


def _compared(statement: str, again: str, column: str) -> str:
    """Return the statement of a rule: one column of the figures, and of the other count."""
    return f"""
        SELECT {_SUBJECT}, coalesce(orders.{column}, 0.00), coalesce(figures.{column}, 0.00)
        FROM ({statement}) figures FULL JOIN ({again}) orders
            ON {_KEY.format("figures")} = {_KEY.format("orders")}
        WHERE coalesce(orders.{column}, 0) <> coalesce(figures.{column}, 0)
        ORDER BY coalesce(figures.axis, orders.axis) DESC, 1
    """  # noqa: S608 (constants only)


RULES = {
    "turnover": Rule(
        "Le chiffre d’affaires est la somme des articles payés des commandes, au prix de chaque "
        "ligne, au centime.",
        _compared(SALES, _ORDERS, "turnover"),
    ),
    "given": Rule(
        "La valeur offerte est celle des articles pris sur les dotations, au prix de chaque "
        "ligne, au centime.",
        _compared(SALES, _ORDERS, "given"),
    ),
    "invoiced": Rule(
        "Ce qui est facturé est ce que les articles facturés coûtent dans les commandes du mois, "
        "au centime.",
        _compared(BILLED, _INVOICED, "invoiced"),
    ),
    "credited": Rule(
        "Ce que les avoirs rendent est ce que leurs articles coûtent dans les commandes, au "
        "centime.",
        _compared(BILLED, _INVOICED, "credited"),
    ),
    "unpaid": Rule(
        "Ce qui reste à payer, et ce qui est en retard, est le total des factures moins leurs "
        "avoirs et leurs paiements, au centime.",
        f"""
        SELECT 'structure n°' || coalesce(figures.structure, counted.structure) || ', mois '
                   || to_char(coalesce(figures.month, counted.month), 'YYYY-MM'),
               coalesce(counted.remains, 0.00) || ' dont ' || coalesce(counted.late, 0.00),
               coalesce(figures.remains, 0.00) || ' dont ' || coalesce(figures.late, 0.00)
        FROM ({{figures}}) figures (month, structure, remains, late)
        FULL JOIN ({_LEFT}) counted
            ON counted.month = figures.month AND counted.structure = figures.structure
        WHERE (counted.remains, counted.late) IS DISTINCT FROM (figures.remains, figures.late)
        ORDER BY 1
        """,  # noqa: S608 (constants only)
    ),
}
#: Every rule of the bills: those of invoices against orders, then those of the figures.
BOOKS: dict[str, Rule] = {**reconcile.RULES, **RULES}


def gaps() -> list[Gap]:
    """Return all that disagrees, in the order of `BOOKS`; nothing where the books are right."""
    return [gap for name in BOOKS for gap in check(name)]


def check(name: str) -> list[Gap]:
    """Return what one rule of `BOOKS` finds."""
    if name not in RULES:
        return reconcile.check(name)
    return ask(name, *_statement(name))


def _statement(name: str) -> tuple[str, Sequence[Any] | Mapping[str, Any]]:
    """Return a rule's statement and its values: all the months that there are."""
    if name == "unpaid":
        # The very query of the dashboard: what is left is written in one place only.
        figures, values = added_up(Invoice.objects.invoices().issued()).query.sql_with_params()
        return RULES[name].sql.format(figures=figures), (*values, timezone.localdate())
    begin, end = "-infinity", "infinity"
    return RULES[name].sql, {"start": begin, "end": end, "first": begin, "last": end}
