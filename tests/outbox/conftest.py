"""A provider of SMS that fails as it is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.standin import StandIn, standin

SECRET = "a secret shared with the provider of SMS"


@pytest.fixture(scope="module")
def _process() -> Iterator[StandIn]:
    with standin() as one:
        yield one


@pytest.fixture
def provider(_process: StandIn, settings: Any) -> StandIn:
    """Return a provider to which our SMS go, with one second to answer."""
    _process.plan()
    settings.SMS_BACKEND = "portal.outbox.sms.HttpSmsBackend"
    settings.SMS_HTTP_URL = f"{_process.url}/sms"
    settings.SMS_HTTP_TOKEN = "the-token"
    settings.SMS_HTTP_SENDER = "EMMAUS"
    settings.SMS_HTTP_TIMEOUT = 1
    settings.SMS_REPORT_SECRET = [SECRET]
    return _process
