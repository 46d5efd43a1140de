"""What somebody hostile, or a paste from elsewhere, brings into the back office."""

import json
from typing import Any

import pytest
from django.test import Client

from knowledge.models import GuidePage
from portal.accounts.roles import Role
from tests.knowledge.test_workflow import PUBLISH, edit_url, guide_form
from tests.pages.people import browser_of

GUIDE = "/ressources/acheter-des-recharges/"
LISTS = (
    "/gestion/pages/search/",
    "/gestion/images/",
    "/gestion/documents/",
    "/gestion/faq/questions/",
    "/gestion/numeros-utiles/",
    "/gestion/redirects/",
)


def typed(text: str, address: str) -> str:
    """Return what the text editor sends for a link of that text to that address."""
    link = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": address}}
    ranges = [{"offset": 0, "length": len(text), "key": 0}]
    block: dict[str, Any] = {"key": "a", "text": text, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": ranges}
    return json.dumps({"blocks": [block], "entityMap": {"0": link}})


def published(text: str, address: str) -> str:
    """Publish a guide with that link, and return what its readers get for it."""
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    form = guide_form(title=page.title, slug=page.slug)
    form["body-0-value"] = typed(text, address)
    browser_of(Role.MODERATOR).post(edit_url(page), form | PUBLISH)
    page.refresh_from_db()
    return Client().get(GUIDE).content.decode().split("<main")[1]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"]
)
def test_a_link_that_would_run_something_leads_nowhere(content: int, address: str) -> None:
    html = published("Suite", address)
    assert ["Suite" in html, address.lower() in html.lower()] == [True, False]


def test_tags_that_are_pasted_are_shown_as_text(content: int) -> None:
    html = published('Suite<script>alert(1)</script><img src=x onerror="alert(1)">', "/faq/")
    found = ["<script>alert(1)" in html, "<img src=x" in html, "&lt;script&gt;alert(1)" in html]
    assert found == [False, False, True]


@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("words", ["a" * 10_000, "%_'\"", "\\", "(((&|!<->"])
def test_a_list_is_searched_for_anything(content: int, place: str, words: str) -> None:
    answer = browser_of(Role.MODERATOR).get(place, {"q": words})
    assert answer.status_code == 200
