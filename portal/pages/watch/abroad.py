"""Whether an address of another site answers, without ever asking a private network.

An editor's link must not make our server knock at a machine behind it. Each name is resolved
once, every address that it has must be a public one, and the connection goes to the very address
that was checked, so that a name which changes meanwhile changes nothing. Redirections are
followed by hand, each under the same rule.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError

from portal.pages.models.watch import BrokenLink

Problem = BrokenLink.Problem

PORTS = {"http": 80, "https": 443}
HOPS = 5
GONE = frozenset({404, 410})
#: Answers that say something of us, or of the moment, and nothing of the page.
NOT_FOR_ROBOTS = frozenset({401, 403, 405, 406, 408, 418, 425, 429, 451, 999})
TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)  # seconds
HEADERS = {"User-Agent": "EspaceRecharges-liens/1.0", "Accept": "*/*"}


class PrivateAddress(Exception):
    """The name leads to a machine that is not on the public network."""


def problem(url: str) -> Problem | None:
    """Return what is wrong with an address ``http…``, none if it answers."""
    try:
        status = _status(url)
    except PrivateAddress:
        return Problem.PRIVATE
    except (ValueError, UnicodeError):
        return Problem.MISTYPED
    except (HTTPError, OSError):
        return Problem.SILENT
    if status in GONE:
        return Problem.GONE
    return Problem.REFUSED if status >= 400 and status not in NOT_FOR_ROBOTS else None


def _status(url: str) -> int:
    for _ in range(HOPS):
        status, location = _ask(url, "HEAD")
        if status >= 400:  # some sites answer GET alone
            status, location = _ask(url, "GET")
        if not location:
            return status
        url = urljoin(url, location)
    return 508  # goes round in circles


def _ask(url: str, method: str) -> tuple[int, str]:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("Not an address of the web.")
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    with _pool(parts) as pool:
        answer = pool.request(
            method,
            path,
            headers={**HEADERS, "Host": parts.netloc.rpartition("@")[2]},
            redirect=False,
            retries=False,
            preload_content=False,
        )
        location = answer.headers.get("Location", "") if 300 <= answer.status < 400 else ""
        answer.release_conn()
        return answer.status, location


def _pool(parts: SplitResult) -> urllib3.HTTPConnectionPool:
    host = str(parts.hostname)
    port = parts.port or PORTS[parts.scheme]
    address = _public_address(host, port)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT)
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        timeout=TIMEOUT,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )


def _public_address(host: str, port: int) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if f"{host}:{port}" not in settings.LINKS_ALLOWED_PRIVATE and not all(
        _is_public(address) for address in addresses
    ):
        raise PrivateAddress(host)
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return mapped.is_global and not mapped.is_multicast
