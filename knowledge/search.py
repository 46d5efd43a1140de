"""Search of the FAQ, as people type: first letters, accents left out, plurals, typing mistakes.

PostgreSQL does it (`knowledge.ranking`), in one query whatever is typed; here what was typed is
cleaned, and the words that were meant are marked.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from html import unescape
from typing import Any

from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

from knowledge import ranking

MAX_LENGTH = 100  # characters kept of what is typed
MAX_WORDS = 8
EXCERPT_LENGTH = 220  # characters
LOOKALIKE = 0.75  # ratio above which a word of the text is marked as the one that was meant

#: In most questions, and in none the one that tells them apart.
ASKING = frozenset({"comment", "pourquoi", "chez", "autre", "faire"})
CLOSE = 0.7  # ratio above which a word that is nowhere is taken for one of the text

_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True)
class Result:
    """A question found, with the words that were meant marked."""

    question: Any
    title: SafeString
    excerpt: SafeString


def plain(text: str) -> str:
    """Return ``text`` in lower case without accents, as the index holds it."""
    parts = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def clean(text: str) -> str:
    """Return what was typed without control characters, at most ``MAX_LENGTH`` long."""
    printable = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text[:1000])
    return " ".join(printable.split())[:MAX_LENGTH]


def words_of(text: str) -> list[str]:
    """Return the words to look for, at most ``MAX_WORDS``, each once; letters and digits only."""
    found = (word.replace("_", "") for word in _WORD.findall(plain(clean(text))))
    kept = [word for word in found if len(word) > 1 or word.isdigit()]
    telling = [word for word in kept if word not in ASKING]
    return list(dict.fromkeys(telling or kept))[:MAX_WORDS]


def find(text: str, *, limit: int) -> list[Result]:
    """Return the published questions that answer ``text``, best first, in two queries.

    Args:
        text: as typed.
        limit: number of results at most.
    """
    from knowledge.models import FaqQuestion  # noqa: PLC0415  (its page imports this module)

    words = words_of(text)
    if not words:
        return []
    ranked = ranking.rank(ranking.FAQ, words, limit=limit)
    by_id = (
        FaqQuestion.objects.select_related("theme")
        .defer("search_text", "search_vector")
        .in_bulk(ranked)
    )
    chosen = [
        by_id[pk]
        for pk, sure in ranked.items()
        if sure or is_close(f"{by_id[pk].question} {by_id[pk].keywords}", words)
    ]
    return [
        Result(
            question=one,
            title=highlight(one.question, words),
            excerpt=highlight(excerpt(one.answer, words), words),
        )
        for one in chosen
    ]


def highlight(text: str, words: list[str]) -> SafeString:
    """Return ``text`` escaped, each word that was meant inside ``<mark>``."""
    parts: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        parts.append(escape(text[end : match.start()]))
        word = escape(match.group())
        parts.append(f"<mark>{word}</mark>" if _meant(match.group(), words) else word)
        end = match.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308  (every part is escaped)


def is_close(text: str, asked: list[str]) -> bool:
    """Return whether a word of ``text`` may be one of ``asked``, mistyped.

    Three trigrams in ten are enough for PostgreSQL: « xylophone » would find « téléphone ».
    """
    return any(
        SequenceMatcher(None, plain(word), one).ratio() >= CLOSE
        for word in _WORD.findall(text)
        for one in asked
        if min(len(word), len(one)) > 3
    )


def _meant(word: str, asked: list[str]) -> bool:
    bare = plain(word)
    if bare in asked:
        return True
    if len(bare) < 3:
        return False
    return any(_resembles(bare, one) for one in asked if len(one) > 2)


@lru_cache(maxsize=8192)
def _resembles(word: str, asked: str) -> bool:
    if word.startswith(asked) or (len(word) > 3 and asked.startswith(word)):
        return True
    if min(len(word), len(asked)) < 5:
        return False
    pair = SequenceMatcher(None, word, asked)
    return pair.real_quick_ratio() >= LOOKALIKE and pair.ratio() >= LOOKALIKE


def excerpt(answer: str, words: list[str]) -> str:
    """Return the part of the answer around the first word that was meant."""
    spaced = re.sub(r"<(/p|/li|br)[^>]*>", " ", answer)
    # The non-breaking spaces stay: only the others are folded.
    text = re.sub(r"[ \n\t]+", " ", unescape(strip_tags(spaced))).strip()
    if len(text) <= EXCERPT_LENGTH:
        return text
    first = next((m.start() for m in _WORD.finditer(text) if _meant(m.group(), words)), 0)
    start = 0 if first < EXCERPT_LENGTH // 2 else text.rfind(" ", 0, first - 60) + 1
    end = text.rfind(" ", start, start + EXCERPT_LENGTH)
    head = "… " if start else ""
    tail = " …" if end < len(text) else ""
    return f"{head}{text[start:end]}{tail}"
