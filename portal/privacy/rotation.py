"""Bring what is encrypted under the newest key, a batch at a time, while the site works.

What a row holds says by itself whether it is done, so that nothing is noted of how far a run
came: killed and started again, it passes over what is done and goes on. A row that somebody else
has locked is left for the next pass: nobody waits for this, and it can be in no deadlock.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, QuerySet, TextField, Value

from portal.privacy.crypto import renewed
from portal.privacy.fields import EncryptedTextField

#: Rows of files that are in memory at once: each is a megabyte or more.
FILES = 8
#: How every token begins (its version, then the first bytes of its date).
TOKEN = "gAAAA"  # noqa: S105  (what one looks like)
_registered: dict[str, str] = {}


def register(model: str, column: str) -> None:
    """Say that a column other than an `EncryptedTextField` holds tokens.

    Args:
        model: its label, such as ``recharges.LotPiece``.
        column: bytes that are one token, or JSON in which some texts are tokens.
    """
    _registered[model] = column


@dataclass(frozen=True)
class Place:
    """A table and those of its columns that hold tokens."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the table is called on a terminal."""
        return self.model._meta.label_lower

    def batch(self, rows: int) -> int:
        """Return how many rows to read at once, of ``rows`` at most."""
        fields = [self.model._meta.get_field(name) for name in self.columns]
        large = any(isinstance(one, models.BinaryField) for one in fields)
        return min(rows, FILES) if large else rows

    def stored(self) -> QuerySet[Any, Any]:
        """Return the rows as (key, column, …) in the order of their keys, still encrypted."""
        raw = {f"raw_{name}": self._expression(name) for name in self.columns}
        rows: QuerySet[Any, Any] = self.model._base_manager.annotate(**raw).order_by("pk")
        return rows.values_list("pk", *raw)

    def write(self, pk: Any, values: dict[str, Any]) -> None:
        """Write tokens into a row, as they are."""
        as_they_are = {
            name: Value(value, output_field=TextField()) if self._is_text(name) else value
            for name, value in values.items()
        }
        self.model._base_manager.filter(pk=pk).update(**as_they_are)

    def _is_text(self, name: str) -> bool:
        return isinstance(self.model._meta.get_field(name), EncryptedTextField)

    def _expression(self, name: str) -> "ExpressionWrapper[Any] | F":
        # The field would decrypt what it reads.
        return ExpressionWrapper(F(name), TextField()) if self._is_text(name) else F(name)


@dataclass
class Tally:
    """What a pass met, in rows.

    Attributes:
        read: rows looked at.
        old: of which something was under an older key.
        done: of those, brought under the newest.
        lost: ``table key.column`` of what no key opens.
    """

    read: int = 0
    old: int = 0
    done: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what another tally counted."""
        self.read += other.read
        self.old += other.old
        self.done += other.done
        self.lost += other.lost


def places() -> list[Place]:
    """Return every table that holds tokens: encrypted fields of any app, and what is registered."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        columns = [
            one.name for one in model._meta.local_fields if isinstance(one, EncryptedTextField)
        ]
        if model._meta.label in _registered:
            columns.append(_registered[model._meta.label])
        if columns:
            found.append(Place(model, tuple(columns)))
    return found


def passes(place: Place, *, rows: int, pause: float = 0, write: bool = True) -> Iterator[Tally]:
    """Go through a table once; yield, after each batch, its tally.

    Args:
        rows: of a batch, which is one transaction.
        pause: seconds between two batches, for the site to breathe.
        write: False only counts.
    """
    size, last = place.batch(rows), None
    while True:
        found = place.stored() if last is None else place.stored().filter(pk__gt=last)
        batch = list(found[:size])
        if not batch:
            return
        last = batch[-1][0]
        yield _batch(place, batch, write=write)
        time.sleep(pause)


def _batch(place: Place, batch: list[tuple[Any, ...]], *, write: bool) -> Tally:
    tally = Tally(read=len(batch))
    old = [row[0] for row in batch if _turned(place, row, tally)]
    tally.old = len(old)
    if old and write:
        with transaction.atomic():
            # Read anew under lock: what was written meanwhile is what is encrypted anew.
            locked = place.stored().select_for_update(skip_locked=True, no_key=True)
            for row in locked.filter(pk__in=old):
                place.write(row[0], _turned(place, row, Tally()))
                tally.done += 1
    return tally


def _turned(place: Place, row: tuple[Any, ...], tally: Tally) -> dict[str, Any]:
    """Return what of a row is under an older key, under the newest."""
    turned = {}
    for name, value in zip(place.columns, row[1:], strict=True):
        try:
            fresh = turn(value)
        except InvalidToken:
            tally.lost.append(f"{place.label} {row[0]}.{name}")
        else:
            if fresh is not None:
                turned[name] = fresh
    return turned


def turn(value: Any) -> Any:
    """Return a stored value with its tokens under the newest key; None where all are already.

    Args:
        value: text or bytes (one token, or nothing), or what JSON gave.

    Raises:
        cryptography.fernet.InvalidToken: no key opens a token.
    """
    if isinstance(value, dict | list):
        return _turned_json(value)
    if not value:
        return None
    if isinstance(value, str):
        fresh = renewed(value.encode())
        return fresh.decode("ascii") if fresh else None
    return renewed(bytes(value))


def _turned_json(value: Any) -> Any:
    old = False

    def walk(part: Any) -> Any:
        nonlocal old
        if isinstance(part, dict):
            return {key: walk(one) for key, one in part.items()}
        if isinstance(part, list):
            return [walk(one) for one in part]
        if not (isinstance(part, str) and part.startswith(TOKEN)):
            return part
        fresh = turn(part)
        old = old or fresh is not None
        return part if fresh is None else fresh

    fresh = walk(value)
    return fresh if old else None
