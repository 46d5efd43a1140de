"""Pages of RESSOURCES, and AIDE."""

import math
import re
from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from knowledge.blocks import ContentBlock
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

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """List the guides that the visitor may open, by theme."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        guides = list(visible_to(GuidePage.objects.child_of(self), request.user).order_by("path"))
        context["themes"] = [
            {
                "slug": theme.value,
                "label": theme.label,
                "introduction": THEME_INTRODUCTIONS[theme],
                "guides": [guide for guide in guides if guide.theme == theme],
                "shows_numbers": theme == GuideTheme.NUMBERS,
            }
            for theme in GuideTheme
        ]
        return context


class GuidePage(Page):
    """A guide or a tutorial, step by step."""

    theme = models.CharField("thème", max_length=20, choices=GuideTheme)
    summary = models.CharField(
        "résumé", max_length=240, help_text="Une phrase : ce que l’on saura faire après."
    )
    body = StreamField(ContentBlock(), verbose_name="contenu", blank=True)

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
        """Minutes that an average reader needs, at least one."""
        words = re.sub(r"<[^>]+>", " ", str(self.body.render_as_block())).split()
        return max(1, math.ceil(len(words) / WORDS_A_MINUTE))

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
