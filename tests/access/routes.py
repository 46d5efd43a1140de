"""Every address that the resolver knows, and how an answer is written in the table."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.world import PEOPLE, STAFF

TABLE = Path(__file__).with_name("table.txt")
WRITING = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
#: A visitor's own session is theirs, whatever they ask for.
OWN_SESSION = {"django_session", "usersessions_usersession"}
#: What the back office answers to whoever is no staff, at every address of its section.
OUTSIDE = {"anonymous": "login"} | dict.fromkeys(("partner", "neighbour", "unattached"), "door")
METHODS = ("GET", "POST")
SECTIONS = {"[everyone]": PEOPLE, "[staff]": STAFF}


def all_routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Yield each route as the resolver writes it, such as ``commande/<uuid:uuid>/``."""
    for one in (resolver or get_resolver()).url_patterns:
        route = f"{prefix}{one.pattern}"
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from all_routes(one, route)


def written(response: HttpResponse) -> str:
    """Return an answer as the table writes it: see the head of ``table.txt``."""
    if response.status_code not in {301, 302, 303, 307, 308}:
        return str(response.status_code)
    target = response["Location"]
    if target.startswith("/connexion/?next="):
        return "login"
    if target.startswith("/gestion/login/"):
        return "door"
    return "admin" if target == "/gestion/" else "move"


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        route: as `all_routes` yields it.
        example: the address to ask for; made from the route where empty.
        answers: by method, then by person.
    """

    route: str
    example: str
    answers: dict[str, dict[str, str]]


def ask(client: Client, method: str, path: str) -> tuple[HttpResponse, set[str]]:
    """Send a request, forget what it wrote, and return the answer with the tables written to.

    The client's cookies are put back too: each request finds the world as it was built.
    """
    tables: set[str] = set()

    def note(execute: Callable[..., Any], statement: Any, *arguments: Any) -> Any:
        tables.update(WRITING.findall(str(statement)))
        return execute(statement, *arguments)

    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    try:
        with transaction.atomic(), connection.execute_wrapper(note):
            response = client.get(path) if method == "GET" else client.post(path)
            transaction.set_rollback(True)
    finally:
        client.cookies = SimpleCookie(cookies)
    return response, tables - OWN_SESSION


def read_table() -> list[Row]:
    """Return the table's rows.

    Raises:
        ValueError: a line has too few or too many answers.
    """
    rows, people = [], PEOPLE
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text in SECTIONS:
            people = SECTIONS[text]
        elif text and not text.startswith("#"):
            rows.append(_row(text, people))
    return rows


def _row(text: str, people: tuple[str, ...]) -> Row:
    get, post, address = (part.strip() for part in text.split(" | "))
    route, _, example = address.partition(" -> ")
    answers = {}
    for method, given in zip(METHODS, (get, post), strict=True):
        codes = given.split()
        if len(codes) != len(people):
            raise ValueError(f"{len(codes)} answers to {method} instead of {len(people)}: {text}")
        told = {} if people == PEOPLE else OUTSIDE
        answers[method] = told | dict(zip(people, codes, strict=True))
    return Row(route, example, answers)
