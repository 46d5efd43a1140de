"""What RESSOURCES lists: the first guides of each theme, one theme, or what a search finds."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest
from wagtail.models import Page

from knowledge import ranking, search
from knowledge.estimator.models import EstimatorPage
from knowledge.models import GuidePage, SearchEntry
from knowledge.models.guides import THEME_INTRODUCTIONS, GuideTheme, ResourceIndexPage
from knowledge.visibility import closed_paths, visible_to

SHOWN_BY_THEME = 12  # guides of each theme on the first screen
SHOWN_A_PAGE = 24  # guides of one theme
FOUND = 20  # results of a search

_ALLOWED = (
    "q.page_id IN (SELECT page.id FROM wagtailcore_page page "
    "LEFT JOIN knowledge_guidepage guide ON guide.page_ptr_id = page.id "
    "LEFT JOIN estimator_estimatorpage tool ON tool.page_ptr_id = page.id "
    "WHERE page.live AND NOT page.path ^@ ANY(%(closed)s::text[]) "
    "AND coalesce(guide.theme, CASE WHEN tool.page_ptr_id > 0 THEN '{data}' END) IN ({themes}))"
)


@dataclass(frozen=True)
class Item:
    """A guide or a tool as lists show it; `title` and `text` may hold marks of a search."""

    page: Page
    address: str
    title: str
    text: str
    theme: str

    @property
    def minutes(self) -> int:
        """How long it takes to read; 0 for a tool."""
        return self.page.reading_minutes if isinstance(self.page, GuidePage) else 0


def item(page: Page, request: HttpRequest, *, title: str = "", text: str = "") -> Item:
    """Return what a list shows of a guide or of the calculator."""
    is_guide = isinstance(page, GuidePage)
    theme = page.get_theme_display() if is_guide else GuideTheme.DATA.label
    summary = page.summary if is_guide else page.search_description
    return Item(page, page.get_url(request), title or page.title, text or summary, str(theme))


def context(index: ResourceIndexPage, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of RESSOURCES shows for ``?q=``, ``?theme=`` and ``?page=``.

    Raises:
        Http404: no such theme, or no such page of it.
    """
    text = search.clean(request.GET.get("q", ""))
    chosen = request.GET.get("theme", "")
    if chosen and chosen not in GuideTheme.values:
        raise Http404("No such theme.")
    shown: dict[str, Any]
    if text:
        shown = {"results": find(text, request=request, theme=chosen)}
        items = shown["results"]
    else:
        shown = _by_theme(index, request, chosen)
        items = [one for theme in shown["themes"] for one in theme["rows"]]
    common = {"query": text, "theme": chosen, "choices": GuideTheme.choices, "listed": items}
    return common | {"theme_label": GuideTheme(chosen).label if chosen else ""} | shown


def find(text: str, *, request: HttpRequest, theme: str = "") -> list[Item]:
    """Return what answers ``text`` and this visitor may open, best first.

    Args:
        text: as typed.
        theme: value of a `GuideTheme`; all of them where empty.
    """
    words = search.words_of(text)
    closed = closed_paths(request.user) if words else []
    ranked = ranking.rank(_source(theme), words, limit=FOUND, closed=closed)
    kept: Any = SearchEntry.objects.defer("search_text", "search_vector")
    entries = kept.in_bulk(ranked)
    chosen = [
        entries[key]
        for key, sure in ranked.items()
        if sure or search.is_close(entries[key].title, words)
    ]
    pages = Page.objects.filter(pk__in=[one.page_id for one in chosen]).specific().in_bulk()
    return [
        item(
            pages[one.page_id],
            request,
            title=search.highlight(pages[one.page_id].title, words),
            text=search.highlight(search.excerpt(one.body, words), words),
        )
        for one in chosen
    ]


def _source(theme: str) -> ranking.Source:
    themes = [GuideTheme(theme)] if theme else list(GuideTheme)
    named = ", ".join(f"'{one.value}'" for one in themes)  # ours: an enumeration's values
    allowed = _ALLOWED.format(data=GuideTheme.DATA.value, themes=named)
    return replace(ranking.PAGES, allowed=allowed)


def _by_theme(index: ResourceIndexPage, request: HttpRequest, chosen: str) -> dict[str, Any]:
    guides = visible_to(GuidePage.objects.child_of(index), request.user)
    counted = guides.values("theme").annotate(size=Count("pk")).order_by()
    sizes = {row["theme"]: row["size"] for row in counted}
    page = None
    if chosen:
        try:
            found = Paginator(guides.filter(theme=chosen).order_by("path"), SHOWN_A_PAGE)
            page = found.page(request.GET.get("page", 1))
        except InvalidPage as error:
            raise Http404("No such page of this theme.") from error
        rows = list(page)
    else:
        rank = Window(RowNumber(), partition_by="theme", order_by=F("path").asc())
        rows = list(guides.annotate(rank=rank).filter(rank__lte=SHOWN_BY_THEME).order_by("path"))
    tools = list(visible_to(EstimatorPage.objects.child_of(index), request.user))
    themes = [
        _section(theme, rows, tools, sizes, request)
        for theme in GuideTheme
        if chosen in ("", theme.value)
    ]
    return {"themes": [one for one in themes if one["shows"]], "page_obj": page}


def _section(
    theme: GuideTheme,
    guides: list[Any],
    tools: list[Any],
    sizes: dict[str, int],
    request: HttpRequest,
) -> dict[str, Any]:
    mine = [guide for guide in guides if guide.theme == theme]
    shown = mine + (tools if theme == GuideTheme.DATA else [])
    numbers = theme == GuideTheme.NUMBERS
    return {
        "slug": theme.value,
        "label": theme.label,
        "introduction": THEME_INTRODUCTIONS[theme],
        "rows": [item(page, request) for page in shown],
        "more": sizes.get(theme.value, 0) - len(mine),
        "shows_numbers": numbers,
        "shows": bool(shown) or numbers,
    }
