"""A batch of invoices for Chorus Pro's portal: Factur-X files in one ZIP.

Its guide « Déposer une facture unitaire ou par lot » wants a batch of PDF/A-3 in a ``zip`` or
``tar.gz``; a flow holds 500 invoices and one gigabyte at most, and a file's name 50 characters
with its extension.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence

from portal.ui.errors import DomainError
from shop.billing.document.bill import Bill

MOST_INVOICES = 500
_MOST_BYTES = 1_000_000_000
_LONGEST_NAME = 50
_NAMED = 5  # of those that a sentence names


class NotDepositable(DomainError):
    """Chorus Pro would reject the batch."""

    default_code = "not_depositable"
    default_message = "Aucune facture n’est à déposer sur Chorus Pro."


def deposit(issued: Sequence[tuple[Bill, bytes]]) -> bytes:
    """Return the ZIP to deposit, the same for the same files.

    Args:
        issued: bills of public bodies, each with the PDF that was issued.

    Raises:
        NotDepositable: with a sentence that names the invoices to look at.
    """
    _check([bill for bill, pdf in issued], sum(len(pdf) for bill, pdf in issued))
    batch = io.BytesIO()
    with zipfile.ZipFile(batch, "w", zipfile.ZIP_DEFLATED) as archive:
        for bill, pdf in issued:
            day = bill.issued_on
            entry = zipfile.ZipInfo(file_name(bill), (day.year, day.month, day.day, 12, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, pdf)
    return batch.getvalue()


def file_name(bill: Bill) -> str:
    """Return the name of a bill's file: plain letters and digits, short, with its extension."""
    number = re.sub(r"[^A-Za-z0-9-]+", "-", bill.number)
    kind = "avoir" if bill.is_credit_note else "facture"
    return f"{kind}_{number}"[: _LONGEST_NAME - len(".pdf")] + ".pdf"


def _check(bills: Sequence[Bill], size: int) -> None:
    if not bills:
        raise NotDepositable
    if len(bills) > MOST_INVOICES:
        raise NotDepositable(
            f"Chorus Pro accepte {MOST_INVOICES}\u00a0factures par dépôt, et vous en avez choisi "
            f"{len(bills)}. Faites-en plusieurs lots."
        )
    if size > _MOST_BYTES:
        raise NotDepositable("Ce lot dépasse un gigaoctet. Faites-en plusieurs.")
    _refuse(
        (bill.name for bill in bills if not bill.is_public),
        "Chorus Pro ne reçoit que les factures des organismes publics. Retirez du lot",
    )
    _refuse(
        (bill.buyer.name for bill in bills if not bill.buyer.siret),
        "Chorus Pro demande le SIRET de chaque destinataire, et il manque à",
    )
    names = Counter(file_name(bill) for bill in bills)
    _refuse(
        (bill.name for bill in bills if names[file_name(bill)] > 1),
        "Ces factures sont plusieurs fois dans le lot",
    )


def _refuse(wrong: Iterable[str], why: str) -> None:
    """Raise a sentence that names what is wrong, if anything is.

    Raises:
        NotDepositable: something is.
    """
    names = list(dict.fromkeys(wrong))
    if names:
        raise NotDepositable(f"{why}\u00a0: {some(names)}.")


def some(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" et {len(names) - _NAMED} autres" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
