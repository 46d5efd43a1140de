"""Somebody who visits a real server, without a browser."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import requests

CSRF_COOKIE = "csrftoken"


@dataclass(frozen=True)
class Answer:
    """What a server's log line must agree with."""

    request_id: str
    method: str
    status: int


class Visitor:
    """A person's cookies, and every answer that they got."""

    def __init__(self, url: str) -> None:
        """Visit the server at ``url``, an address without a final slash."""
        self.url = url
        self.session = requests.Session()
        self.answers: list[Answer] = []
        self.session.hooks["response"].append(self._note)

    def _note(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        request_id = response.headers["X-Request-ID"]
        method = response.request.method or ""
        self.answers.append(Answer(request_id, method, response.status_code))

    def get(self, path: str, **options: Any) -> requests.Response:
        """Open a page, following redirections."""
        return self.session.get(self.url + path, timeout=30, **options)

    def post(self, path: str, *, csrf: bool = True, **fields: Any) -> requests.Response:
        """Send a form and follow; ``files`` may be among the fields; ``csrf=False`` forgets it."""
        files = fields.pop("files", None)
        if csrf:
            if CSRF_COOKIE not in self.session.cookies:
                self.get("/connexion/")
            fields["csrfmiddlewaretoken"] = self.session.cookies[CSRF_COOKIE]
        return self.session.post(self.url + path, data=fields, files=files, timeout=30)

    def log_in(self, email: str, password: str) -> requests.Response:
        """Enter by the one login."""
        return self.post("/connexion/", login=email, password=password)


def hidden(page: requests.Response, name: str) -> str:
    """Return the value of the first hidden field ``name`` of a page."""
    tags = re.findall(r"<input[^>]*>", page.text)
    tag = next(tag for tag in tags if f'name="{name}"' in tag and 'type="hidden"' in tag)
    found = re.search(r'value="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
