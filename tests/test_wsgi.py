"""What a web process holds when it answers its first request."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Runs in a process of its own: what pytest has loaded would answer for it.
LOOK = """
import gc, json, sys
import portal.wsgi
from django.conf import settings
from django.db import connections
print(json.dumps({
    "frozen": gc.get_freeze_count() > 100_000,
    "left": len(gc.get_objects()) < 10_000,
    "addresses": settings.ROOT_URLCONF in sys.modules,
    "back office": "portal.portfolio.backoffice.listing" in sys.modules,
    "connected": [one.alias for one in connections.all() if one.connection is not None],
}))
"""


def test_a_server_loads_all_before_it_forks_and_connects_to_nothing() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout.splitlines()[-1]) == {
        "frozen": True,
        "left": True,
        "addresses": True,
        "back office": True,
        "connected": [],
    }
