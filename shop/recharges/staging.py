"""What a worker does with a deposited file: read it into rows, and make codes of the rows.

Each is one transaction that holds the draft's row: a process that dies leaves nothing behind, and
whoever finds the row free starts over. How far one got is told in the cache, where it outlives
nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from portal.privacy.crypto import encrypt
from portal.privacy.services import record
from portal.sheets import reading
from portal.sheets.reading import UnreadableFile
from shop.products.models import ProductTerms
from shop.recharges.drafts import LotDraft, LotPiece, Progress, StagedCode, StagedProblem
from shop.recharges.lots import MAX_BYTES, Known, Problem, Row, plain, read
from shop.recharges.models import CodeLot, RechargeCode

BATCH = 10_000  # rows a statement
#: Refused lines kept of each kind; a file with more is to be mended in the spreadsheet anyway.
KEPT_PROBLEMS = 1_000
#: How often a work that dies is begun again.
ATTEMPTS = 3
ONE_AT_A_TIME = 0x4C4F5453  # "LOTS": the advisory lock around every import

_COPY = (
    "COPY recharges_stagedcode (draft_id, line, product_id, secret, fingerprint, serial, "
    "expires_on) FROM STDIN"
)
#: Takes lines out of the accepted ones, and keeps the first of them as problems.
_REFUSE = """
WITH wrong AS ({wrong}), gone AS (
    DELETE FROM recharges_stagedcode AS code USING wrong
    WHERE code.id = wrong.id RETURNING code.line, wrong.reason
), kept AS (
    INSERT INTO recharges_stagedproblem (draft_id, line, kind, reason)
    SELECT %(draft)s, line, %(kind)s, reason FROM gone ORDER BY line LIMIT %(kept)s
)
SELECT count(*) FROM gone
"""
_TWICE = """
    SELECT again.id, 'déjà à la ligne ' || first.line || ' de ce fichier' AS reason
    FROM recharges_stagedcode AS again JOIN (
        SELECT fingerprint, min(line) AS line FROM recharges_stagedcode
        WHERE draft_id = %(draft)s GROUP BY fingerprint HAVING count(*) > 1
    ) AS first USING (fingerprint)
    WHERE again.draft_id = %(draft)s AND again.line > first.line
"""
_KNOWN = """
    SELECT staged.id, 'ce numéro a déjà été importé dans un autre lot' AS reason
    FROM recharges_stagedcode AS staged JOIN recharges_rechargecode USING (fingerprint)
    WHERE staged.draft_id = %(draft)s
"""
_EXPIRED = """
    SELECT id, 'expiré depuis le ' || to_char(expires_on, 'DD/MM/YYYY') AS reason
    FROM recharges_stagedcode WHERE draft_id = %(draft)s AND expires_on < %(today)s
"""
#: In the file's order: within one expiry the lines of a lot are given one after the other.
_IMPORT = """
INSERT INTO recharges_rechargecode
    (uuid, lot_id, product_id, secret, fingerprint, serial, expires_on, state)
SELECT gen_random_uuid(), %(lot)s, product_id, secret, fingerprint, serial, expires_on, 'available'
FROM recharges_stagedcode
WHERE draft_id = %(draft)s AND line >= %(start)s AND line < %(end)s ORDER BY line
"""


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


def progress_of(draft: LotDraft) -> int:
    """Return how many lines are read, or codes imported, as far as anybody tells."""
    return int(cache.get(f"lots:{draft.uuid}:{draft.state}") or 0)


def _teller(draft: LotDraft) -> Progress:
    key = f"lots:{draft.uuid}:{draft.state}"
    return lambda count: cache.set(key, count, timeout=3600)


def run(pk: int) -> None:
    """Do what a draft waits for, unless another process is at it; return when it is done."""
    if not _begin(pk):
        return
    with transaction.atomic():
        draft = _take(pk)
        if draft is None:
            return
        if draft.state == LotDraft.State.READING:
            _stage(draft)
        else:
            _import(draft)
        draft.save()


def _take(pk: int) -> LotDraft | None:
    """Lock a draft that waits; nothing where it waits no more, or somebody holds it."""
    return (
        LotDraft.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=pk, state__in=(LotDraft.State.READING, LotDraft.State.IMPORTING))
        .first()
    )


def _begin(pk: int) -> bool:
    """Count an attempt, for good; give up where there were enough."""
    with transaction.atomic():
        draft = _take(pk)
        if draft is None:
            return False
        draft.attempts += 1
        worth = draft.attempts <= ATTEMPTS
        if not worth and draft.state == LotDraft.State.READING:
            draft.state = LotDraft.State.FAILED
            draft.sentence = (
                f"La lecture s’est interrompue {ATTEMPTS} fois. Recommencez\u00a0; si cela ne "
                "suffit pas, coupez le fichier en plusieurs lots."
            )
        elif not worth:
            draft.state = LotDraft.State.READY
            draft.sentence = (
                f"L’importation s’est interrompue {ATTEMPTS} fois. Rien n’a été importé\u00a0: "
                "recommencez."
            )
        draft.save()
    return worth


def _stage(draft: LotDraft) -> None:
    """Read the file into accepted and refused lines."""
    problems: Counter[str] = Counter()
    try:
        with transaction.atomic():
            _read_into(draft, problems)
            clear = {"today": timezone.localdate()}
            problems["duplicate"] += _refuse(draft, "duplicate", _TWICE, **clear)
            problems["known"] += _refuse(draft, "known", _KNOWN, **clear)
    except UnreadableFile as error:
        forget_lines(draft)
        draft.state, draft.sentence = LotDraft.State.FAILED, error.message
        return
    _count(draft, problems)
    LotPiece.objects.filter(draft=draft)._raw_delete(using=draft._state.db)
    draft.state, draft.attempts, draft.sentence = LotDraft.State.READY, 0, ""


def _read_into(draft: LotDraft, problems: Counter[str]) -> None:
    products = known_products()
    only = next((one for one in products.values() if one.product_id == draft.only_id), None)
    tell = _teller(draft)
    with draft.open() as file:
        rows = reading.read(file, max_bytes=MAX_BYTES)
        lines = read(rows, products, today=timezone.localdate(), only=only)
        done = 0
        while batch := list(islice(lines, BATCH)):
            _copy(draft, (line for line in batch if isinstance(line, Row)))
            _keep(draft, (line for line in batch if isinstance(line, Problem)), problems)
            done += len(batch)
            tell(done)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE recharges_stagedcode")


def _copy(draft: LotDraft, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        raw: Any = cursor
        with raw.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(
                    (
                        draft.pk,
                        row.line,
                        row.product_id,
                        encrypt(row.code),
                        RechargeCode.fingerprint_of(row.code),
                        row.serial,
                        row.expires_on,
                    )
                )


def _keep(draft: LotDraft, found: Iterable[Problem], problems: Counter[str]) -> None:
    def worth_keeping() -> Iterator[StagedProblem]:
        for one in found:
            problems[one.kind] += 1
            if problems[one.kind] <= KEPT_PROBLEMS:
                yield StagedProblem(draft=draft, line=one.line, kind=one.kind, reason=one.reason)

    StagedProblem.objects.bulk_create(worth_keeping())


def _refuse(draft: LotDraft, kind: str, wrong: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _REFUSE.format(wrong=wrong),
            {"draft": draft.pk, "kind": kind, "kept": KEPT_PROBLEMS, **values},
        )
        return int(cursor.fetchone()[0])


def _count(draft: LotDraft, problems: Counter[str]) -> None:
    counts = StagedCode.objects.filter(draft=draft).values_list("product").annotate(Count("pk"))
    draft.accepted = dict(counts)
    draft.refused = {kind: count for kind, count in problems.items() if count}


def _import(draft: LotDraft) -> None:
    """Make codes of every accepted line, or none; one import at a time."""
    tell = _teller(draft)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    problems = Counter(draft.refused)
    problems["known"] += _refuse(draft, "known", _KNOWN)
    problems["expired"] += _refuse(draft, "expired", _EXPIRED, today=timezone.localdate())
    _count(draft, problems)
    draft.state, draft.attempts = LotDraft.State.READY, 0
    if draft.refused or not draft.accepted_count:
        draft.sentence = (
            "Ce lot contient des lignes refusées\u00a0: corrigez le fichier et déposez-le de "
            "nouveau. Rien n’a été importé."
        )
        return
    try:
        with transaction.atomic():
            lot = _make_codes(draft, tell)
    except IntegrityError:  # another program wrote the same codes a moment ago
        draft.sentence = (
            "Un de ces numéros vient d’être importé par ailleurs. Rien n’a été importé."
        )
        return
    draft.state, draft.lot, draft.sentence = LotDraft.State.DONE, lot, ""
    forget_lines(draft)
    record(by=draft.uploaded_by, action="recharges.lot_imported", target=lot, codes=lot.size)


def _make_codes(draft: LotDraft, tell: Progress) -> CodeLot:
    lot = CodeLot.objects.create(
        name=draft.name, size=draft.accepted_count, imported_by=draft.uploaded_by
    )
    lines = StagedCode.objects.filter(draft=draft).aggregate(first=Min("line"), last=Max("line"))
    done = 0
    with connection.cursor() as cursor:
        for start in range(lines["first"], lines["last"] + 1, BATCH):
            values = {"lot": lot.pk, "draft": draft.pk, "start": start, "end": start + BATCH}
            cursor.execute(_IMPORT, values)
            done += cursor.rowcount
            tell(done)
        # A planner that has not heard of them would sort them all for each claim.
        cursor.execute("ANALYZE recharges_rechargecode")
    return lot


def forget_lines(draft: LotDraft) -> None:
    """Drop what was read of a draft, and its file."""
    # Raw: Django would fetch what it deletes, to tell whoever listens to deletions.
    for model in (StagedCode, StagedProblem, LotPiece):
        model.objects.filter(draft=draft)._raw_delete(using=draft._state.db)
