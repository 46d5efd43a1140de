"""A worker that is killed while it imports leaves nothing, and another does it again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.accounts.roles import Role
from shop.recharges import staging
from shop.recharges.drafts import LotDraft, StagedCode
from shop.recharges.imports import start_import, upload
from shop.recharges.models import CodeLot, RechargeCode
from shop.recharges.tasks import resume
from tests import factories
from tests.support.server import variables

ROOT = Path(__file__).resolve().parents[2]
CODES = 3 * staging.BATCH
#: The worker stops for good after the first slice of codes, and says so.
WORKER = """
import sys, time
import django
django.setup()
from shop.recharges import staging

def stop(draft):
    def tell(count):
        sys.stdout.write(f"{count}\\n")
        sys.stdout.flush()
        time.sleep(60)
    return tell

staging._teller = stop
staging.run(int(sys.argv[1]))
"""


def worker(draft: int) -> subprocess.Popen[str]:
    """Start another process at work on a draft, on this test's database."""
    environment = variables() | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(draft)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_nothing_is_imported_and_another_worker_does_it_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.product()
    by = factories.UserFactory(role=Role.REFERENT)
    content = factories.lot_file("monde", factories.codes(CODES))
    draft = upload(by=by, name="Lot", content=content)
    LotDraft.objects.filter(pk=draft.pk).update(state="importing")

    process = worker(draft.pk)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{staging.BATCH}\n"
        staging.run(draft.pk)  # somebody is at it: nothing happens
        assert RechargeCode.objects.count() == 0
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (0, 0)
    assert StagedCode.objects.count() == CODES
    deadline = time.monotonic() + 20  # until the server noticed that its client is gone
    while LotDraft.objects.get().state == "importing" and time.monotonic() < deadline:
        resume()
    assert LotDraft.objects.get().lot == CodeLot.objects.get()
    assert RechargeCode.objects.count() == CODES
    assert start_import(by=by, draft=draft.uuid).lot == CodeLot.objects.get()
    assert RechargeCode.objects.count() == CODES
