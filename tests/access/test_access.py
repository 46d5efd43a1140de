"""Access, closed by default: every address, every kind of person, GET and POST, one table.

The table is ``table.txt``; an address without a row there fails, as does a row without an address.
"""

import re
from collections import Counter

import pytest
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver

from tests.access.routes import METHODS, SECTIONS, TABLE, all_routes, ask, read_table, written
from tests.access.world import PEOPLE, World

ROWS = read_table()
#: Answers that refuse: nothing may be written by a request that gets one of them.
REFUSALS = {"login", "door", "admin", "400", "403", "404", "405"}
PARTS = 3  # of the table, so that the processes of the tests share the work


def undeclared(resolver: URLResolver) -> list[str]:
    """Return the rows that the table lacks, with a question mark for each answer."""
    known = {row.route for row in ROWS}
    rows = []
    for route in dict.fromkeys(all_routes(resolver)):
        if route not in known:
            section = "[staff]" if route.startswith("gestion/") else "[everyone]"
            marks = " ".join("?" * len(SECTIONS[section]))
            rows.append(f"{section} {marks} | {marks} | {route}")
    return rows


def test_every_address_has_a_row() -> None:
    assert undeclared(get_resolver()) == [], (
        f"Declare who may open these addresses: add a row to the section of {TABLE.name}, run the "
        "test to see what each person gets today, and write what they should get. An argument "
        "that no object stands for is to be added to World.values in world.py."
    )


def test_a_new_address_is_named_until_it_has_a_row() -> None:
    nine = "? ? ? ? ? ? ? ? ?"

    assert undeclared(get_resolver("tests.access.test_headers")) == [
        f"[everyone] {nine} | {nine} | panne/",
        f"[everyone] {nine} | {nine} | interdit/",
    ]


def test_every_row_has_an_address() -> None:
    known = set(all_routes())

    assert [row.route for row in ROWS if row.route not in known] == []


def test_no_row_is_there_twice() -> None:
    counted = Counter((row.route, row.example) for row in ROWS)

    assert [row for row, times in counted.items() if times > 1] == []


def forms_without_token(response: HttpResponse) -> list[str]:
    """Return the first tags of the forms that a browser would be refused.

    Wagtail's ping of an open editor is sent by script, with the token in a header.
    """
    if response.streaming or "html" not in response.get("Content-Type", ""):
        return []
    forms = re.findall(r"(<form[^>]*>)(.*?)</form>", response.content.decode(), re.DOTALL)
    return [
        tag
        for tag, inside in forms
        if re.search(r"method=.?post", tag, re.IGNORECASE)
        and "w-editing-sessions" not in tag
        and "csrfmiddlewaretoken" not in inside
    ]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("person", PEOPLE)
def test_each_answer_is_the_tables(world: World, person: str, part: int) -> None:
    client = world.client(person)
    expected, found, wrote, bare = {}, {}, {}, {}
    for row in ROWS[part::PARTS]:
        path = world.path(row.route, row.example)
        for method in METHODS:
            response, tables = ask(client, method, path)
            asked = f"{method} {row.example or row.route}"
            expected[asked], found[asked] = row.answers[method][person], written(response)
            if tables and found[asked] in REFUSALS:
                wrote[asked] = tables
            if forms := forms_without_token(response):
                bare[asked] = forms

    wrong = {
        asked: f"{found[asked]} instead of {expected[asked]}"
        for asked in found
        if found[asked] != expected[asked]
    }
    assert wrong == {}
    assert wrote == {}, "These requests were refused, and yet wrote."
    assert bare == {}, "These forms lack {% csrf_token %} (an include with « only » drops it)."
