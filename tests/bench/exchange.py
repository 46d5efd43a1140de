"""A batch of SIM activations and its answers: ``python -m tests.bench.exchange [requests]``.

The database is one of its own, dropped afterwards; the measured process makes the batch, both its
files, and reads and applies SFR's answers, so that its peak of memory is the work's alone.
"""

import csv
import datetime as dt
import gc
import io
import itertools
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.bench.imports import forget_peak, peak
from tests.bench.measure import say

SIZE = 10_000


def fill(requests: int) -> None:
    """Write requests that are ready to leave: every fifth keeps its number."""
    from activation.models import (  # noqa: PLC0415  (Django is set up by now)
        ActivationRequest,
        CheckOverride,
    )
    from activation.models.follow_up import Check  # noqa: PLC0415
    from tests.activation import factories  # noqa: PLC0415

    within = factories.structure()
    by = factories.member(within)
    factories.operator()
    sent = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    rows = (
        ActivationRequest(
            submission_key=uuid.uuid4(),
            structure=within,
            created_by=by,
            submitted_at=sent,
            due_at=sent + dt.timedelta(days=1),
            expected_at=sent + dt.timedelta(days=4),
            **_person(number).columns(),
        )
        for number in range(requests)
    )
    while chunk := list(itertools.islice(rows, 1000)):
        made = ActivationRequest.objects.bulk_create(chunk)
        # No delivery brought these cards: somebody went past that.
        CheckOverride.objects.bulk_create(
            CheckOverride(request=one, check_code=Check.NOT_DELIVERED, reason="Vue", by=by)
            for one in made
        )


def _person(number: int) -> Any:
    from tests.activation import factories  # noqa: PLC0415

    line = f"06{number:08}"
    kept = (
        {"rio": factories.rio_of(line), "contact_phone": f"+33{line[1:]}"}
        if number % 5 == 0
        else {}
    )
    return factories.application(
        birth_date=str(dt.date(1930, 1, 1) + dt.timedelta(days=number)), **kept
    )


def measure(requests: int) -> dict[str, float]:
    """Send and answer them all; return seconds and megabytes."""
    import django  # noqa: PLC0415  (it reads the environment)

    django.setup()
    from activation.exchange import batches, formats, imports  # noqa: PLC0415
    from activation.models import AnswerSheet, Transmission  # noqa: PLC0415
    from portal.accounts.models import User  # noqa: PLC0415
    from portal.accounts.roles import Role  # noqa: PLC0415

    by = User.objects.filter(groups__name=Role.OPERATOR)[0]
    gc.collect()
    forget_peak()
    found = {"before MB": peak()}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        wall, busy = time.monotonic(), time.process_time()
        done = work()
        found[f"{name} s"] = time.monotonic() - wall
        found[f"{name} CPU s"] = time.process_time() - busy
        return done

    timed("survey", lambda: batches.survey(by))
    batch = timed("marking", lambda: batches.make(by=by, key=uuid.uuid4()).batch)
    text = timed("CSV", lambda: formats.content(batch, "csv"))
    timed("XLSX", lambda: formats.content(batch, "xlsx"))
    reply = io.BytesIO(_reply(text.decode("utf-8-sig")))
    sheet = timed("deposit", lambda: imports.deposit(reply, by=by))
    tally = imports.tally([one for _, one in timed("preview", lambda: imports.preview(sheet))])
    if tally["applied"] != requests:
        raise AssertionError(tally)
    AnswerSheet.objects.filter(pk=sheet.pk).update(counts={"lines": requests, "done": 0})
    timed("apply", lambda: imports.apply(sheet.pk))
    if Transmission.objects.filter(answered_at=None).exists():
        raise AssertionError
    return found | {"peak MB": peak()}


def _reply(text: str) -> bytes:
    """Return SFR's answers to a batch: most are activated, some refused, some have to wait."""
    lines = ["ICCID;Statut;MSISDN;Motif;Date de portabilité"]
    from django.utils import timezone  # noqa: PLC0415

    day = f"{timezone.localdate() + dt.timedelta(days=5):%d/%m/%Y}"
    for number, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=";")):
        card = row["ICCID"]
        if number % 10 == 0:
            lines.append(f"{card};KO;;Carte déjà active;")
        elif row["RIO"]:
            lines.append(f"{card};Portabilité en cours;;;{day}")
        else:
            lines.append(f"{card};Activée;07{55_000_000 + number};;")
    return "\r\n".join(lines).encode()


def run(requests: int) -> dict[str, float]:
    """Measure in a process of its own, on the database of ``DATABASE_URL``."""
    command = [sys.executable, "-m", "tests.bench.exchange", "--one", str(requests)]
    # The messages are a worker's to deliver, not part of the work.
    environment = {**os.environ, "CELERY_TASK_ALWAYS_EAGER": "0"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(requests: int = SIZE) -> None:
    """Measure a batch and print a line."""
    import django  # noqa: PLC0415

    django.setup()
    from tests.bench import world  # noqa: PLC0415

    with world.database() as url:
        fill(requests)
        os.environ["DATABASE_URL"] = url
        found = run(requests)
    say(f"{requests:,} activations: " + ", ".join(f"{k} {v:.1f}" for k, v in found.items()))


if __name__ == "__main__":
    if "--one" in sys.argv:
        sys.stdout.write(json.dumps(measure(int(sys.argv[sys.argv.index("--one") + 1]))) + "\n")
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
        table(*(int(one) for one in sys.argv[1:]))
