"""Rows of the bank for the table of access."""

import io
from decimal import Decimal
from uuid import UUID

from portal.accounts.models import User
from shop.billing.payments.importing import import_statement
from shop.billing.payments.services import pay_from_line
from tests import factories


def objects(*, by: User, invoice: UUID) -> dict[str, object]:
    """Pay a cent of an issued invoice with a line of a statement; return arguments of addresses."""
    rows = f"Date;Libellé;Montant\n{factories.today():%d/%m/%Y};Virement;0,02\n".encode()
    statement = import_statement(by=by, name="releve.csv", file=io.BytesIO(rows))
    line = statement.lines.get()
    (paid,) = pay_from_line(by=by, line=line.uuid, parts={invoice: Decimal("0.01")})
    here = "gestion/facturation/"
    return {
        f"{here}paiements/<uuid:uuid>/noter/|uuid": invoice,
        f"{here}paiements/<uuid:uuid>/annuler/|uuid": paid.uuid,
        f"{here}releves/|uuid": statement.uuid,
        f"{here}releves/lignes/|uuid": line.uuid,
    }
