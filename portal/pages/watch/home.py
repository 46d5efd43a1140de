"""Where a link within our own site leads: found without asking the site anything."""

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from portal.pages.models import Paper
from portal.pages.models.watch import BrokenLink

Problem = BrokenLink.Problem


def is_public(page: Page) -> bool:
    """Return whether a stranger may open the page."""
    return not page.get_view_restrictions().exists()


def _seen(page: Page | None, *, public: bool) -> Problem | None:
    if page is None or not page.live:
        return Problem.GONE
    return None if not public or is_public(page) else Problem.CLOSED


def page_problem(key: str, *, public: bool) -> Problem | None:
    """Return what is wrong with a link to a page by its key."""
    page = Page.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    return _seen(page, public=public)


def document_problem(key: str, *, public: bool) -> Problem | None:
    """Return what is wrong with a link to a document by its key."""
    paper = Paper.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    if paper is None or not paper.file.storage.exists(paper.file.name):
        return Problem.GONE
    closed = public and paper.collection.get_view_restrictions().exists()
    return Problem.CLOSED if closed else None


def path_problem(path: str, *, public: bool) -> Problem | None:
    """Return what is wrong with a path such as ``/faq/``; empty (an anchor alone) is right."""
    if not path:
        return None
    if not path.startswith("/"):
        return Problem.MISTYPED
    try:
        match = resolve(path)
    except Resolver404:
        return _moved(path)
    if match.url_name != "wagtail_serve":
        return None
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    parts = [part for part in path.split("/") if part]
    try:
        page, *_ = site.root_page.specific.route(HttpRequest(), parts)
    except Http404:
        return _moved(path)
    return _seen(page, public=public)


def _moved(path: str) -> Problem | None:
    old = Redirect.normalise_path(path)
    return None if Redirect.objects.filter(old_path=old).exists() else Problem.GONE
