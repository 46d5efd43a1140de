"""Pages of RESSOURCES, and AIDE."""

import math
import re
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from knowledge.blocks import ContentBlock, texts_of
from knowledge.reading.blocks import GuideBlock
from knowledge.visibility import visible_to

WORDS_A_MINUTE = 200


class GuideTheme(models.TextChoices):
    """The four parts of RESSOURCES, in the order of the deck."""

    TECHNICAL = "techniques", "Guides techniques"
    SUPPORT = "accompagnement", "Guides d’accompagnement"
    NUMBERS = "numeros", "Les numéros utiles"
    DATA = "data", "Estimer ma consommation de data"


THEME_INTRODUCTIONS = {
    GuideTheme.TECHNICAL: "Pour mettre en œuvre et utiliser la plateforme.",
    GuideTheme.SUPPORT: "Pour conseiller vos bénéficiaires.",
    GuideTheme.NUMBERS: "À composer depuis le téléphone du bénéficiaire, ou à lui noter.",
    GuideTheme.DATA: "Pour choisir la recharge qui suffit, et garder la main sur le budget.",
}


class ResourceIndexPage(Page):
    """RESSOURCES: every guide, by theme."""

    introduction = models.TextField("introduction", max_length=400, blank=True)

    template = "knowledge/resources.html"
    max_count = 1
    parent_page_types = ["pages.HomePage"]
    subpage_types = ["knowledge.GuidePage", "estimator.EstimatorPage"]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = "page Ressources"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Draw the whole page, or what htmx asked for as one types."""
        response: HttpResponse = super().serve(request, *args, **kwargs)
        # One address, two answers: a browser must not show the part for the whole.
        response.headers["Vary"] = "HX-Request"
        return response

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """Choose the template of the list alone or of the page."""
        htmx = getattr(request, "htmx", None)
        if htmx and not htmx.history_restore_request:
            return "knowledge/resources_results.html"
        return str(self.template)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """List what the visitor may open: by theme, one theme, or what answers ``?q=``."""
        from knowledge.reading import listing  # noqa: PLC0415  (it imports the models)

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | listing.context(self, request)


class GuidePage(Page):
    """A guide or a tutorial, step by step."""

    theme = models.CharField("thème", max_length=20, choices=GuideTheme)
    summary = models.CharField(
        "résumé", max_length=240, help_text="Une phrase : ce que l’on saura faire après."
    )
    body = StreamField(GuideBlock(), verbose_name="contenu", blank=True)

    template = "knowledge/guide.html"
    parent_page_types = ["knowledge.ResourceIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("theme"),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = "guide"

    @property
    def reading_minutes(self) -> int:
        """Minutes that an average reader needs, at least one; counted without any query."""
        words = re.sub(r"<[^>]+>", " ", " ".join(texts_of(list(self.body.raw_data)))).split()
        return max(1, math.ceil(len(words) / WORDS_A_MINUTE))

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Serve ``<guide>/pdf/``, under the same restrictions as the guide."""
        if path_components == ["pdf"] and self.live:
            return RouteResult(self, kwargs={"on_paper": True})
        return super().route(request, path_components)

    def serve(
        self, request: HttpRequest, *args: Any, on_paper: bool = False, **kwargs: Any
    ) -> HttpResponse:
        """Draw the page, or its PDF."""
        if on_paper:
            from knowledge.reading import paper  # noqa: PLC0415  (it imports the models)

            return paper.answer(request, self)
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the other guides of the same theme."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        same = GuidePage.objects.sibling_of(self, inclusive=False).filter(theme=self.theme)
        context["others"] = visible_to(same, request.user).order_by("path")[:6]
        context["trail"] = [
            {"label": "Ressources", "href": "/ressources/"},
            {"label": self.get_theme_display(), "href": f"/ressources/#{self.theme}"},
        ]
        return context


class HelpPage(Page):
    """AIDE: whom to call, and how to write to Emmaüs Connect."""

    introduction = models.TextField("introduction", max_length=400, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    hours = models.CharField("horaires de réponse", max_length=160, blank=True)
    body = StreamField(ContentBlock(), verbose_name="contenu", blank=True)

    template = "knowledge/help.html"
    max_count = 1
    parent_page_types = ["pages.HomePage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("email"), FieldPanel("hours")])],
            heading="Écrire à Emmaüs Connect",
            help_text="Les numéros de téléphone se modifient dans le menu « Ressources ».",
        ),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = "page Aide"
