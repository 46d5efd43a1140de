"""Links that lead nowhere, in everything that is published: found at night, listed for editors."""

import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import transaction
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from portal.pages.models.watch import BrokenLink
from portal.pages.watch import abroad, home, things
from portal.pages.watch.things import Name

log = structlog.get_logger("espace.links")

Problem = BrokenLink.Problem


class Link(NamedTuple):
    """A link as it is stored: a page or a document by its key, anything else by its address."""

    type: str
    target: str

    def __str__(self) -> str:
        return {"page": "page nº ", "document": "document nº "}.get(self.type, "") + self.target


class _Anchors(HTMLParser):
    """Collect the links of stored rich text."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            return
        found = dict(attrs)
        kind = found.get("linktype") or "url"
        target = found.get("id") if kind != "url" else found.get("href")
        if target:
            self.links.append(Link(kind, target.strip()))


def links_of(thing: Any) -> list[Link]:
    """Return the links that a page or snippet holds, each once."""
    found: dict[Link, None] = {}
    for field in thing._meta.get_fields():
        if isinstance(field, RichTextField):
            found |= dict.fromkeys(_in_text(getattr(thing, field.name)))
        elif isinstance(field, StreamField):
            for text in _texts(getattr(thing, field.name).get_prep_value()):
                found |= dict.fromkeys(_in_text(text))
    return list(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _in_text(text: str) -> list[Link]:
    if text.startswith(("https://", "http://")) and not any(map(str.isspace, text)):
        return [Link("url", text)]  # an address in a field of its own
    if "<a " not in text:
        return []
    parser = _Anchors()
    parser.feed(text)
    return parser.links


def check() -> int:
    """Follow every link of what is published; note those that lead nowhere, and return how many.

    What leads somewhere again leaves the list.
    """
    broken: dict[tuple[str, int, str], Problem] = {}
    follow = Follower()
    for model in things.models():
        rows: Any = things.published(model)
        if model is Page:
            rows = rows.specific()
        kind = things.kind_of(model)
        for thing in rows.iterator(chunk_size=100):
            public = not isinstance(thing, Page) or home.is_public(thing)
            for link in links_of(thing):
                problem = follow(link, public=public)
                if problem:
                    broken[kind, thing.pk, str(link)[:2000]] = problem
    _note(broken)
    log.info("links.checked", followed=follow.count, broken=len(broken))
    return len(broken)


class Follower:
    """Follow links, each address once, with a pause between those of other sites."""

    def __init__(self) -> None:
        self._known: dict[str, Problem | None] = {}

    @property
    def count(self) -> int:
        """How many addresses of other sites were asked."""
        return len(self._known)

    def __call__(self, link: Link, *, public: bool) -> Problem | None:
        """Return what is wrong with a link, seen from a page that everybody sees or not."""
        if link.type == "page":
            return home.page_problem(link.target, public=public)
        if link.type == "document":
            return home.document_problem(link.target, public=public)
        return self._address(link.target, public=public)

    def _address(self, address: str, *, public: bool) -> Problem | None:
        try:
            parts = urlsplit(address)
            ours = urlsplit(settings.WAGTAILADMIN_BASE_URL).netloc
        except ValueError:
            return Problem.MISTYPED
        if parts.scheme in {"mailto", "tel"}:
            return None if parts.path else Problem.MISTYPED
        if (not parts.scheme and not parts.netloc) or parts.netloc == ours:
            return home.path_problem(parts.path, public=public)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return Problem.MISTYPED
        plain = parts._replace(fragment="").geturl()
        if plain not in self._known:
            time.sleep(settings.LINKS_PAUSE)
            self._known[plain] = abroad.problem(plain)
        return self._known[plain]


@transaction.atomic
def _note(broken: dict[tuple[str, int, str], Problem]) -> None:
    for row in BrokenLink.objects.all():
        problem = broken.pop((row.kind, row.object_id, row.url), None)
        if problem is None:
            row.delete()
        elif row.problem != problem:
            row.problem = problem
            row.save(update_fields=["problem"])
    BrokenLink.objects.bulk_create(
        BrokenLink(kind=kind, object_id=key, url=url, problem=problem)
        for (kind, key, url), problem in broken.items()
    )


def shown(rows: list[BrokenLink]) -> list[dict[str, Any]]:
    """Return what a list shows of broken links."""
    names: list[Name] = [(row.kind, row.object_id) for row in rows]
    found = things.load(names)
    return [
        {
            "title": str(thing),
            "label": things.label(thing),
            "edit_url": things.edit_url(thing),
            "link": row.url,
            "problem": row.get_problem_display(),
            "since": row.found_at,
        }
        for row in rows
        if (thing := found.get((row.kind, row.object_id))) is not None
    ]
