"""The one query behind every search: words as prefixes without accents, typing mistakes, use.

Each word is looked up as a prefix in a French full-text index without accents. A word that is
found nowhere is taken for a typing mistake and looked up by resemblance (``pg_trgm``), so that a
mistake in one word does not lose the others. A word found in the title weighs 1, in the text 0.5;
one that only resembles weighs at most 0.8. What scores under four tenths of the best is left out.
Of the `CLOSEST` that are left, those that people open most rise, by three tenths at most: use
decides between answers that fit as well, never against the words.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from wagtail.documents import get_document_model

CLOSEST = 60
DAYS_OF_USE = 90

_QUERY = """
WITH asked AS MATERIALIZED (
    SELECT word,
           to_tsquery('french_unaccent', word || ':*') AS anywhere,
           to_tsquery('french_unaccent', word || ':*A') AS in_title
    FROM unnest(%(words)s::text[]) AS word
    WHERE numnode(to_tsquery('french_unaccent', word)) > 0
), meant AS MATERIALIZED (
    SELECT *, length(word) > 3 AND NOT EXISTS (
        SELECT FROM {table} q WHERE q.search_vector @@ asked.anywhere AND {allowed}
    ) AS mistaken
    FROM asked
), hits AS (
    SELECT q.id, {position} AS position, true AS sure,
        CASE WHEN q.search_vector @@ in_title THEN 1 ELSE 0.5 END
            + ts_rank(q.search_vector, anywhere) * 0.2 AS points
    FROM meant JOIN {table} q ON q.search_vector @@ anywhere
    WHERE {allowed}
    UNION ALL
    SELECT q.id, {position}, false, word_similarity(word, q.search_text) * 0.8
    FROM {resembling}(ARRAY(SELECT word FROM meant WHERE mistaken)) AS near
    JOIN {table} q USING (id) CROSS JOIN meant
    WHERE mistaken AND {allowed}
), scored AS (
    SELECT id, position, sum(points) AS score, bool_or(sure) AS sure
    FROM hits GROUP BY id, position
), closest AS (
    SELECT * FROM (SELECT *, max(score) OVER () AS best FROM scored) AS compared
    WHERE score >= best * 0.4
    ORDER BY score DESC, position, id
    LIMIT %(closest)s
)
SELECT closest.id, sure FROM closest LEFT JOIN LATERAL ({use}) AS used ON true
ORDER BY score * (1 + 0.3 * coalesce(times, 0) / (coalesce(times, 0) + 30.0)) DESC, position, id
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Source:
    """A table that is searched: its columns are ``search_vector`` and ``search_text``.

    Attributes:
        table: its name.
        resembling: the function that finds its rows by resemblance.
        allowed: condition on ``q`` of what may be shown.
        position: decides between equals, smallest first.
        use: how often row ``closest.id`` was opened lately, as ``times``.
    """

    table: str
    resembling: str
    allowed: str
    position: str
    use: str = "SELECT 0 AS times"


FAQ = Source(
    table="knowledge_faqquestion",
    resembling="knowledge_faq_resembling",
    allowed="q.live AND q.theme_id IN (SELECT id FROM knowledge_faqtheme WHERE live)",
    position="q.position",
    use=(
        "SELECT sum(opened.count) AS times FROM knowledge_faqopening opened "
        "WHERE opened.question_id = closest.id AND opened.day > current_date - %(days)s"
    ),
)
PAGES = Source(
    table="knowledge_searchentry",
    resembling="knowledge_entry_resembling",
    allowed=(
        "q.page_id IN (SELECT id FROM wagtailcore_page page WHERE page.live AND page.depth > 1 "
        "AND NOT page.path ^@ ANY(%(closed)s::text[]))"
    ),
    position="q.page_id",
)


def documents() -> Source:
    """Return where documents are searched; their table is that of a setting's model."""
    table = get_document_model()._meta.db_table
    return Source(
        table="knowledge_searchentry",
        resembling="knowledge_entry_resembling",
        allowed=(
            f"q.document IN (SELECT kept.id FROM {table} kept "  # noqa: S608  (our own model's)
            "JOIN wagtailcore_collection place ON place.id = kept.collection_id "
            "WHERE NOT place.path ^@ ANY(%(closed)s::text[]))"
        ),
        position="q.document",
    )


def query(source: Source) -> str:
    """Return the SQL that ranks the rows of ``source``."""
    return _QUERY.format(**vars(source))


def parameters(words: list[str], *, limit: int, closed: list[str] | None = None) -> dict[str, Any]:
    """Return what the query is asked with; the arguments are those of `rank`."""
    given: dict[str, Any] = {"words": words, "limit": limit, "closed": closed or []}
    return given | {"closest": CLOSEST, "days": DAYS_OF_USE}


def rank(
    source: Source, words: list[str], *, limit: int, closed: list[str] | None = None
) -> dict[int, bool]:
    """Return the keys of the rows that answer ``words``, best first, in one query.

    Each tells whether one of the words is truly there; where none is, some only resemble.

    Args:
        source: what is searched.
        words: as `knowledge.search.words_of` returns them.
        limit: number of keys at most.
        closed: starts of the paths of pages or collections that are not for this person.
    """
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(query(source), parameters(words, limit=limit, closed=closed))
        return dict(cursor.fetchall())
