"""What editors write, whatever its model: pages, and snippets that a modérateur publishes."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.models import Page

from knowledge.models import FaqTheme
from knowledge.models.base import ModeratedSnippet

#: The kind and the key of a page or snippet.
Name = tuple[str, int]

#: A name in a list: nothing to read again.
NOT_READ = (FaqTheme,)


def models() -> list[type[Any]]:
    """Return `Page` and the snippets."""
    snippets = [
        model
        for model in apps.get_models()
        if issubclass(model, ModeratedSnippet) and not issubclass(model, NOT_READ)
    ]
    return [Page, *snippets]


def kind_of(model: type[Any]) -> str:
    """Return the kind's name."""
    return "wagtailcore.page" if issubclass(model, Page) else str(model._meta.label_lower)


def published(model: type[Any]) -> QuerySet[Any]:
    """Return what the site shows of a model."""
    rows: QuerySet[Any] = model.objects.filter(live=True)
    return rows.filter(depth__gt=1) if model is Page else rows


def find(kind: str, key: int) -> Any:
    """Return a thing, or none."""
    return load([(kind, key)]).get((kind, key))


def load(names: Iterable[Name]) -> dict[Name, Any]:
    """Return the things of those names that exist, in one query a kind."""
    keys: dict[str, list[int]] = defaultdict(list)
    for kind, key in names:
        keys[kind].append(key)
    by_kind = {kind_of(model): model for model in models()}
    return {
        (kind, thing.pk): thing
        for kind in keys.keys() & by_kind.keys()
        for thing in by_kind[kind].objects.filter(pk__in=keys[kind])
    }


def edit_url(thing: Any) -> str:
    """Return where it is written."""
    if isinstance(thing, Page):
        return reverse("wagtailadmin_pages:edit", args=[thing.pk])
    return reverse(thing.snippet_viewset.get_url_name("edit"), args=[thing.pk])


def label(thing: Any) -> str:
    """Return what it is, for a list: « page », « question de la FAQ »…"""
    return "page" if isinstance(thing, Page) else str(thing._meta.verbose_name)


def may_change(user: Any, thing: Any) -> bool:
    """Return whether the person may write it."""
    if isinstance(thing, Page):
        return bool(thing.permissions_for_user(user).can_edit())
    return bool(user.has_perm(f"{thing._meta.app_label}.change_{thing._meta.model_name}"))
