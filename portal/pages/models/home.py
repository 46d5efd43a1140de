"""The home page."""

import datetime as dt
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from knowledge.blocks import DRAWINGS, TEXT_FEATURES
from portal.structures import impact
from portal.ui.templatetags.ui import NAV_ENTRIES

SHORTCUT_ICONS = (
    ("shopping-bag", "Panier"),
    ("device-phone-mobile", "Téléphone"),
    ("user-circle", "Personne"),
    ("book-open", "Livre ouvert"),
    ("chat-bubble-left-right", "Bulles"),
    ("lifebuoy", "Bouée"),
    ("gift", "Cadeau"),
    ("information-circle", "Information"),
)


NEWS_SHOWN = 3


class ShortcutBlock(blocks.StructBlock):
    """A card that leads to one of the six parts of the site."""

    title = blocks.CharBlock(label="Titre", max_length=60)
    text = blocks.CharBlock(label="Phrase", max_length=200)
    address = blocks.ChoiceBlock(label="Mène à", choices=NAV_ENTRIES)
    icon = blocks.ChoiceBlock(label="Icône", choices=SHORTCUT_ICONS)

    class Meta:
        label = "Raccourci"
        icon = "link"
        description = "Une carte qui mène à l’une des six parties du site."
        preview_value = {
            "title": "Offre solidaire",
            "text": "Commander des cartes SIM et des recharges.",
            "address": "/offre-solidaire/",
            "icon": "shopping-bag",
        }
        preview_template = "pages/blocks/shortcut_preview.html"


class ShortcutsBlock(blocks.StreamBlock):
    """Cards in a row."""

    shortcut = ShortcutBlock()


class NewsBlock(blocks.StructBlock):
    """Something new, from one day to another."""

    date = blocks.DateBlock(label="Date", help_text="Avant ce jour, elle ne se voit pas.")
    until = blocks.DateBlock(
        label="Jusqu’au", required=False, help_text="Dernier jour, compris. Vide : elle reste."
    )
    title = blocks.CharBlock(label="Titre", max_length=100)
    text = blocks.TextBlock(label="Texte", max_length=400, rows=3)
    page = blocks.PageChooserBlock(label="En savoir plus", required=False)

    class Meta:
        label = "Actualité"
        icon = "calendar-alt"
        description = "Une nouvelle datée : les trois plus récentes se voient."
        preview_value = {
            "date": dt.date(2026, 9, 1),
            "title": "De nouvelles recharges",
            "text": "Internet mobile 8 Go rejoint l’offre solidaire.",
        }
        template = "pages/blocks/news.html"


class NewsListBlock(blocks.StreamBlock):
    """News, in any order."""

    news = NewsBlock()


class HomePage(Page):
    """The first screen."""

    class AlertKind(models.TextChoices):
        INFO = "info", "Information"
        SUCCESS = "success", "Bonne nouvelle"
        WARNING = "warning", "Attention"

    lead = models.CharField("accroche", max_length=300, blank=True)
    drawing = models.CharField("dessin", max_length=40, choices=DRAWINGS, default="home")
    picture = models.ForeignKey(
        "pages.Picture",
        verbose_name="image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="À la place du dessin. Décorative ici : ce qu’elle dit doit être écrit aussi.",
    )
    button_text = models.CharField(
        "bouton principal", max_length=40, default="Voir l’offre solidaire"
    )
    button_address = models.CharField(
        "mène à", max_length=40, choices=NAV_ENTRIES, default="/offre-solidaire/"
    )
    news = StreamField(
        NewsListBlock(), verbose_name="actualités", blank=True, max_num=30, use_json_field=True
    )
    shows_figures = models.BooleanField(
        "montrer les chiffres",
        default=True,
        help_text="Comptés par le site, rafraîchis chaque heure ; moins de dix ne se voit pas.",
    )
    figures_title = models.CharField("titre", max_length=100, default="Ensemble, déjà")
    welcome = RichTextField("mot de bienvenue", features=TEXT_FEATURES, blank=True)
    actions_title = models.CharField("titre", max_length=100, blank=True)
    actions = StreamField(
        ShortcutsBlock(), verbose_name="raccourcis", blank=True, max_num=6, use_json_field=True
    )
    support_title = models.CharField("titre", max_length=100, blank=True)
    support = StreamField(
        ShortcutsBlock(), verbose_name="raccourcis", blank=True, max_num=6, use_json_field=True
    )
    alert_text = models.CharField(
        "message", max_length=300, blank=True, help_text="Vide : pas de bandeau."
    )
    alert_kind = models.CharField(
        "nature", max_length=10, choices=AlertKind, default=AlertKind.INFO
    )
    alert_from = models.DateField("du", null=True, blank=True)
    alert_until = models.DateField("au", null=True, blank=True, help_text="Dernier jour, compris.")

    template = "pages/home.html"
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("lead"),
                FieldRowPanel([FieldPanel("button_text"), FieldPanel("button_address")]),
                FieldRowPanel([FieldPanel("drawing"), FieldPanel("picture")]),
            ],
            heading="En-tête",
        ),
        FieldPanel("welcome"),
        FieldPanel("news"),
        MultiFieldPanel(
            [
                FieldPanel("alert_text"),
                FieldRowPanel(
                    [FieldPanel("alert_kind"), FieldPanel("alert_from"), FieldPanel("alert_until")]
                ),
            ],
            heading="Bandeau d’alerte",
        ),
        MultiFieldPanel(
            [FieldPanel("actions_title"), FieldPanel("actions")], heading="Premiers raccourcis"
        ),
        MultiFieldPanel(
            [FieldPanel("support_title"), FieldPanel("support")], heading="Autres raccourcis"
        ),
        MultiFieldPanel(
            [FieldPanel("shows_figures"), FieldPanel("figures_title")], heading="Chiffres"
        ),
    ]

    class Meta:
        verbose_name = "page d’accueil"

    def alert_shown(self, on: dt.date | None = None) -> bool:
        """Return whether the banner shows on that day, Europe/Paris; today by default."""
        day = on or timezone.localdate()
        started = self.alert_from is None or self.alert_from <= day
        over = self.alert_until is not None and day > self.alert_until
        return bool(self.alert_text) and started and not over

    def news_shown(self, on: dt.date | None = None) -> list[Any]:
        """Return the blocks of the three newest news of that day; today by default."""
        day = on or timezone.localdate()
        current = [
            block
            for block in self.news
            if block.value["date"] <= day and (block.value["until"] or day) >= day
        ]
        return sorted(current, key=lambda block: block.value["date"], reverse=True)[:NEWS_SHOWN]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what depends on the day, and the figures."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["alert_shown"] = self.alert_shown()
        context["news"] = self.news_shown()
        context["figures"] = impact.figures() if self.shows_figures else []
        return context
