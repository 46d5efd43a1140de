"""Load what is in ``knowledge/content``: only what is missing, so that no edit is lost.

Pictures of our screens are the exception: a newer one replaces the one before (`pictures`).
"""

from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Page, PageViewRestriction

from knowledge import pictures, writing
from knowledge.models import (
    FaqPage,
    FaqQuestion,
    FaqTheme,
    GuidePage,
    HelpPage,
    ResourceIndexPage,
    UsefulNumber,
)

CONTENT = Path(__file__).parent / "content"


def publish(thing: Any) -> None:
    """Give a page or snippet its first version, published."""
    thing.save_revision().publish()


def add_page(parent: Page, page: Page) -> Page | None:
    """Publish ``page`` below ``parent``; None where an address of that name is taken."""
    if parent.get_children().filter(slug=page.slug).exists():
        return None
    parent.add_child(instance=page)
    publish(page)
    return page


@transaction.atomic
def load(home: Page) -> int:
    """Write the missing pages and snippets; return how many.

    Args:
        home: the site's home page, above RESSOURCES, FAQ and AIDE.
    """
    return _load_numbers() + _load_faq() + _load_sections(home) + _load_guides(home)


def _load_numbers() -> int:
    numbers = writing.set_texts(writing.read(CONTENT / "numbers.toml")["number"])
    known = set(UsefulNumber.objects.values_list("number", flat=True))
    missing = [
        UsefulNumber(position=10 * rank, **values)
        for rank, values in enumerate(numbers, start=1)
        if values["number"] not in known
    ]
    for number in missing:
        number.full_clean()
        number.save()
        publish(number)
    return len(missing)


def _load_faq() -> int:
    written = 0
    for rank, entry in enumerate(writing.read(CONTENT / "faq.toml")["theme"], start=1):
        theme, created = FaqTheme.objects.get_or_create(
            slug=entry["slug"],
            defaults={"name": writing.typeset(entry["name"]), "position": 10 * rank},
        )
        if created:
            publish(theme)
        written += created + _load_questions(theme, entry["question"])
    return written


def _load_questions(theme: FaqTheme, entries: list[dict[str, str]]) -> int:
    known = set(FaqQuestion.objects.values_list("slug", flat=True))
    written = 0
    for rank, entry in enumerate(entries, start=1):
        question = FaqQuestion(
            theme=theme,
            question=writing.typeset(entry["question"]),
            keywords=writing.typeset(entry.get("keywords", "")),
            answer=writing.rich(entry["answer"]),
            position=10 * rank,
        )
        question.slug = question.proposed_slug()
        if question.slug in known:
            continue
        question.full_clean()
        question.save()
        publish(question)
        written += 1
    return written


def _load_sections(home: Page) -> int:
    pages = writing.read(CONTENT / "pages.toml")
    assistance = writing.set_texts(pages["help"])
    assistance["body"] = writing.body(pages["help"]["body"])
    made = [
        add_page(home, ResourceIndexPage(**writing.set_texts(pages["resources"]))),
        add_page(home, FaqPage(**writing.set_texts(pages["faq"]))),
        add_page(home, HelpPage(**assistance)),
    ]
    return sum(page is not None for page in made)


def _load_guides(home: Page) -> int:
    index = ResourceIndexPage.objects.child_of(home).get()
    shown = pictures.load()
    written = 0
    for path in sorted((CONTENT / "guides").glob("*.toml")):
        entry = writing.read(path)
        guide = GuidePage(
            title=writing.typeset(entry["title"]),
            slug=entry["slug"],
            theme=entry["theme"],
            summary=writing.typeset(entry["summary"]),
            search_description=writing.typeset(entry["summary"]),
            body=writing.body(entry["body"], shown),
        )
        page = add_page(index, guide)
        if page is not None:
            written += 1
            if entry.get("restricted"):
                login = PageViewRestriction.LOGIN
                PageViewRestriction.objects.create(page=page, restriction_type=login)
    return written
