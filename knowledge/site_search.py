"""Searching the whole site: answers of the FAQ, pages and documents that this person may see."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument

from knowledge import ranking, search
from knowledge.models import SearchEntry
from knowledge.visibility import Person, closed_collections, closed_paths

ANSWERS = 5
ENTRIES = 20


@dataclass(frozen=True)
class Hit:
    """A page or a document found."""

    address: str
    title: SafeString
    excerpt: SafeString
    facts: str = ""


@dataclass(frozen=True)
class Found:
    """What a search of the site found, by kind."""

    answers: list[search.Result]
    pages: list[Hit]
    documents: list[Hit]

    @property
    def count(self) -> int:
        """How many things in all."""
        return len(self.answers) + len(self.pages) + len(self.documents)


def find(text: str, *, user: Person) -> Found:
    """Return what answers ``text`` and ``user`` may see, in a number of queries that is fixed."""
    words = search.words_of(text)
    return Found(
        answers=search.find(text, limit=ANSWERS),
        pages=_pages(words, user),
        documents=_documents(words, user),
    )


def _entries(source: ranking.Source, words: list[str], closed: list[str]) -> list[SearchEntry]:
    ranked = ranking.rank(source, words, limit=ENTRIES, closed=closed)
    chosen: Any = SearchEntry.objects.select_related("page")
    by_key = chosen.defer("search_text", "search_vector").in_bulk(ranked)
    return [
        by_key[key]
        for key, sure in ranked.items()
        if sure or search.is_close(by_key[key].title, words)
    ]


def _pages(words: list[str], user: Person) -> list[Hit]:
    if not words:
        return []
    entries = _entries(ranking.PAGES, words, closed_paths(user))
    return [_hit(entry, words, str(entry.page.url or "")) for entry in entries]


def _documents(words: list[str], user: Person) -> list[Hit]:
    if not words:
        return []
    entries = _entries(ranking.documents(), words, closed_collections(user))
    documents = get_document_model().objects.in_bulk([entry.document for entry in entries])
    pairs = [(one, documents[one.document]) for one in entries if one.document in documents]
    return [_hit(one, words, document.url, _facts(document)) for one, document in pairs]


def _facts(document: AbstractDocument) -> str:
    kind = document.file_extension.upper()
    size = document.file_size
    if not size:
        return str(kind)
    return f"{kind}, {max(1, round(size / 1000))}\u00a0ko"


def _hit(entry: SearchEntry, words: list[str], address: str, facts: str = "") -> Hit:
    return Hit(
        address=address,
        title=search.highlight(entry.title, words),
        excerpt=search.highlight(search.excerpt(entry.body, words), words),
        facts=facts,
    )
