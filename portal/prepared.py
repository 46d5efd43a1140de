"""Querysets that are put together once, for the few questions that every page asks.

Django builds and compiles a queryset at each call, which takes several times longer than having
it answered: a page of the shop spent half of its time so. Here the statement is kept and only
its values change; rows become the same instances, by the same code of Django's.

Whatever else goes into the queryset is fixed at the first call: a date, a setting or a language
belongs into a `Place`. `prefetch_related` is not done, `select_related` and annotations are.
"""

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import ModelIterable

ModelT = TypeVar("ModelT", bound=Model)


class Place(Expression):
    """Where a value goes: ``filter(user=Place("user"))``."""

    def __init__(self, name: str) -> None:
        """Name the value that `Prepared` is called with."""
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Stand as the parameter itself, until a call puts its value there."""
        return "%s", [self]


class _Source:
    """What Django's iterable needs to know of a queryset."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any) -> None:
        self.query = self
        self.compiler = compiler

    def get_compiler(self, using: str) -> Any:
        """Return the compiler that has its statement already."""
        return self.compiler


class Prepared(Generic[ModelT]):
    """A question that is compiled when it is first asked."""

    def __init__(self, build: Callable[[], QuerySet[ModelT]]) -> None:
        """Remember how to build the queryset; models need not be loaded yet."""
        self._build = build
        self._compiled: tuple[Any, str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> list[ModelT]:
        """Return the rows for these values, one for each `Place`, as the database takes them.

        Raises:
            KeyError: a place has no value.
        """
        if self._compiled is None:
            first = self._build().query.get_compiler(DEFAULT_DB_ALIAS)
            self._compiled = (first, *first.as_sql())
        kept, sql, parameters = self._compiled
        filled = tuple(values[one.name] if isinstance(one, Place) else one for one in parameters)
        compiler = copy.copy(kept)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # this thread's
        compiler.as_sql = lambda *_, **__: (sql, filled)
        return list(ModelIterable(_Source(compiler)))  # type: ignore[arg-type]
