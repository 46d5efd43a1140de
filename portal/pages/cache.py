"""Whole pages, kept in Redis, with the visitor's own part left out.

Drawing a Wagtail page costs ten queries or more and some milliseconds; what is drawn is the same
for everybody who may see it, but for the header's personal part. So a page is drawn once for an
*audience* and kept; each answer puts its visitor's part in.

**Nobody's name can be kept.** The page that is kept is drawn by a request without a user: during
the drawing ``request.user`` is anonymous and ``request.visitor`` is the anonymous one, so that
no template, tag or context processor can reach the person who happened to come first. The
anonymous header part then has to be in the page exactly once; it marks the place of the personal
one. A page where it is not, where a CSRF token was asked for, or that has messages to show is not
kept.

**Restrictions.** What Wagtail's privacy allows depends on being logged in, and on groups where a
restriction names some. The audience is therefore "anonymous", "members", and, as long as a
restriction names groups, the sorted ids of the visitor's groups. The visitor's groups are read
at each request: a role that is taken away counts at once.

**Publication shows at once.** Every entry carries the version of the content that stood *before*
it was drawn. Publishing anything changes the version after the commit (`bump`, called by
`portal.pages.signals`); older entries are then never served. The version is a random token: an
evicted one can never come back to life.

**Redis away**: the page is drawn live. **A flood of invented addresses**: only answers with
status 200 are kept, with a query string only for people logged in, and only the parameters that
our pages read.

A hit costs a partner 3 queries (user, memberships, basket) and one round trip to Redis beside
the session's; an anonymous visitor no query at all. (Memberships and basket in one statement was
tried: the ORM takes longer to build it than the two take together.)
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from redis.exceptions import RedisError
from wagtail.models import PageViewRestriction

from portal.ui.templatetags.ui import ANONYMOUS, render_personal

log = structlog.get_logger("espace.pages")

VERSION = "pages:version"
TTL = 3600  # seconds
#: A search is asked again within minutes or never; it must not push the pages out.
QUERY_TTL = 120  # seconds
PARAMETERS = frozenset({"q", "theme", "page"})
MAX_QUERY = 200  # characters of a query string

TOKEN_WANTED = "CSRF_COOKIE_NEEDS_UPDATE"  # noqa: S105  (a key of META)
AWAY = (RedisError, OSError)
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Entry:
    """A page as it is kept: what comes before and after the personal part."""

    version: str
    before: bytes
    after: bytes
    headers: dict[str, str]


def bump() -> None:
    """Make every kept page old: something that pages show has changed."""
    try:
        cache.set(VERSION, secrets.token_hex(8), timeout=None)
    except AWAY:
        log.warning("pages.cache_away")


def cached(view: View) -> View:
    """Serve kept pages in front of ``view`` (Wagtail's ``serve``), and keep what it draws."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _may_be_kept(request):
            return _private(view(request, *args, **kwargs))
        try:
            version, entry = _look_up(request)
        except AWAY:
            return _private(view(request, *args, **kwargs))
        if entry is not None:
            return _answer(request, entry)
        return _draw(request, version, view(request, *args, **kwargs))

    return wrapped


def _may_be_kept(request: HttpRequest) -> bool:
    if request.method not in {"GET", "HEAD"} or getattr(request, "htmx", False):
        return False
    if request.GET:
        query = request.META.get("QUERY_STRING", "")
        known = PARAMETERS.issuperset(request.GET) and len(query) <= MAX_QUERY
        if not known or not request.user.is_authenticated:
            return False
    return not len(get_messages(request))


def _key(request: HttpRequest, audience: str) -> str:
    address = f"{request.get_host()}{request.get_full_path()}"
    return f"pages:{audience}:{address}"


def _audience(request: HttpRequest, *, by_group: bool) -> str:
    user = request.user
    if not user.is_authenticated:
        return "anonymous"
    if not by_group:
        return "members"
    if user.is_superuser:
        return "everything"
    groups = sorted(user.groups.values_list("pk", flat=True))
    return "groups-" + "-".join(str(pk) for pk in groups)


def _look_up(request: HttpRequest) -> tuple[str, Entry | None]:
    """Return the content's version and the kept page, in one round trip where there is one."""
    key = _key(request, _audience(request, by_group=False))
    found = cache.get_many([VERSION, key])
    version = found.get(VERSION)
    if version is None:
        cache.add(VERSION, secrets.token_hex(8), timeout=None)
        version = cache.get(VERSION)
    entry = found.get(key)
    if (entry is None or entry.version != version) and request.user.is_authenticated:
        entry = cache.get(_key(request, _audience(request, by_group=True)))
    return version, entry if entry is not None and entry.version == version else None


def _answer(request: HttpRequest, entry: Entry) -> HttpResponse:
    content = entry.before + render_personal(request).encode() + entry.after
    return _private(HttpResponse(content, headers=entry.headers))


def _private(response: HttpResponse) -> HttpResponse:
    """Let only the visitor's own browser keep the answer, and ask again each time."""
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def _draw(request: HttpRequest, version: str, response: HttpResponse) -> HttpResponse:
    """Draw ``response`` for everybody, keep it, and answer this visitor."""
    if response.status_code != 200 or not isinstance(response, SimpleTemplateResponse):
        return _private(response)
    user, visitor = request.user, getattr(request, "visitor", ANONYMOUS)
    by_group = _by_group()
    audience = _audience(request, by_group=by_group)
    # Django's mark that a token was asked for: whoever wants one writes a form into the page.
    wanted = request.META.pop(TOKEN_WANTED, None)
    request.user, request.visitor = AnonymousUser(), ANONYMOUS  # type: ignore[attr-defined]
    try:
        place = render_personal(request)
        response.render()
    finally:
        request.user, request.visitor = user, visitor  # type: ignore[attr-defined]
    before, found, after = response.content.partition(place.encode())
    clean = found and place.encode() not in after and TOKEN_WANTED not in request.META
    if wanted is not None:
        request.META[TOKEN_WANTED] = wanted
    if not clean:
        # Not ours to keep: draw it again, for this visitor alone.
        log.warning("pages.not_kept", path=request.path)
        response.content = response.rendered_content
        return _private(response)
    headers = {"Content-Type": response.headers["Content-Type"]}
    if response.has_header("Vary"):
        headers["Vary"] = response.headers["Vary"]
    entry = Entry(version, before, after, headers)
    _keep(_key(request, audience), entry, ttl=QUERY_TTL if request.GET else TTL)
    return _answer(request, entry)


def _by_group() -> bool:
    groups = PageViewRestriction.GROUPS
    return bool(PageViewRestriction.objects.filter(restriction_type=groups).exists())


def _keep(key: str, entry: Entry, *, ttl: int) -> None:
    try:
        cache.set(key, entry, timeout=ttl)
    except AWAY:
        log.warning("pages.cache_away")
