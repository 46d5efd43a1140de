"""Counting how the FAQ serves, without anybody's name; what is counted ranks the answers.

Only people who are logged in count, once in twelve hours for the same thing: neither a robot nor
a reload pushes an answer up, and no cookie is given for it. Where Redis is away nothing is
counted.
"""

import datetime as dt
import re
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from knowledge import search
from knowledge.models import FaqFile, FaqOpening, FaqQuestion, FaqVote, MissedSearch
from portal.privacy.crypto import fingerprint

ONCE = 12 * 3600  # seconds in which the same thing counts once for a person
KEPT = dt.timedelta(days=365)
FILES_KEPT = dt.timedelta(days=30)
HOUR = 3600  # seconds
VOTES_AN_HOUR = 60  # of one network address
MAX_MISSES = 20_000  # rows; a flood of invented words stops there
#: Six digits in a row or more, however they are set apart: a number of somebody's, or a code.
_NUMBER = re.compile(r"(?:\d[\s.\-/]*){6,}")

_COUNT_OPENING = """
INSERT INTO knowledge_faqopening (question_id, day, count) VALUES (%s, %s, 1)
ON CONFLICT (question_id, day) DO UPDATE SET count = knowledge_faqopening.count + 1
"""
_COUNT_MISS = """
INSERT INTO knowledge_missedsearch (words, count, last_on)
SELECT %(words)s, 1, %(today)s
WHERE (SELECT count(*) FROM knowledge_missedsearch) < %(most)s
ON CONFLICT (words) DO UPDATE
    SET count = knowledge_missedsearch.count + 1, last_on = %(today)s
"""


def count_opening(request: HttpRequest, question: FaqQuestion) -> bool:
    """Count that somebody opened an answer; return whether it counted."""
    if not _first(request, f"opened:{question.pk}"):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_OPENING, [question.pk, timezone.localdate()])
    return True


def count_miss(request: HttpRequest, text: str) -> bool:
    """Count a search that found nothing; return whether it counted.

    Args:
        text: as typed. A number of six digits or an e-mail address in it: nothing is kept.
    """
    words = " ".join(search.words_of(text))
    if not words or "@" in text or _NUMBER.search(text):
        return False
    if not _first(request, f"missed:{words}"):
        return False
    given: dict[str, Any] = {"words": words, "today": timezone.localdate(), "most": MAX_MISSES}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MISS, given)
    return True


def vote(request: HttpRequest, question: FaqQuestion, *, useful: bool, why: str = "") -> FaqVote:
    """Keep what a session says of an answer; saying it again changes it.

    Args:
        why: free text, at most 500 characters; empty leaves what was said before.
    """
    given = request.session.get("faq_votes", {})
    known = FaqVote.objects.filter(pk=given.get(str(question.pk)), question=question).first()
    said = known or FaqVote(question=question)
    said.useful = useful
    said.why = why or said.why
    said.save()
    request.session["faq_votes"] = given | {str(question.pk): said.pk}
    return said


def may_vote(address: str) -> bool:
    """Count an answer of a network address; return whether it had its share within the hour."""
    key = f"faq:votes:{fingerprint('faq', address)}"
    try:
        cache.add(key, 0, timeout=HOUR)
        return int(cache.incr(key)) <= VOTES_AN_HOUR
    except (RedisError, OSError, ValueError):  # ValueError: it lapsed between the two
        return True


def _first(request: HttpRequest, what: str) -> bool:
    """Return whether this person does this for the first time in `ONCE` seconds."""
    if not request.user.is_authenticated:
        return False
    key = f"faq:once:{fingerprint('faq', f'{request.session.session_key}:{what}')}"
    try:
        return bool(cache.add(key, 1, timeout=ONCE))
    except (RedisError, OSError):
        return False


def purge() -> None:
    """Delete what is a year old, files that nobody imported, and searches that now find."""
    today = timezone.localdate()
    FaqVote.objects.filter(at__lt=timezone.now() - KEPT).delete()
    FaqOpening.objects.filter(day__lt=today - KEPT).delete()
    MissedSearch.objects.filter(last_on__lt=today - KEPT).delete()
    waiting = FaqFile.objects.filter(imported_at__isnull=True)
    waiting.filter(uploaded_at__lt=timezone.now() - FILES_KEPT).delete()
    kept = MissedSearch.objects.all()[:500]
    answered = [one.pk for one in kept if search.find(one.words, limit=1)]
    MissedSearch.objects.filter(pk__in=answered).delete()
