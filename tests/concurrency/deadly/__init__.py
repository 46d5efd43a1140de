"""Settings of a server that kills itself around the commit of an order, when it is told to."""

from portal.settings.test import *  # noqa: F403
from portal.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.concurrency.deadly.apps.Deadly"]
