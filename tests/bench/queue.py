"""The operators' queue over a million requests: ``python -m tests.bench.queue``.

Twice: 980,000 closed and 20,000 open, then a million open, which nobody wishes to see.
``BENCH_REQUESTS`` is how many there are.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench import load, report
from tests.bench.measure import Ask, say

REQUESTS = int(os.environ.get("BENCH_REQUESTS") or 1_000_000)
OPEN_SHARE = 0.02  # of the requests, the first time
STRUCTURES, OPERATORS = 10_000, 20
AIM = 150  # milliseconds of one answer
QUEUE = "/gestion/activations/"
PATHS = {
    "queue": QUEUE,
    "queue, last page": f"{QUEUE}?p=200",
    "queue, submitted": f"{QUEUE}?state=submitted",
    "queue, to correct": f"{QUEUE}?state=to_correct",
    "queue, activated, last page": f"{QUEUE}?state=activated&p=200",
    "queue, portability": f"{QUEUE}?portability=true",
    "queue, taken by me": f"{QUEUE}?taken=me",
    "queue, taken by nobody": f"{QUEUE}?taken=nobody",
    "queue, a structure": f"{QUEUE}?structure=file+00012",
    "queue, fifty structures": f"{QUEUE}?structure=file+0001",
    "queue, structure and state": f"{QUEUE}?structure=file+00012&state=activated",
    "queue, all filters": f"{QUEUE}?structure=file+00012&state=submitted&portability=true",
    "live part": f"{QUEUE}en-direct/?depuis=1",
}
_REQUESTS = """
INSERT INTO activation_activationrequest (
    uuid, submission_key, structure_id, created_by_id, state, taken_by_id, reason,
    iccid, iccid_fingerprint, iccid_insisted, civility, last_name, first_name,
    birth_date, birth_department, birth_country, person_fingerprint, contact_phone, language,
    identity_checked, portability, current_number, rio, line_number,
    submitted_at, due_at, expected_at, closed_at, anonymised_at
)
SELECT
    gen_random_uuid(), gen_random_uuid(), %(structures)s[1 + n %% %(structure_count)s],
    %(people)s[1], state,
    CASE WHEN state IN ('in_progress', 'transmitted', 'porting')
        THEN %(people)s[1 + n %% %(people_count)s] END,
    CASE WHEN state IN ('to_correct', 'refused') AND NOT purged THEN %(text)s ELSE '' END,
    CASE WHEN purged THEN '' ELSE %(text)s END, md5(n || 'card') || md5(n::text), n %% 97 = 0,
    'madame',
    CASE WHEN purged THEN '' ELSE %(text)s END, CASE WHEN purged THEN '' ELSE %(text)s END,
    CASE WHEN purged THEN '' ELSE %(text)s END, CASE WHEN purged THEN '' ELSE %(text)s END, '',
    CASE WHEN purged THEN '' ELSE md5(n / 2 || 'person') || md5((n / 2)::text) END,
    CASE WHEN purged THEN '' ELSE %(text)s END, 'fr', true, NOT purged AND n %% 7 = 0,
    CASE WHEN NOT purged AND n %% 7 = 0 THEN %(text)s ELSE '' END,
    CASE WHEN NOT purged AND n %% 7 = 0 THEN %(text)s ELSE '' END,
    CASE WHEN state = 'activated' AND NOT purged THEN %(text)s ELSE '' END,
    sent, sent + interval '24 hours', sent + interval '4 days',
    CASE WHEN closed THEN sent + interval '1 day' END,
    CASE WHEN purged THEN sent + interval '100 days' END
FROM (
    SELECT n, closed, closed AND n %% 10 > 0 AS purged,
        now() - CASE WHEN closed THEN interval '3 years' ELSE interval '3 days' END
            * (0.0005 + (n::bigint * 7919 %% 1000003) / 1000003.0) AS sent,
        CASE
            WHEN closed THEN (ARRAY['activated','activated','activated','refused'])[1 + n %% 4]
            WHEN n %% 20 < 12 THEN 'submitted' WHEN n %% 20 < 14 THEN 'in_progress'
            WHEN n %% 20 < 18 THEN 'transmitted' WHEN n %% 20 < 19 THEN 'porting'
            ELSE 'to_correct'
        END AS state
    FROM (SELECT n, n > %(open)s AS closed FROM generate_series(1, %(count)s) n) numbered
) drawn
"""
_EVENTS = """
INSERT INTO activation_activationevent (request_id, origin, "to", at, reason)
SELECT id, '', 'submitted', submitted_at, '' FROM activation_activationrequest
ORDER BY id DESC LIMIT 100000
"""
#: What slows a million rows down: indexes, made again afterwards, and foreign keys: they are right.
_LIGHT = """
SELECT pg_get_indexdef(indexrelid), 'DROP INDEX ' || indexrelid::regclass
FROM pg_index WHERE indrelid = 'activation_activationrequest'::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
UNION ALL
SELECT '', 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname)
FROM pg_constraint WHERE contype = 'f' AND conrelid IN (
    'activation_activationrequest'::regclass, 'activation_activationevent'::regclass
)
"""


def measure_queue(ask: Ask, seconds: float) -> str:
    """Return the tables of the queue's paces, asked for by an operator.

    Args:
        ask: calls a function of `tests.bench.load` in the load's process.
        seconds: given to each measurement.

    Raises:
        load.WrongAnswerError: a page answered otherwise than with itself.
    """
    from tests.bench.structures import signed_in  # noqa: PLC0415  (Django's settings come first)

    people = operators()
    cookies = signed_in(people[0])
    tables = []
    for opened in (int(REQUESTS * OPEN_SHARE), REQUESTS):
        say(f"Growing to {REQUESTS:,} requests, {opened:,} open …")
        grow(opened, [one.pk for one in people])
        lines = [line_of(ask, name, path, cookies, seconds) for name, path in PATHS.items()]
        heads = [f"{opened:,} open", "/s", "p50", "p99", "SQL", "× bare", f"within {AIM} ms"]
        tables.append(report.plain_table(heads, lines))
    return "\n\n".join(tables)


def line_of(
    ask: Ask, name: str, path: str, cookies: dict[str, str], seconds: float
) -> Sequence[str]:
    """Return the line of a page: its pace on one connection, and beside the bare view's."""
    say(f"  {name}")
    ask(load.look, path, cookies)
    answer = ask(load.look, path, cookies)
    if answer.status != 200:
        raise load.WrongAnswerError(f"{path} answered {answer.status}.")
    bare = ask(load.flood, load.BARE, {}, connections=1, seconds=seconds / 5)
    pace = ask(load.flood, path, cookies, connections=1, seconds=seconds)
    kept = "yes" if pace.percentile(50) <= AIM else "no"
    ratio = f"{bare.rate / pace.rate:.1f}"
    return [name, *report.pace(pace), str(answer.queries), ratio, kept]


def operators() -> list[Any]:
    """Return people who treat requests, made once."""
    from portal.accounts.models import User  # noqa: PLC0415
    from portal.accounts.roles import Role  # noqa: PLC0415
    from portal.accounts.services import add_roles  # noqa: PLC0415

    made = []
    for number in range(OPERATORS):
        user, _ = User.objects.get_or_create(email=f"file{number}@bench.example")
        add_roles(user=user, roles=[Role.OPERATOR])
        made.append(User.objects.get(pk=user.pk))
    return made


def grow(opened: int, people: list[int]) -> None:
    """Replace the requests by `REQUESTS` others, encrypted as an operator would find them.

    Args:
        opened: how many are not closed.
        people: keys of the operators.
    """
    from django.db import connection  # noqa: PLC0415

    from portal.privacy.crypto import encrypt  # noqa: PLC0415
    from portal.structures.models import Structure  # noqa: PLC0415

    named = Structure.objects.filter(name__startswith="File ")
    if not named.exists():
        Structure.objects.bulk_create(
            Structure(name=f"File {number:05d}", state=Structure.State.ACTIVE)
            for number in range(STRUCTURES)
        )
    given = {
        "structures": list(named.values_list("pk", flat=True)),
        "structure_count": STRUCTURES,
        "people": people,
        "people_count": len(people),
        "text": encrypt("02PABC123OUB"),
        "open": opened,
        "count": REQUESTS,
    }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE activation_activationrequest CASCADE")
        cursor.execute(_LIGHT)
        indexes = cursor.fetchall()
        for _, drop in indexes:
            cursor.execute(drop)
        cursor.execute(_REQUESTS, given)
        cursor.execute(_EVENTS)
        for make, _ in indexes:
            if make:
                cursor.execute(make)
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    """Measure the queue alone."""
    from tests.bench.__main__ import answer_of, environment  # noqa: PLC0415

    seconds = float(os.environ.get("BENCH_SECONDS") or 5)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(environment(Path(scratch)))
        import django  # noqa: PLC0415

        django.setup()
        from portal import logs  # noqa: PLC0415
        from tests.bench import server, world  # noqa: PLC0415

        logs.configure(json=True, level="WARNING")
        context = multiprocessing.get_context("spawn")
        with world.database() as url, ProcessPoolExecutor(1, mp_context=context) as pool:
            os.environ["DATABASE_URL"] = url
            with server.running(Path(scratch, "server.log")) as port:
                say(measure_queue(partial(answer_of, pool, port), seconds))
            say(f"{report.machine()}; {world.engine()}.")


if __name__ == "__main__":
    main()
