"""Importing a lot: shown first, then committed whole or not at all."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from operator import itemgetter
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.products.models import ProductTerms
from shop.recharges.lots import Known, Problem, Row, decode, plain, read
from shop.recharges.models import CodeLot, LotDraft, RechargeCode

BATCH = 5_000  # rows a statement
#: How long a file waits for its import.
KEPT = dt.timedelta(days=1)


class ImportRefused(DomainError):
    """The lot cannot be imported; nothing was written."""

    default_code = "import_refused"


@dataclass(frozen=True)
class Preview:
    """What an import would do; ``accepted`` holds the good lines by their code's fingerprint."""

    draft: LotDraft
    accepted: dict[str, Row]
    problems: list[Problem]

    @property
    def rows(self) -> list[Row]:
        """The good lines, in the file's order."""
        return list(self.accepted.values())

    @property
    def importable(self) -> bool:
        """Whether the whole file may be committed: a lot with one bad line is refused whole."""
        return bool(self.accepted) and not self.problems

    @property
    def by_product(self) -> list[tuple[str, int]]:
        """Accepted codes by product title."""
        titles = {known.product_id: known.title for known in known_products().values()}
        counts = Counter(row.product_id for row in self.accepted.values())
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
    """Keep an uploaded file, encrypted, until it is imported or replaced, for one day at most.

    Raises:
        UnreadableFile: it is no CSV text.
    """
    text = decode(content)
    too_old = Q(uploaded_at__lt=timezone.now() - KEPT)
    LotDraft.objects.filter(Q(uploaded_by=by) | too_old).delete()
    return LotDraft.objects.create(name=name.strip()[:120], content=text, uploaded_by=by)


def _waiting(by: User) -> QuerySet[LotDraft]:
    return LotDraft.objects.filter(uploaded_by=by, uploaded_at__gte=timezone.now() - KEPT)


def preview(*, by: User, draft: UUID) -> Preview:
    """Read a draft and say line by line what would be imported.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or is gone.
        UnreadableFile: a column is missing.
    """
    row = _waiting(by).get(uuid=draft)
    reading = read(row.content, known_products(), today=timezone.localdate())
    prints = {RechargeCode.fingerprint_of(one.code): one for one in reading.rows}
    already = [
        Problem(prints.pop(known).line, "known", "ce numéro a déjà été importé dans un autre lot")
        for known in _already_known(list(prints))
    ]
    problems = sorted([*reading.problems, *already], key=lambda problem: problem.line)
    return Preview(row, prints, problems)


def _already_known(prints: list[str]) -> list[str]:
    codes = RechargeCode.objects.values_list("fingerprint", flat=True)
    return [
        known
        for start in range(0, len(prints), BATCH)
        for known in codes.filter(fingerprint__in=prints[start : start + BATCH])
    ]


@transaction.atomic
def commit(*, by: User, draft: UUID) -> CodeLot:
    """Import a draft whole.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or was imported already.
        ImportRefused: a line is wrong, or a code became known since the preview.
    """
    _waiting(by).select_for_update().get(uuid=draft)
    shown = preview(by=by, draft=draft)
    if not shown.importable:
        raise ImportRefused(
            "Ce lot contient des lignes refusées\u00a0: corrigez le fichier et déposez-le de "
            "nouveau. Rien n’a été importé."
        )
    lot = CodeLot.objects.create(name=shown.draft.name, size=len(shown.accepted), imported_by=by)
    # In the order of their fingerprints: two imports of the same codes would each wait for the
    # other in the unique index if their files had them in different orders.
    rows = sorted(shown.accepted.items(), key=itemgetter(0))
    try:
        with transaction.atomic():
            for start in range(0, len(rows), BATCH):
                RechargeCode.objects.bulk_create(
                    _code(lot, fingerprint, row) for fingerprint, row in rows[start : start + BATCH]
                )
    except IntegrityError as error:  # a colleague imported the same codes a moment ago
        raise ImportRefused(
            "Un de ces numéros vient d’être importé par ailleurs. Rien n’a été importé."
        ) from error
    shown.draft.delete()
    record(by=by, action="recharges.lot_imported", target=lot, codes=lot.size)
    return lot


def _code(lot: CodeLot, fingerprint: str, row: Row) -> RechargeCode:
    return RechargeCode(
        lot=lot,
        product_id=row.product_id,
        secret=row.code,
        fingerprint=fingerprint,
        serial=row.serial,
        expires_on=row.expires_on,
    )
