"""Search of the FAQ, as people type: first letters, accents left out, plurals, typing mistakes.

PostgreSQL does it: each word is looked up as a prefix in a French full-text index without
accents, and by resemblance (``pg_trgm``) in the questions' words, so that a mistake in one word
does not lose the others. A word found in the question weighs 1, in the answer 0.5; a word that
only resembles weighs at most 0.8. What scores under four tenths of the best is left out. One query,
whatever is typed.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from html import unescape
from typing import Any

from django.db import connection
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

MAX_LENGTH = 100  # characters kept of what is typed
MAX_WORDS = 8
EXCERPT_LENGTH = 220  # characters
LOOKALIKE = 0.75  # ratio above which a word of the text is marked as the one that was meant

_WORD = re.compile(r"\w+", re.UNICODE)

_QUERY = """
WITH asked AS MATERIALIZED (
    SELECT word,
           to_tsquery('french_unaccent', word || ':*') AS anywhere,
           to_tsquery('french_unaccent', word || ':*A') AS in_question
    FROM unnest(%(words)s::text[]) AS word
    WHERE numnode(to_tsquery('french_unaccent', word)) > 0
), found AS (
    SELECT q.id FROM knowledge_faqquestion q JOIN asked ON q.search_vector @@ asked.anywhere
    UNION
    SELECT id FROM knowledge_faq_resembling(ARRAY(SELECT word FROM asked WHERE length(word) > 3))
), scored AS (
    SELECT q.id, q.position,
        sum(greatest(
            (q.search_vector @@ asked.in_question)::int,
            (q.search_vector @@ asked.anywhere)::int * 0.5,
            CASE WHEN length(asked.word) > 3
                 THEN word_similarity(asked.word, q.search_text) * 0.8 ELSE 0 END
        )) + sum(ts_rank(q.search_vector, asked.anywhere)) * 0.2 AS score
    FROM knowledge_faqquestion q
    JOIN found USING (id)
    JOIN knowledge_faqtheme theme ON theme.id = q.theme_id
    CROSS JOIN asked
    WHERE q.live AND theme.live
    GROUP BY q.id
)
SELECT id FROM (SELECT *, max(score) OVER () AS best FROM scored) AS ranked
WHERE score >= best * 0.4
ORDER BY score DESC, position, id
LIMIT %(limit)s
"""


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
    return list(dict.fromkeys(kept))[:MAX_WORDS]


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
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, {"words": words, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    by_id = (
        FaqQuestion.objects.select_related("theme")
        .defer("search_text", "search_vector")
        .in_bulk(ids)
    )
    return [
        Result(
            question=by_id[pk],
            title=highlight(by_id[pk].question, words),
            excerpt=highlight(_excerpt(by_id[pk].answer, words), words),
        )
        for pk in ids
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


def _excerpt(answer: str, words: list[str]) -> str:
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
