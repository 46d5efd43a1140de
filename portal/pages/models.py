"""The home page, the standard pages and the settings of the site."""

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from knowledge.blocks import TEXT_FEATURES, ContentBlock
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


class ShortcutBlock(blocks.StructBlock):
    """A card that leads to one of the six parts of the site."""

    title = blocks.CharBlock(label="Titre", max_length=60)
    text = blocks.CharBlock(label="Phrase", max_length=200)
    address = blocks.ChoiceBlock(label="Mène à", choices=NAV_ENTRIES)
    icon = blocks.ChoiceBlock(label="Icône", choices=SHORTCUT_ICONS)

    class Meta:
        label = "Raccourci"
        icon = "link"


class ShortcutsBlock(blocks.StreamBlock):
    """Cards in a row."""

    shortcut = ShortcutBlock()


class HomePage(Page):
    """The first screen."""

    class AlertKind(models.TextChoices):
        INFO = "info", "Information"
        SUCCESS = "success", "Bonne nouvelle"
        WARNING = "warning", "Attention"

    lead = models.CharField("accroche", max_length=300, blank=True)
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
        FieldPanel("lead"),
        FieldPanel("welcome"),
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
    ]

    class Meta:
        verbose_name = "page d’accueil"

    def alert_shown(self, on: dt.date | None = None) -> bool:
        """Return whether the banner shows on that day, Europe/Paris; today by default."""
        day = on or timezone.localdate()
        started = self.alert_from is None or self.alert_from <= day
        over = self.alert_until is not None and day > self.alert_until
        return bool(self.alert_text) and started and not over

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say whether the banner shows."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["alert_shown"] = self.alert_shown()
        return context


class PublisherBlock(blocks.StaticBlock):
    """Who publishes the site, from the settings: one source, complete or plainly not."""

    class Meta:
        label = "Éditeur et hébergeur du site"
        icon = "site"
        admin_text = "Affiche les informations du menu « Paramètres », « Éditeur du site »."
        template = "pages/blocks/publisher.html"


class StandardContentBlock(ContentBlock):
    """The body of a standard page."""

    publisher = PublisherBlock()


class StandardPage(Page):
    """A page of text: mentions légales, données personnelles, accessibilité…"""

    introduction = models.TextField("introduction", max_length=400, blank=True)
    body = StreamField(StandardContentBlock(), verbose_name="contenu", blank=True)

    template = "pages/standard.html"
    parent_page_types = ["pages.HomePage", "pages.StandardPage"]
    subpage_types = ["pages.StandardPage"]
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]

    class Meta:
        verbose_name = "page de texte"
        verbose_name_plural = "pages de texte"


@register_setting(icon="site", order=100)
class PublisherSettings(BaseSiteSetting):
    """Facts that the law wants on the site (LCEN, article 1-1); only Emmaüs Connect knows them."""

    #: Fields without which the legal notice is incomplete.
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "address", "director", "host")

    name = models.CharField("éditeur", max_length=200, default="Emmaüs Connect")
    legal_form = models.CharField(
        "forme juridique", max_length=200, default="Association régie par la loi de 1901"
    )
    address = models.CharField("adresse du siège", max_length=300, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", default="relaisnumeriques@emmaus-connect.org")
    director = models.CharField(
        "directeur ou directrice de la publication", max_length=200, blank=True
    )
    host = models.TextField(
        "hébergeur", max_length=400, blank=True, help_text="Nom, adresse et téléphone."
    )
    privacy_contact = models.EmailField(
        "contact pour les données personnelles",
        blank=True,
        help_text="Vide : l’adresse e-mail ci-dessus.",
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("name"), FieldPanel("legal_form")]),
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldPanel("director"),
            ],
            heading="Éditeur",
        ),
        FieldPanel("host"),
        FieldPanel("privacy_contact"),
    ]

    class Meta:
        verbose_name = "éditeur du site"

    def missing(self) -> list[str]:
        """Return the names of the required facts that nobody wrote yet."""
        fields = [self._meta.get_field(name) for name in self.REQUIRED]
        return [str(field.verbose_name) for field in fields if not getattr(self, field.name)]

    def rows(self) -> list[dict[str, str]]:
        """Return the facts to show, each with its label."""
        names = ("name", "legal_form", "address", "phone", "email", "director", "host")
        shown = [name for name in names if getattr(self, name) or name in self.REQUIRED]
        return [
            {
                "label": str(self._meta.get_field(name).verbose_name).capitalize(),
                "value": getattr(self, name),
            }
            for name in shown
        ]
