"""Querysets whose SQL is written once: the ORM takes longer to write a short one than to run it.

Each thread compiles the queryset once, with a mark in place of the key; later readings send the
same text with another key (PostgreSQL has it prepared by then) and make instances of the rows as
the ORM does. What the queryset filters by beside the key must not change while the process lives.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]

#: No key is this.
MARK = -1_234_567_890
M = TypeVar("M", bound=Model)


class _Compiled:
    """The statement of one thread, and what its columns are."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.alias = queryset.db
        self.compiler = queryset.query.get_compiler(using=self.alias)
        self.sql, self.parameters = self.compiler.as_sql()
        info = self.compiler.klass_info
        self.model: type[Model] = info["model"]
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self.columns = slice(first, last)
        self.names = [column[0].target.attname for column in self.compiler.select[self.columns]]
        self.related = get_related_populators(info, self.compiler.select, self.alias)
        self.annotations = list(self.compiler.annotation_col_map.items())
        expressions = [column[0] for column in self.compiler.select]
        self.converters = self.compiler.get_converters(expressions)

    def run(self, key: int) -> list[Any]:
        given = [type(one)(key) if one == MARK else one for one in self.parameters]
        with connections[self.alias].cursor() as cursor:
            cursor.execute(self.sql, given)
            rows = cursor.fetchall()
        return [
            self._instance(row) for row in self.compiler.apply_converters(rows, self.converters)
        ]

    def _instance(self, row: Any) -> Any:
        found = self.model.from_db(self.alias, self.names, row[self.columns])
        for one in self.related:
            one.populate(row, found)
        for name, position in self.annotations:
            setattr(found, name, row[position])
        return found


class Prepared(Generic[M]):
    """A queryset that depends on one whole number.

    Args:
        build: returns the queryset for a key; called once in each thread.
    """

    def __init__(self, build: Callable[[int], QuerySet[M]]) -> None:
        self.build = build
        self.local = threading.local()

    def all(self, key: int) -> list[M]:
        """Return the rows for ``key``, in one query."""
        compiled = getattr(self.local, "compiled", None)
        if compiled is None:
            compiled = self.local.compiled = _Compiled(self.build(MARK))
        return cast("list[M]", compiled.run(key))
