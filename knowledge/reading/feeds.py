"""What machines read of the site: the map, what is new, and where robots need not go.

Public pages only: these answers are the same for everybody.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap as PageSitemap
from wagtail.contrib.sitemaps.views import sitemap as draw_sitemap
from wagtail.models import Page

from knowledge.models import FaqPage, FaqQuestion, GuidePage

NEWS = 30  # entries of the feed
#: Addresses of each kind in the map, which is one file: sitemaps.org allows 50,000 in all.
MAPPED = 25_000
ATOM = "application/atom+xml; charset=utf-8"
#: Where nothing is for a search engine.
CLOSED = ("/gestion/", "/mon-compte/", "/connexion/", "/panier/", "/commande/", "/recherche/")


class Pages(PageSitemap):
    """Public pages, without what their types hold: addresses and dates are in the common table."""

    limit = MAPPED

    def items(self) -> Any:
        """Return the pages below the home page, and itself, in one query."""
        home = self.get_wagtail_site().root_page
        return Page.objects.descendant_of(home, inclusive=True).live().public().order_by("path")


class Answers(Sitemap):  # type: ignore[type-arg]  # no subscript when it runs
    """Answers of the FAQ: each has an address, and is no page of Wagtail's."""

    limit = MAPPED

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def items(self) -> Any:
        """Return the published questions, if the FAQ is public."""
        if not FaqPage.objects.live().public().exists():
            return FaqQuestion.objects.none()
        questions = FaqQuestion.objects.live().filter(theme__live=True)
        return questions.only("slug", "last_published_at").order_by("pk")

    def lastmod(self, question: Any) -> Any:
        """Return when the answer was last published."""
        return question.last_published_at

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict[str, Any]]:
        # Like Wagtail's: under the address that was asked, not that of `django.contrib.sites`.
        shown: Iterable[Any] = self.paginator.page(page).object_list
        return [
            {
                "location": self.request.build_absolute_uri(f"/faq/{one.slug}/"),
                "lastmod": one.last_published_at,
            }
            for one in shown
        ]


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Answer the map of the site's public pages and answers."""
    answer: HttpResponse = draw_sitemap(
        request, sitemaps={"pages": Pages(request), "answers": Answers(request)}
    )
    return answer


@login_not_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Answer the feed of the guides last published (Atom, RFC 4287)."""
    feed = Atom1Feed(
        title="L’Espace Recharges, nouveautés des ressources",
        link=request.build_absolute_uri("/ressources/"),
        description="",
        language="fr",
        feed_url=request.build_absolute_uri(),
        author_name="Emmaüs Connect",
    )
    guides = GuidePage.objects.live().public().exclude(first_published_at=None)
    for guide in guides.defer_streamfields().order_by("-last_published_at", "-pk")[:NEWS]:
        address = guide.get_full_url(request)
        feed.add_item(
            title=guide.title,
            link=address,
            description=guide.summary,
            unique_id=address,
            pubdate=guide.first_published_at,
            updateddate=guide.last_published_at,
            categories=[guide.get_theme_display()],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=ATOM)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots where nothing is for them, and where the map is."""
    lines = ["User-agent: *", *(f"Disallow: {start}" for start in CLOSED), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('reading:sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
