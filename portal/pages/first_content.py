"""Load the home page, the standard pages, and the resources below them."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from knowledge import first_content, writing
from knowledge.estimator import first_content as estimator
from knowledge.models import ResourceIndexPage
from portal.pages.models import HomePage, StandardPage

CONTENT = Path(__file__).parent / "content" / "pages.toml"
UNSET = frozenset({"slug", "address", "icon", "type"})


@transaction.atomic
def load() -> int:
    """Write what is missing; return how many pages and snippets were written.

    A home page that somebody edited is left alone, and so is every page that exists.
    """
    entries = writing.read(CONTENT)
    home = HomePage.objects.get()
    written = _fill(home, entries["home"])
    for entry in entries["standard"]:
        page = StandardPage(
            title=writing.typeset(entry["title"]),
            slug=entry["slug"],
            introduction=writing.typeset(entry.get("introduction", "")),
            body=writing.body(entry["body"]),
        )
        written += first_content.add_page(home, page) is not None
    written += first_content.load(home)
    return written + estimator.load(ResourceIndexPage.objects.child_of(home).get())


def _fill(home: HomePage, entry: dict[str, Any]) -> int:
    if home.latest_revision_id is not None:
        return 0
    for name in ("title", "lead", "actions_title", "support_title"):
        setattr(home, name, writing.typeset(entry[name]))
    home.draft_title = home.title
    home.welcome = writing.rich(entry["welcome"])
    home.actions = _shortcuts(entry["actions"])
    home.support = _shortcuts(entry["support"])
    first_content.publish(home)
    return 1


def _shortcuts(entries: list[dict[str, str]]) -> str:
    values = writing.set_texts(entries, keep=UNSET)
    return json.dumps([{"type": "shortcut", "value": value} for value in values])
