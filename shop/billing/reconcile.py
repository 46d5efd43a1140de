"""Do invoices and orders agree? Counted again from their rows, to the cent.

The same way as `shop.ordering.reconcile`: each rule is one statement, which returns what
disagrees and says no more than numbers, identifiers and amounts.
"""

from shop.ordering.reconcile import Gap, Rule, ask

#: Paid lines of issued invoices, with what credit notes of either state give back of each.
_BILLED = """
    SELECT line.id, line.invoice_id, line.order_line_id, line.order_number, line.quantity,
           line.total, invoice.structure_id, placed.cancelled_at,
           coalesce(back.units, 0) AS back_units, coalesce(back.issued, 0) AS back_issued
    FROM billing_invoiceline line
    JOIN billing_invoice invoice
        ON invoice.id = line.invoice_id AND invoice.kind = 'invoice' AND invoice.state = 'issued'
    JOIN order_line sold ON sold.id = line.order_line_id
    JOIN ordering_placedorder placed ON placed.order_id = sold.order_id
    LEFT JOIN (
        SELECT note_line.corrects_id, sum(note_line.quantity) AS units,
               sum(note_line.total) FILTER (WHERE note.state = 'issued') AS issued
        FROM billing_invoiceline note_line
        JOIN billing_invoice note ON note.id = note_line.invoice_id
        WHERE note_line.corrects_id IS NOT NULL GROUP BY note_line.corrects_id
    ) back ON back.corrects_id = line.id
    WHERE NOT line.is_free
"""
#: The first day of the month of a moment, in Paris.
_MONTH = "date_trunc('month', {} AT TIME ZONE 'Europe/Paris')::date"
#: Whether the month in which an order was cancelled is issued: its credit notes are due.
_DUE_BACK = f"""
    EXISTS (SELECT FROM billing_billingrun run
            WHERE run.state = 'issued' AND run.month >= {_MONTH.format("billed.cancelled_at")})
"""

RULES = {
    "lines": Rule(
        "Une ligne facturée est celle de la commande\u00a0: mêmes articles payés, même prix.",
        f"""
        SELECT 'commande n°' || billed.order_number, sold.line_price_incl_tax, billed.total
        FROM ({_BILLED}) billed JOIN order_line sold ON sold.id = billed.order_line_id
        WHERE sold.line_price_incl_tax <> billed.total
        """,  # noqa: S608 (constants only)
    ),
    "forgotten": Rule(
        "Un mois émis facture toutes ses commandes payantes qui n’ont pas été annulées.",
        f"""
        SELECT 'commande n°' || orders.number || ', ' || sold.title, sold.line_price_incl_tax, 0.00
        FROM ordering_placedorder placed
        JOIN billing_billingrun run
            ON run.state = 'issued' AND run.month = {_MONTH.format("placed.placed_at")}
        JOIN order_order orders ON orders.id = placed.order_id
        JOIN order_line sold ON sold.order_id = placed.order_id
        WHERE placed.cancelled_at IS NULL AND sold.line_price_incl_tax > 0 AND NOT EXISTS (
            SELECT FROM billing_invoiceline line
            JOIN billing_invoice invoice
                ON invoice.id = line.invoice_id AND invoice.state = 'issued'
            WHERE line.order_line_id = sold.id AND NOT line.is_free AND line.corrects_id IS NULL)
        """,  # noqa: S608 (constants only)
    ),
    "given_back": Rule(
        "Une commande annulée après sa facture est rendue tout entière par des avoirs, au plus "
        "tard avec la facturation du mois de l’annulation.",
        f"""
        SELECT 'commande n°' || billed.order_number, billed.total, billed.back_issued
        FROM ({_BILLED}) billed
        WHERE billed.cancelled_at IS NOT NULL AND billed.back_issued <> billed.total
              AND {_DUE_BACK}
        """,  # noqa: S608 (constants only)
    ),
    "credits": Rule(
        "Des avoirs ne rendent pas plus d’articles que la facture n’en compte.",
        f"""
        SELECT 'commande n°' || billed.order_number, billed.quantity, billed.back_units
        FROM ({_BILLED}) billed WHERE billed.back_units > billed.quantity
        """,  # noqa: S608 (constants only)
    ),
    "totals": Rule(
        "Une facture ou un avoir coûte la somme de ses lignes, au centime.",
        """
        SELECT invoice.kind || ' ' || coalesce(invoice.number, 'n°' || invoice.id), lines.total,
               invoice.total
        FROM billing_invoice invoice
        LEFT JOIN (
            SELECT invoice_id, sum(total) AS total FROM billing_invoiceline GROUP BY invoice_id
        ) lines ON lines.invoice_id = invoice.id
        WHERE lines.total IS DISTINCT FROM invoice.total
        """,
    ),
    "balance": Rule(
        "Les factures d’une structure, moins les avoirs des commandes annulées, sont la somme de "
        "ses lignes payées, au centime.",
        f"""
        SELECT 'structure n°' || invoiced.structure_id, coalesce(due.total, 0.00),
               invoiced.total - coalesce(back.total, 0)
        FROM (
            SELECT structure_id, sum(total) AS total FROM billing_invoice
            WHERE kind = 'invoice' AND state = 'issued' GROUP BY structure_id
        ) invoiced
        LEFT JOIN (
            SELECT billed.structure_id,
                   sum(CASE WHEN {_DUE_BACK} THEN billed.back_issued ELSE billed.total END) AS total
            FROM ({_BILLED}) billed WHERE billed.cancelled_at IS NOT NULL
            GROUP BY billed.structure_id
        ) back ON back.structure_id = invoiced.structure_id
        LEFT JOIN (
            SELECT invoice.structure_id, sum(sold.line_price_incl_tax) AS total
            FROM billing_invoice invoice
            JOIN ordering_placedorder placed
                ON placed.structure_id = invoice.structure_id AND placed.cancelled_at IS NULL
                AND {_MONTH.format("placed.placed_at")} = invoice.month
            JOIN order_line sold ON sold.order_id = placed.order_id
            WHERE invoice.kind = 'invoice' AND invoice.state = 'issued'
            GROUP BY invoice.structure_id
        ) due ON due.structure_id = invoiced.structure_id
        WHERE invoiced.total - coalesce(back.total, 0) <> coalesce(due.total, 0)
        """,  # noqa: S608 (constants only)
    ),
    "numbers": Rule(
        "Les numéros d’une année se suivent sans trou, de 1 au dernier.",
        """
        SELECT 'année ' || series.year, series.last || ' numéros, dernier ' || series.last,
               coalesce(counted.count, 0) || ' numéros, dernier ' || coalesce(counted.last, 0)
        FROM billing_numberseries series
        FULL JOIN (
            SELECT year, count(DISTINCT rank) AS count, max(rank) AS last FROM billing_invoice
            WHERE state = 'issued' GROUP BY year
        ) counted ON counted.year = series.year
        WHERE (series.last, series.last) IS DISTINCT FROM
              (coalesce(counted.count, 0), coalesce(counted.last, 0))
        """,
    ),
    "dates": Rule(
        "Les dates d’émission ne reculent jamais le long des numéros.",
        """
        SELECT 'facture ' || number, 'pas avant le ' || before, issued_on::text
        FROM (
            SELECT number, issued_on,
                   lag(issued_on) OVER (PARTITION BY year ORDER BY rank) AS before
            FROM billing_invoice WHERE state = 'issued'
        ) listed
        WHERE issued_on < before
        """,
    ),
}


def gaps() -> list[Gap]:
    """Return all that disagrees, in the order of the rules; nothing where the books are right."""
    return [gap for name in RULES for gap in check(name)]


def check(name: str) -> list[Gap]:
    """Return what one rule finds."""
    return ask(name, RULES[name].sql)
