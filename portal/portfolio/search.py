"""Finding structures by what one remembers of them: any part of name, commune, postcode, SIRET.

The words are compared without accents, case and punctuation. PostgreSQL keeps them in a generated
column, ``words``, with an index of three letters (``pg_trgm``): both are made by this app's
migrations. Whoever alters the type of one of the four columns drops ``words`` first.
"""

import re
import unicodedata
from typing import Any
from unicodedata import combining

from django.db.models import F, Func, QuerySet, TextField
from django.db.models.lookups import Contains

from portal.structures.models import Structure

MAX_LENGTH = 100  # characters kept of what is typed
MAX_WORDS = 6


class Words(Func):
    """The generated column: beside that of the name, in whatever query it stands."""

    output_field = TextField()

    def __init__(self) -> None:
        """Stand on the name's column, whose table Django keeps track of."""
        super().__init__(F("name"))

    def as_sql(self, compiler: Any, *args: Any, **context: Any) -> tuple[str, list[Any]]:
        """Return the column."""
        (name,) = self.get_source_expressions()
        return f"{compiler.quote_name_unless_alias(name.alias)}.words", []


def plain(text: str) -> str:
    """Return ``text`` in lower case, letters and figures only, as the column holds it."""
    whole = text.lower().replace("œ", "oe").replace("æ", "ae")
    parts = (char for char in unicodedata.normalize("NFKD", whole) if not combining(char))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(parts)).split())


def found(structures: QuerySet[Structure], typed: str) -> QuerySet[Structure]:
    """Keep the structures that hold every word typed; all of them where nothing is."""
    words = plain(typed[:MAX_LENGTH]).split()[:MAX_WORDS]
    if typed.strip() and not words:
        return structures.none()
    for word in words:
        structures = structures.filter(Contains(Words(), word))
    return structures
