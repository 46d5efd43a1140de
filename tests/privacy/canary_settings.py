"""The settings of a site on which things go wrong, whose SMS leave for a provider over HTTP."""

from tests.faults.settings import *  # noqa: F403

SMS_BACKEND = "portal.outbox.sms.HttpSmsBackend"
