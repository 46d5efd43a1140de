"""Do the books agree? Codes, orders, quotas and bills, counted again from their rows.

The database's constraints and the services' locks are there so that nothing is ever found here.
Each rule is one statement, which sees one moment: orders that are placed meanwhile do not disturb
it. It returns what disagrees, and says no more than identifiers, titles and counts.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Gap:
    """Two figures that should be the same.

    Attributes:
        rule: the rule's name.
        subject: what they are figures of.
        expected: by the one side, as text.
        found: by the other.
    """

    rule: str
    subject: str
    expected: str
    found: str


@dataclass(frozen=True)
class Rule:
    """A sentence that must be true, and the statement that finds where it is not.

    Attributes:
        says: the sentence, in French, as administrators read it.
        sql: returns subject, expected and found.
    """

    says: str
    sql: str


#: What each line of an order drew on quotas, and how much of it was given back.
_DRAWN = """
    SELECT line.order_id, use.order_line_id, sum(use.quantity) AS units,
           coalesce(sum(use.quantity) FILTER (WHERE use.returned_at IS NOT NULL), 0) AS returned
    FROM quotas_quotause use JOIN order_line line ON line.id = use.order_line_id
    GROUP BY line.order_id, use.order_line_id
"""

RULES = {
    "lots": Rule(
        "Un lot compte autant de numéros qu’il en a été importé\u00a0: disponibles, donnés, en "
        "quarantaine et expirés.",
        """
        SELECT 'lot n°' || lot.id, lot.size, coalesce(counted.codes, 0)
        FROM recharges_codelot lot
        LEFT JOIN (
            SELECT lot_id, count(*) FILTER (
                WHERE state IN ('available', 'given', 'quarantined', 'expired')
            ) AS codes
            FROM recharges_rechargecode GROUP BY lot_id
        ) counted ON counted.lot_id = lot.id
        WHERE lot.size <> coalesce(counted.codes, 0)
        """,
    ),
    "given": Rule(
        "Chaque ligne d’une commande a autant de numéros que d’articles\u00a0; un numéro signalé "
        "compte tant que son remplacement attend\u00a0; une commande annulée n’en a aucun.",
        """
        SELECT 'commande n°' || orders.number || ', ' || line.title, due.units,
               coalesce(held.codes, 0)
        FROM order_line line
        JOIN order_order orders ON orders.id = line.order_id
        JOIN ordering_placedorder placed ON placed.order_id = line.order_id
        JOIN products_productterms terms
            ON terms.product_id = line.product_id AND terms.kind = 'code'
        CROSS JOIN LATERAL (
            SELECT CASE WHEN placed.cancelled_at IS NULL THEN line.quantity ELSE 0 END AS units
        ) due
        LEFT JOIN (
            SELECT code.order_line_id, count(*) FILTER (
                WHERE code.state = 'given' OR (code.state = 'quarantined'
                                               AND report.state = 'waiting')
            ) AS codes
            FROM recharges_rechargecode code
            LEFT JOIN recharges_faultyreport report ON report.code_id = code.id
            WHERE code.order_line_id IS NOT NULL GROUP BY code.order_line_id
        ) held ON held.order_line_id = line.id
        WHERE due.units <> coalesce(held.codes, 0)
        """,
    ),
    "products": Rule(
        "Un numéro donné est de la recharge qui a été commandée.",
        """
        SELECT 'numéro n°' || code.id || ', commande n°' || orders.number, line.product_id,
               code.product_id
        FROM recharges_rechargecode code
        JOIN order_line line ON line.id = code.order_line_id
        JOIN order_order orders ON orders.id = line.order_id
        WHERE line.product_id <> code.product_id
        """,
    ),
    "shown": Rule(
        "Aucun numéro disponible n’a été montré à une structure.",
        """
        SELECT 'numéro n°' || code.id, 'jamais montré', 'montré le ' || trail.at::date
        FROM privacy_auditentry trail
        JOIN recharges_rechargecode code ON code.id = trail.target_id::bigint
        WHERE trail.action = 'recharges.shown' AND code.state = 'available'
        """,
    ),
    "replacements": Rule(
        "Un numéro défectueux est remplacé sur la même ligne de commande.",
        """
        SELECT 'numéro n°' || code.id, code.order_line_id, other.order_line_id
        FROM recharges_faultyreport report
        JOIN recharges_rechargecode code ON code.id = report.code_id
        JOIN recharges_rechargecode other ON other.id = report.replacement_id
        WHERE other.order_line_id IS DISTINCT FROM code.order_line_id
        """,
    ),
    "quotas": Rule(
        "Ce qu’une dotation a donné est la somme de ses mouvements non rendus.",
        """
        SELECT 'dotation n°' || quota.id, coalesce(uses.units, 0), quota.used
        FROM quotas_freequota quota
        LEFT JOIN (
            SELECT quota_id, sum(quantity) AS units FROM quotas_quotause
            WHERE returned_at IS NULL GROUP BY quota_id
        ) uses ON uses.quota_id = quota.id
        WHERE quota.used <> coalesce(uses.units, 0)
        """,
    ),
    "owners": Rule(
        "Une commande ne prend que sur les dotations de sa structure, pour le même produit.",
        """
        SELECT 'dotation n°' || quota.id || ', commande n°' || orders.number,
               'structure n°' || quota.structure_id || ', produit n°' || quota.product_id,
               'structure n°' || placed.structure_id || ', produit n°' || line.product_id
        FROM quotas_quotause use
        JOIN quotas_freequota quota ON quota.id = use.quota_id
        JOIN order_line line ON line.id = use.order_line_id
        JOIN order_order orders ON orders.id = line.order_id
        JOIN ordering_placedorder placed ON placed.order_id = line.order_id
        WHERE quota.structure_id <> placed.structure_id OR quota.product_id <> line.product_id
        """,
    ),
    "free": Rule(
        "Les articles gratuits d’une commande sont ceux que ses dotations ont donnés.",
        f"""
        SELECT 'commande n°' || orders.number, coalesce(drawn.units, 0), placed.free_units
        FROM ordering_placedorder placed
        JOIN order_order orders ON orders.id = placed.order_id
        LEFT JOIN (
            SELECT order_id, sum(units) AS units FROM ({_DRAWN}) lines GROUP BY order_id
        ) drawn ON drawn.order_id = placed.order_id
        WHERE placed.free_units <> coalesce(drawn.units, 0)
        """,  # noqa: S608 (constants only)
    ),
    "returned": Rule(
        "Une commande annulée a tout rendu à ses dotations\u00a0; les autres n’ont rien rendu.",
        f"""
        SELECT 'commande n°' || orders.number,
               CASE WHEN placed.cancelled_at IS NULL THEN 0 ELSE drawn.units END, drawn.returned
        FROM (
            SELECT order_id, sum(units) AS units, sum(returned) AS returned
            FROM ({_DRAWN}) lines GROUP BY order_id
        ) drawn
        JOIN ordering_placedorder placed ON placed.order_id = drawn.order_id
        JOIN order_order orders ON orders.id = placed.order_id
        WHERE drawn.returned
              <> CASE WHEN placed.cancelled_at IS NULL THEN 0 ELSE drawn.units END
        """,  # noqa: S608 (constants only)
    ),
    "prices": Rule(
        "Une ligne coûte ses articles payés, au prix du jour de la commande, au centime.",
        f"""
        SELECT 'commande n°' || orders.number || ', ' || line.title,
               (line.quantity - coalesce(drawn.units, 0)) * line.unit_price_incl_tax,
               line.line_price_incl_tax
        FROM order_line line
        JOIN order_order orders ON orders.id = line.order_id
        LEFT JOIN ({_DRAWN}) drawn ON drawn.order_line_id = line.id
        WHERE line.line_price_incl_tax
              <> (line.quantity - coalesce(drawn.units, 0)) * line.unit_price_incl_tax
        """,  # noqa: S608 (constants only)
    ),
    "bills": Rule(
        "Une commande coûte la somme de ses lignes, au centime.",
        """
        SELECT 'commande n°' || orders.number, lines.total, orders.total_incl_tax
        FROM order_order orders
        LEFT JOIN (
            SELECT order_id, sum(line_price_incl_tax) AS total FROM order_line GROUP BY order_id
        ) lines ON lines.order_id = orders.id
        WHERE lines.total IS DISTINCT FROM orders.total_incl_tax
        """,
    ),
    "keys": Rule(
        "Un panier validé a donné une commande et une seule, et elle porte sa clé.",
        """
        SELECT coalesce('commande n°' || orders.number, 'panier n°' || context.basket_id),
               CASE WHEN context.is_open THEN 'panier ouvert' ELSE 'panier validé' END,
               CASE WHEN placed.order_id IS NOT NULL THEN 'une commande'
                    WHEN orders.id IS NULL THEN 'aucune commande' ELSE 'commande sans clé' END
        FROM ordering_structurebasket context
        FULL JOIN ordering_placedorder placed ON placed.key = context.key
        FULL JOIN order_order orders ON orders.id = placed.order_id
        WHERE context.is_open IS NULL AND placed.order_id IS NULL
              OR context.is_open = (placed.order_id IS NOT NULL)
        """,
    ),
}


def gaps() -> list[Gap]:
    """Return all that disagrees, in the order of the rules; nothing where the books are right."""
    return [gap for name in RULES for gap in check(name)]


def check(name: str) -> list[Gap]:
    """Return what one rule finds."""
    return ask(name, RULES[name].sql)


def ask(name: str, statement: str, values: Any = None) -> list[Gap]:
    """Return the gaps that the statement of a rule finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Gap(name, *map(str, row)) for row in cursor.fetchall()]
