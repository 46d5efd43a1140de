"""What the search of the whole site knows: the words of every published page and document.

A page is written when it is published, a document when it is saved. What was there before, or was
missed, is written by the nightly task.
"""

import re
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing
from wagtail.signals import page_published

from knowledge.blocks import texts_of
from knowledge.models import SearchEntry

MAX_BODY = 100_000  # characters
BATCH = 500  # pages or documents of one run
#: Of a page's own fields, those that visitors do not read.
HIDDEN = {"slug", "url_path", "alert_kind", "theme"}
#: A text that ends with one of these needs no full stop.
ENDS = ".!?…:;,"


def words_of(page: Page) -> str:
    """Return everything that a page of any type says, in plain text."""
    parts: list[str] = []
    for field in (one for one in page._meta.get_fields() if _is_read(one)):
        value = getattr(page, field.name)
        if isinstance(field, StreamField):  # block by block: what is stored lost the fields' order
            parts += texts_of([block.get_prep_value() for block in value])
        else:
            parts.append(value or "")
    if page.search_description not in parts:  # most often it is the summary
        parts.insert(0, page.search_description)
    text = " ".join(_sentence(part) for part in parts)
    return re.sub(r"[ \n\t]+", " ", text).strip()[:MAX_BODY]


def _sentence(part: str) -> str:
    """Return a text without its tags, ended: a title must not run into what comes below."""
    text = str(get_text_for_indexing(part))
    return text if not text or text[-1] in ENDS else f"{text}."


def _is_read(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField | StreamField)
    return is_text and field.model is not Page and not field.choices and field.name not in HIDDEN


def write_page(page: Page) -> None:
    """Write the entry of a page."""
    found = {"title": page.title[:255], "body": words_of(page)}
    SearchEntry.objects.update_or_create(page_id=page.pk, defaults=found)


def write_document(document: AbstractDocument) -> None:
    """Write the entry of a document: its title only, its file is not read."""
    found = {"title": document.title[:255]}
    SearchEntry.objects.update_or_create(document=document.pk, defaults=found)


def catch_up() -> int:
    """Write what has no entry yet, and pages that changed since; return how many."""
    entries = SearchEntry.objects.filter(page__isnull=False)
    known = entries.exclude(page__last_published_at__gt=F("indexed_at")).values("page")
    pages = Page.objects.live().filter(depth__gt=1).exclude(pk__in=known).specific()
    written = SearchEntry.objects.filter(document__isnull=False).values("document")
    documents = get_document_model().objects.exclude(pk__in=written)
    done = 0
    for page in pages[:BATCH]:
        write_page(page)
        done += 1
    for document in documents[:BATCH]:
        write_document(document)
        done += 1
    return done


def on_published(instance: Page, **kwargs: Any) -> None:
    """Write what has just been published."""
    write_page(instance.specific)


def on_document(instance: AbstractDocument, raw: bool = False, **kwargs: Any) -> None:
    """Write the title that has just been saved."""
    if not raw:
        write_document(instance)


def on_deleted(instance: AbstractDocument, **kwargs: Any) -> None:
    """Forget a document that is gone; the entry of a page goes with it."""
    SearchEntry.objects.filter(document=instance.pk).delete()


def connect() -> None:
    """Connect them, once."""
    uid, documents = "knowledge.site_index", get_document_model()
    page_published.connect(on_published, dispatch_uid=uid)
    post_save.connect(on_document, sender=documents, dispatch_uid=uid)
    post_delete.connect(on_deleted, sender=documents, dispatch_uid=uid)
