"""One way to hand JSON to a provider over HTTP: one try, bounded in time, safe to repeat."""

from collections.abc import Mapping
from typing import Any

import requests
import urllib3

from portal.outbox.services import PermanentFailure

#: The provider has this key already: what a lost answer, or a process killed before it noted the
#: answer, leads to.
ALREADY_RECEIVED = 409
#: Refusals that say something of the address, the token or the load, and nothing of this message:
#: the next attempt may find them mended.
PASSING = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})


class Unavailable(OSError):
    """The provider answered that it cannot now; the outbox tries again."""


class _Bearer(requests.auth.AuthBase):
    """The token; given this way, a ``.netrc`` of the machine does not replace it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def post(url: str, content: Mapping[str, Any], *, key: str, token: str, timeout: float) -> None:
    """Send ``content`` as JSON; return once the provider has it.

    The address and every error's text are ours: the content is in neither.

    Args:
        key: sent as ``Idempotency-Key``: the same one twice is one message for the provider.
        token: of the provider, sent as a bearer's.
        timeout: seconds, the connection and the answer together.

    Raises:
        PermanentFailure: the provider refuses this content: to send it again is of no use.
        OSError: no answer in time, or one that may change.
    """
    with requests.post(
        url,
        json=dict(content),
        headers={"Idempotency-Key": key},
        auth=_Bearer(token),
        timeout=urllib3.Timeout(total=timeout),  # type: ignore[arg-type]  # the adapter knows it
        # A redirection would carry the content, or the token, elsewhere.
        allow_redirects=False,
        # The status says all: a body without end is not waited for.
        stream=True,
    ) as answer:
        status = answer.status_code
    if 200 <= status < 300 or status == ALREADY_RECEIVED:
        return
    if 400 <= status < 500 and status not in PASSING:
        raise PermanentFailure(f"HTTP {status}")
    raise Unavailable(f"HTTP {status}")
