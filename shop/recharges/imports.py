"""Importing a lot: deposited, shown, then committed whole or not at all.

What is small is done at once, within the request; what is large is a worker's, and the page tells
how far it is. `shop.recharges.staging` does the work either way.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.services import record
from portal.sheets import reading
from portal.sheets.reading import UnreadableFile
from portal.ui.errors import DomainError
from shop.recharges import lots, staging
from shop.recharges.drafts import LotDraft, PieceWriter
from shop.recharges.models import CodeLot

Product = get_model("catalogue", "Product")

#: How long a file waits for its import.
KEPT = dt.timedelta(days=1)
#: Up to this size a file is read, and its codes are imported, while the person waits.
SMALL_FILE = 250_000  # bytes
SMALL_LOT = 5_000  # codes


class ImportRefused(DomainError):
    """The lot cannot be imported; nothing was written."""

    default_code = "import_refused"
    default_message = (
        "Ce lot contient des lignes refusées\u00a0: corrigez le fichier et déposez-le de nouveau. "
        "Rien n’a été importé."
    )


def waiting(by: User) -> QuerySet[LotDraft]:
    """Return the files that a person may still import."""
    return LotDraft.objects.filter(uploaded_by=by, uploaded_at__gte=timezone.now() - KEPT)


def unfinished(by: User) -> QuerySet[LotDraft]:
    """Return the files that a person has deposited and not imported yet, the last one first."""
    states = (LotDraft.State.UPLOADING, LotDraft.State.DONE)
    return waiting(by).exclude(state__in=states).order_by("-pk")


def begin(*, by: User) -> LotDraft:
    """Open a draft whose bytes are about to arrive; it replaces those that the person left."""
    discard(
        LotDraft.objects.filter(uploaded_by=by).exclude(
            state__in=(LotDraft.State.READING, LotDraft.State.IMPORTING, LotDraft.State.DONE)
        )
    )
    return LotDraft.objects.create(uploaded_by=by)


def deposited(draft: LotDraft, *, name: str, only: int | None = None) -> None:
    """Read a file that has arrived: now if it is small, else in a worker, after commit.

    Args:
        draft: closed by its `PieceWriter`.
        name: of the lot.
        only: the product that it is said to hold, and nothing else.

    Raises:
        UnreadableFile: its first line shows that it is no lot; nothing is kept of it.
    """
    draft.name, draft.only_id = name.strip()[:120], only
    try:
        with draft.open() as file:
            _, header = next(reading.read(file, max_bytes=lots.MAX_BYTES), (1, []))
        lots.columns(header, only=_named(only))
    except UnreadableFile:
        discard(LotDraft.objects.filter(pk=draft.pk))
        raise
    draft.state = LotDraft.State.READING
    with transaction.atomic():
        draft.save()
        record(by=draft.uploaded_by, action="recharges.lot_deposited", target=draft)
    _do(draft, at_once=draft.size <= SMALL_FILE)


def _named(product_id: int | None) -> lots.Known | None:
    products = staging.known_products().values() if product_id else ()
    return next((one for one in products if one.product_id == product_id), None)


def start_import(*, by: User, draft: UUID) -> LotDraft:
    """Import a draft whole: now if it is small, else in a worker, after commit.

    A repeat finds what the first one made.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or is gone.
        ImportRefused: a line is wrong; nothing was imported.
    """
    with transaction.atomic():
        row = waiting(by).select_for_update(of=("self",)).get(uuid=draft)
        if row.busy or row.state == LotDraft.State.DONE:
            return row
        if not row.importable:
            raise ImportRefused(row.sentence)
        row.state, row.attempts, row.sentence = LotDraft.State.IMPORTING, 0, ""
        row.save()
    _do(row, at_once=row.accepted_count <= SMALL_LOT)
    return row


def retry(*, by: User, draft: UUID) -> LotDraft:
    """Read a file again whose reading was interrupted too often.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or did not fail.
    """
    with transaction.atomic():
        row = waiting(by).select_for_update(of=("self",)).get(uuid=draft, state="failed")
        row.state, row.attempts, row.sentence = LotDraft.State.READING, 0, ""
        row.save()
    _do(row, at_once=row.size <= SMALL_FILE)
    return row


def _do(draft: LotDraft, *, at_once: bool) -> None:
    if at_once:
        staging.run(draft.pk)
        draft.refresh_from_db()
        return

    def ask() -> None:
        from shop.recharges.tasks import work_on  # noqa: PLC0415  (tasks import this module)

        work_on.apply_async((draft.pk,), retry=False, ignore_result=True)

    # Robust: with a broker that is away the sweep finds the draft within a minute.
    transaction.on_commit(ask, robust=True)


def discard(drafts: QuerySet[LotDraft]) -> int:
    """Drop drafts with all that was read of them, but those that somebody is at work on."""
    with transaction.atomic():
        free = list(drafts.select_for_update(skip_locked=True, of=("self",)))
        for draft in free:
            staging.forget_lines(draft)
            draft.delete()
    return len(free)


def purge() -> int:
    """Drop the drafts whose day is over; return how many."""
    return discard(LotDraft.objects.filter(Q(uploaded_at__lt=timezone.now() - KEPT)))


def upload(*, by: User, name: str, content: bytes, only: int | None = None) -> LotDraft:
    """Deposit a whole file and read it now: what programs do, and the demo.

    Raises:
        UnreadableFile: it is no lot; nothing is kept of it.
    """
    draft = begin(by=by)
    fill(draft, [content])
    deposited(draft, name=name, only=only)
    staging.run(draft.pk)
    draft.refresh_from_db()
    if draft.state == LotDraft.State.FAILED:
        sentence = draft.sentence
        discard(LotDraft.objects.filter(pk=draft.pk))
        raise UnreadableFile(sentence)
    return draft


def fill(draft: LotDraft, content: Iterable[bytes]) -> None:
    """Keep the bytes of a draft."""
    writer = PieceWriter(draft)
    for block in content:
        writer.write(block)
    writer.close()


def commit(*, by: User, draft: UUID) -> CodeLot:
    """Import a draft whole, now.

    Raises:
        LotDraft.DoesNotExist: it is not this person's, or is gone.
        ImportRefused: a line is wrong, or a code became known since the preview.
    """
    row = start_import(by=by, draft=draft)
    staging.run(row.pk)
    row.refresh_from_db()
    lot: CodeLot | None = row.lot
    if lot is None:
        busy = "Ce lot est en cours d’importation\u00a0: attendez la fin." if row.busy else ""
        raise ImportRefused(busy or row.sentence)
    return lot
