"""What makes kept pages old: each change of something that they show."""

from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_unpublished, post_page_move, published, unpublished

from activation.models import ActivationSettings
from knowledge.models.base import ModeratedSnippet
from portal.pages.cache import bump
from portal.pages.models import MenuSettings

SHOWN = (ModeratedSnippet, BaseSiteSetting, AbstractImage, AbstractDocument)
SHOWN += (PageViewRestriction, Site, Page, ActivationSettings)  # type: ignore[assignment]


def _later() -> None:
    # After the commit: before it, a page drawn with the old content would carry the new version.
    transaction.on_commit(bump, robust=True)


def on_save(
    sender: type, instance: Any, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Bump when a published thing is saved; saving a draft touches a few columns only."""
    if issubclass(sender, SHOWN) and update_fields is None:
        _later()


def on_delete(sender: type, **kwargs: Any) -> None:
    """Bump when something shown disappears."""
    if issubclass(sender, SHOWN):
        _later()


def on_event(**kwargs: Any) -> None:
    """Bump when Wagtail says that something was published, unpublished or moved."""
    _later()


def on_menu(**kwargs: Any) -> None:
    """Show the menu that was written."""
    transaction.on_commit(MenuSettings.show, robust=True)


def connect() -> None:
    """Connect everything, once."""
    uid = "portal.pages.cache"
    post_save.connect(on_save, dispatch_uid=uid)
    post_delete.connect(on_delete, dispatch_uid=uid)
    post_save.connect(on_menu, sender=MenuSettings, dispatch_uid=f"{uid}.menu")
    m2m_changed.connect(on_event, sender=PageViewRestriction.groups.through, dispatch_uid=uid)
    for signal in (published, unpublished, page_unpublished, post_page_move):
        signal.connect(on_event, dispatch_uid=uid)
