"""Importing a lot: shown first, then committed whole or not at all."""

import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.products.models import ProductTerms
from shop.recharges.lots import Known, Problem, Row, decode, plain, read
from shop.recharges.models import CodeLot, LotDraft, RechargeCode

BATCH = 5_000  # rows a statement


class ImportRefused(DomainError):
    """The lot cannot be imported; nothing was written."""

    default_code = "import_refused"


@dataclass(frozen=True)
class Preview:
    """What an import would do."""

    draft: LotDraft
    rows: list[Row]
    problems: list[Problem]

    @property
    def importable(self) -> bool:
        """Whether the whole file may be committed: a lot with one bad line is refused whole."""
        return bool(self.rows) and not self.problems

    @property
    def by_product(self) -> list[tuple[str, int]]:
        """Accepted codes by product title."""
        titles = {known.product_id: known.title for known in known_products().values()}
        counts = Counter(row.product_id for row in self.rows)
        return [(titles[product_id], count) for product_id, count in counts.items()]


def known_products() -> dict[str, Known]:
    """Return the products that are handed over as codes, by each name a file may use."""
    known = {}
    terms = ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE).select_related("product")
    for one in terms:
        product = one.product
        entry = Known(product.pk, product.title, re.compile(one.code_pattern))
        known[plain(product.title)] = entry
        known[plain(product.upc)] = entry
    return known


@transaction.atomic
def upload(*, by: User, name: str, content: bytes) -> LotDraft:
    """Keep an uploaded file, encrypted, until it is imported or replaced.

    Raises:
        UnreadableFile: it is no CSV text.
    """
    text = decode(content)
    LotDraft.objects.filter(uploaded_by=by).delete()
    return LotDraft.objects.create(name=name.strip()[:120], content=text, uploaded_by=by)


def preview(*, by: User, draft: UUID) -> Preview:
    """Read a draft and say line by line what would be imported.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or is gone.
        UnreadableFile: a column is missing.
    """
    row = LotDraft.objects.get(uuid=draft, uploaded_by=by)
    reading = read(row.content, known_products(), today=timezone.localdate())
    known = _already_known(reading.rows)
    rows = [one for one in reading.rows if RechargeCode.fingerprint_of(one.code) not in known]
    problems = [
        *reading.problems,
        *(
            Problem(one.line, "known", "ce numéro a déjà été importé dans un autre lot")
            for one in reading.rows
            if RechargeCode.fingerprint_of(one.code) in known
        ),
    ]
    return Preview(row, rows, sorted(problems, key=lambda problem: problem.line))


def _already_known(rows: list[Row]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(rows), BATCH):
        prints = [RechargeCode.fingerprint_of(row.code) for row in rows[start : start + BATCH]]
        known.update(
            RechargeCode.objects.filter(fingerprint__in=prints).values_list(
                "fingerprint", flat=True
            )
        )
    return known


@transaction.atomic
def commit(*, by: User, draft: UUID) -> CodeLot:
    """Import a draft whole.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or was imported already.
        ImportRefused: a line is wrong, or a code became known since the preview.
    """
    LotDraft.objects.select_for_update().get(uuid=draft, uploaded_by=by)
    shown = preview(by=by, draft=draft)
    if not shown.importable:
        raise ImportRefused(
            "Ce lot contient des lignes refusées\u00a0: corrigez le fichier et déposez-le de "
            "nouveau. Rien n’a été importé."
        )
    lot = CodeLot.objects.create(name=shown.draft.name, size=len(shown.rows), imported_by=by)
    try:
        with transaction.atomic():
            for start in range(0, len(shown.rows), BATCH):
                RechargeCode.objects.bulk_create(
                    RechargeCode(
                        lot=lot,
                        product_id=row.product_id,
                        secret=row.code,
                        fingerprint=RechargeCode.fingerprint_of(row.code),
                        serial=row.serial,
                        expires_on=row.expires_on,
                    )
                    for row in shown.rows[start : start + BATCH]
                )
    except IntegrityError as error:  # a colleague imported the same codes a moment ago
        raise ImportRefused(
            "Un de ces numéros vient d’être importé par ailleurs. Rien n’a été importé."
        ) from error
    shown.draft.delete()
    record(by=by, action="recharges.lot_imported", target=lot, codes=lot.size)
    return lot
