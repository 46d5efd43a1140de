"""Guides and FAQ grown large: ``python -m tests.bench.knowledge``, and within ``make bench``.

2,000 pages and 5,000 questions: the queries of each page drawn anew, before and after; its pace
as a partner gets it, beside the bare view's; and the time of each search within PostgreSQL.
"""

import json
import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench import load, report
from tests.bench.measure import Ask, alternate, say

PAGES, QUESTIONS = 2_000, 5_000
RATIO = 8  # times the bare view, at most
AIM = 50  # milliseconds of a search, within the database
RUNS = 40  # of each search
PATHS = {
    "ressources": "/ressources/",
    "a guide": "/ressources/acheter-des-recharges/",
    "FAQ": "/faq/",
    "FAQ, a theme": "/faq/?theme=usage",
    "an answer": "/faq/a-quoi-sert-le-963/",
    "FAQ, a search": "/faq/?q=carte",
    "the site, a search": "/recherche/?q=carte",
}
#: As people type them: a common word, first letters, mistakes, a rare word, several, far too much.
SEARCHES = (
    *("recharge", "rech", "rehcarge", "portablité", "numéro 4817", "xylophone"),
    *("carte sim bloquée", "comment garder mon numero chez un autre operateur", "bloké forfé"),
    *("re", "4", "recharge " * 1_200, "carte solde numero credit ligne forfait code appel"),
)
_NOUNS = (
    *("recharge", "carte", "solde", "numéro", "portabilité", "crédit", "ligne", "forfait", "code"),
    *("téléphone", "facture", "commande", "dotation", "convention", "avenant", "formation"),
    *("activation", "messagerie", "réseau", "internet", "opérateur", "référent", "structure"),
    *("équipe", "adresse", "ticket", "remise", "validité", "option", "appel"),
)
_VERBS = ("activer", "retrouver", "annuler", "prolonger", "débloquer", "partager", "vérifier")


def words(number: int) -> str:
    """Return a question, none like another."""
    count = len(_NOUNS)
    first, second = _NOUNS[number % count], _NOUNS[number // count % count]
    return f"Comment {_VERBS[number % len(_VERBS)]} la {first} et la {second}, cas {number} ?"


def text(number: int) -> str:
    """Return some two hundred words about it."""
    return " ".join(words(number * 31 + line) for line in range(20))


def grow() -> None:
    """Add guides and questions up to `PAGES` and `QUESTIONS`, and their index."""
    from django.db import connection  # noqa: PLC0415  (Django's settings come first)
    from wagtail.models import Page  # noqa: PLC0415

    from knowledge import site_index  # noqa: PLC0415
    from knowledge.models import (  # noqa: PLC0415
        FaqQuestion,
        FaqTheme,
        GuidePage,
        ResourceIndexPage,
    )

    index = ResourceIndexPage.objects.get()
    for number in range(PAGES - Page.objects.count()):
        page = GuidePage(title=words(number), slug=f"g{number}", theme="techniques", summary="x")
        page.search_description = text(number)
        index.add_child(instance=page)
    while site_index.catch_up():
        pass
    themes = list(FaqTheme.objects.all())
    missing = QUESTIONS - FaqQuestion.objects.count()
    FaqQuestion.objects.bulk_create(
        (
            FaqQuestion(
                theme=themes[number % len(themes)],
                question=words(number),
                answer=f"<p>{text(number)}</p>",
                slug=f"q{number}",
            )
            for number in range(missing)
        ),
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_faqopening (question_id, day, count) "
            "SELECT id, current_date - day, 1 + id % 7 FROM knowledge_faqquestion, "
            "generate_series(0, 89) AS day ON CONFLICT DO NOTHING"
        )
        cursor.execute("VACUUM ANALYZE")


def queries() -> dict[str, int]:
    """Return how many queries draw each page for a partner, with nothing kept."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from portal.accounts.models import User  # noqa: PLC0415
    from portal.accounts.roles import Role  # noqa: PLC0415
    from portal.pages.cache import bump  # noqa: PLC0415

    client = Client(SERVER_NAME="127.0.0.1")
    partner = User.objects.filter(groups__name=Role.PARTNER, is_active=True).earliest("pk")
    client.force_login(partner)
    counts = {}
    for name, path in PATHS.items():
        client.get(path, secure=True)
        bump()
        with CaptureQueriesContext(connection) as captured:
            client.get(path, secure=True)
        counts[name] = len(captured)
    return counts


def measure_knowledge(ask: Ask, cookies: dict[str, str], seconds: float) -> str:
    """Return the tables of the pages' queries and paces, and of the searches' times.

    Args:
        ask: calls a function of `tests.bench.load` in the load's process.
        cookies: of a partner.
        seconds: given to each measurement.
    """
    before = queries()
    say(f"Growing to {PAGES:,} pages and {QUESTIONS:,} questions …")
    grow()
    after = queries()
    lines: list[Sequence[str]] = []
    for name, path in PATHS.items():
        say(f"  {name}")
        ask(load.look, path, cookies)
        pace, _, ratio = alternate(ask, path, cookies, seconds)
        kept = "yes" if ratio <= RATIO else "no"
        told = f"{before[name]} → {after[name]}"
        lines.append([name, told, *report.pace(pace), f"{ratio:.1f}", kept])
    heads = ["", "SQL, drawn", "/s", "p50", "p99", "× bare", f"within {RATIO} ×"]
    return f"{report.plain_table(heads, lines)}\n\n{searches()}"


def searches() -> str:
    """Return the table of how long PostgreSQL takes to plan and run each search."""
    from knowledge import ranking, search  # noqa: PLC0415

    lines = []
    for typed in SEARCHES:
        given = ranking.parameters(search.words_of(typed), limit=30)
        paces = [times(ranking.query(source), given) for source in (ranking.FAQ, ranking.PAGES)]
        told = [f"{one.percentile(part):.1f}" for one in paces for part in (50, 99)]
        kept = "yes" if max(one.percentile(99) for one in paces) <= AIM else "no"
        lines.append([f"{typed[:40]} … ({len(typed):,})" if typed[40:] else typed, *told, kept])
    heads = ["typed, milliseconds", "FAQ p50", "p99", "pages p50", "p99", f"within {AIM} ms"]
    return report.plain_table(heads, lines)


def times(sql: str, given: dict[str, Any]) -> load.Pace:
    """Return the milliseconds that a statement took of the database, by its own clock."""
    from django.db import connection  # noqa: PLC0415

    runs = []
    with connection.cursor() as cursor:
        for _ in range(RUNS):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", given)
            found = cursor.fetchone()[0]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]
            runs.append(plan["Execution Time"] + plan["Planning Time"])
    return load.Pace(sum(runs) / 1000, sorted(runs))


def main() -> None:
    """Measure guides and FAQ alone."""
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
            email, password = world.fill()[0]
            with server.running(Path(scratch, "server.log")) as port:
                ask = partial(answer_of, pool, port)
                cookies, _ = ask(load.sign_in, email, password)
                say(measure_knowledge(ask, cookies, seconds))
            say(f"{report.machine()}; {world.engine()}.")


if __name__ == "__main__":
    main()
