"""Importing a statement: its new credits are stored, once; no payment is written yet."""

import hashlib
from typing import BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from shop.billing.models import BankStatement, StatementLine
from shop.billing.payments.reading import Credit, Read, StatementRefused, read_statement
from shop.billing.rights import check_manager

_LOCK = 4_007_001  # of PostgreSQL's advisory locks: one import of a statement at a time


class AlreadyImported(StatementRefused):
    """This very file was imported.

    Attributes:
        statement: what it became.
    """

    default_code = "already_imported"

    def __init__(self, statement: BankStatement) -> None:
        """Say when, and by whom."""
        day = timezone.localtime(statement.imported_at)
        super().__init__(
            f"Ce relevé est déjà importé, le {day:%d/%m/%Y} par {statement.by}\u00a0: le voici. "
            "Rien n’a été écrit."
        )
        self.statement = statement


@transaction.atomic
def import_statement(*, by: User, name: str, file: BinaryIO) -> BankStatement:
    """Store the credits of a statement that no statement before had.

    Args:
        by: a référent or an administrator.
        name: the file's.
        file: seekable, opened in binary: CSV or XLSX.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        UnreadableFile: it is no table.
        StatementRefused: wrong columns or lines, no credit, or none that is new.
        AlreadyImported: this very file was.
    """
    check_manager(by)
    said = read_statement(file)
    file.seek(0)
    digest = hashlib.sha256(file.read()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    same = BankStatement.objects.select_related("by").filter(digest=digest).first()
    if same:
        raise AlreadyImported(same)
    fresh = _fresh(said)
    made = BankStatement.objects.create(
        name=name[:200],
        digest=digest,
        known=len(said.credits) - len(fresh),
        debits=said.debits,
        by=by,
    )
    StatementLine.objects.bulk_create(
        StatementLine(
            statement=made,
            number=one.number,
            received_on=one.received_on,
            label=one.label,
            amount=one.amount,
            digest=one.digest,
        )
        for one in fresh
    )
    record(by=by, action="billing.statement_imported", target=made, lines=len(fresh))
    return made


def _fresh(said: Read) -> list[Credit]:
    """Return the credits that no statement before had.

    Raises:
        StatementRefused: there is none.
    """
    if not said.credits:
        raise StatementRefused("Ce relevé ne compte aucun crédit. Rien n’a été écrit.")
    digests = [one.digest for one in said.credits]
    lines = StatementLine.objects.filter(digest__in=digests)
    known = set(lines.values_list("digest", flat=True))
    found = [one for one in said.credits if one.digest not in known]
    if not found:
        raise StatementRefused(
            "Toutes les lignes de ce relevé sont déjà importées. Rien n’a été écrit."
        )
    return found
