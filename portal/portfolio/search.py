"""Finding structures by what one remembers of them: any part of name, commune, postcode, SIRET.

The words are compared without accents, case and punctuation, by an index of three letters
(``pg_trgm``) on the SQL function that the first migration creates.
"""

import re
import unicodedata

from django.db.models import F, Func, QuerySet, TextField
from django.db.models.lookups import Contains

from portal.structures.models import Structure

MAX_LENGTH = 100  # characters kept of what is typed
MAX_WORDS = 6


def plain(text: str) -> str:
    """Return ``text`` in lower case, letters and figures only, as the index holds it."""
    whole = text.lower().replace("œ", "oe").replace("æ", "ae")
    bare = (char for char in unicodedata.normalize("NFKD", whole) if char.isascii())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(bare)).split())


def found(structures: QuerySet[Structure], typed: str) -> QuerySet[Structure]:
    """Keep the structures that hold every word typed; all of them where nothing is."""
    words = plain(typed.replace("’", " ").replace("'", " ")[:MAX_LENGTH]).split()[:MAX_WORDS]
    if typed.strip() and not words:
        return structures.none()
    columns = (F("name"), F("city"), F("postcode"), F("siret"))
    indexed = Func(*columns, function="portfolio_words", output_field=TextField())
    for word in words:
        structures = structures.filter(Contains(indexed, word))
    return structures
