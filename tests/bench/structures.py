"""The back office's list of structures and the public list of points d'accueil, grown large."""

import time
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection

from portal.accounts.middleware import HAS_FACTOR, SEEN, STARTED
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.bench import load, report
from tests.bench.measure import Ask, say

AIM = 200  # milliseconds of one answer
PATHS = {
    "structures, mine": "/gestion/structures/",
    "structures, all": "/gestion/structures/?manager=all",
    "structures, a search": "/gestion/structures/?manager=all&q=structure+0012",
    "structures, a département": "/gestion/structures/?manager=all&department=33",
    "points d'accueil": "/points-accueil/",
    "points d'accueil, a search": "/points-accueil/?q=commune+47",
    "points d'accueil, a commune": "/points-accueil/?departement=33&commune=Commune+33",
}
#: Places over every département of the mainland, a quarter of them in one portfolio.
_PLACES = """
UPDATE structures_structure SET
    postcode = lpad((1 + id % 95)::text, 2, '0') || lpad((id % 40 * 10)::text, 3, '0'),
    city = 'Commune ' || id % 400, address = id || ' rue de l’Exemple', is_listed = true,
    latitude = 44 + (id % 400) / 100.0, longitude = 1 + (id % 300) / 100.0,
    account_manager_id = CASE WHEN id % 4 = 0 THEN %s END
"""
#: A paper in twenty waits for a référent.
_WAITING = """
UPDATE structures_amendment SET state = 'signed' WHERE id % 20 = 0
"""


def measure_structures(ask: Ask, seconds: float) -> str:
    """Return the table of the lists' paces; they are asked for by a référent.

    Raises:
        load.WrongAnswerError: a page answered otherwise than with itself.
    """
    referent = User.objects.filter(groups__name=Role.REFERENT, is_active=True).earliest("pk")
    with connection.cursor() as cursor:
        cursor.execute(_PLACES.replace("% ", "%% "), [referent.pk])
        cursor.execute(_WAITING)
        cursor.execute("VACUUM ANALYZE structures_structure")
    cookies = signed_in(referent)
    lines: list[Sequence[str]] = []
    for name, path in PATHS.items():
        say(f"  {name}")
        ask(load.look, path, cookies)
        answer = ask(load.look, path, cookies)
        if answer.status != 200:
            raise load.WrongAnswerError(f"{path} answered {answer.status}.")
        pace = ask(load.flood, path, cookies, connections=1, seconds=seconds)
        kept = "yes" if pace.percentile(50) <= AIM else "no"
        lines.append([name, *report.pace(pace), str(answer.queries), kept])
    heads = ["", "/s", "p50", "p99", "SQL", f"within {AIM} ms"]
    return report.plain_table(heads, lines)


def signed_in(user: User) -> dict[str, str]:
    """Return the cookies of somebody of the team who has just logged in with two factors."""
    session = SessionStore()
    now = time.time()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[STARTED] = session[SEEN] = now
    session[HAS_FACTOR] = True
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}
