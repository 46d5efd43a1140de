"""Settings of a server that takes no lock: the tests of concurrency must fail on it."""

from portal.settings.test import *  # noqa: F403
from portal.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.concurrency.unlocked.apps.Unlocked"]
