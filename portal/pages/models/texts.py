"""The pages of text: legal notice, personal data, accessibility…"""

from typing import Any

from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from knowledge.blocks import ContentBlock
from portal.pages import legal


class PublisherBlock(blocks.StaticBlock):
    """Who publishes the site, from the settings: one source, complete or plainly not."""

    class Meta:
        label = "Éditeur et hébergeur du site"
        icon = "site"
        admin_text = "Affiche les informations du menu « Paramètres », « Éditeur du site »."
        template = "pages/blocks/publisher.html"
        description = "Qui publie le site et qui l’héberge, tel qu’écrit dans les paramètres."
        preview_value = {}


class PrivacyContactBlock(blocks.StaticBlock):
    """Who answers for personal data, from the settings."""

    class Meta:
        label = "Responsable des données"
        icon = "user"
        admin_text = "Affiche qui répond des données : menu « Paramètres », « Éditeur du site »."
        template = "pages/blocks/privacy_contact.html"
        description = "Qui répond des données personnelles, et l’adresse à laquelle écrire."
        preview_value = {}


class RetentionBlock(blocks.StaticBlock):
    """How long data are kept, from the settings of the purges."""

    class Meta:
        label = "Durées de conservation"
        icon = "time"
        admin_text = "Affiche les durées que la plateforme applique : elles suivent ses réglages."
        template = "knowledge/blocks/table.html"
        description = "Le tableau des durées, tenu par la plateforme elle-même."
        preview_value = {}

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        """Give the table its lines."""
        shown = {
            "caption": "Durées de conservation",
            "first_heading": "Donnée",
            "second_heading": "Durée",
            "rows": legal.retention(),
        }
        return super().get_context(shown, parent_context)


class CookiesBlock(blocks.StaticBlock):
    """The cookies of the site, by their real names."""

    class Meta:
        label = "Liste des cookies"
        icon = "list-ul"
        admin_text = "Affiche les cookies que le site dépose, sous leur vrai nom."
        template = "knowledge/blocks/table.html"
        description = "Le tableau des cookies, tenu par la plateforme elle-même."
        preview_value = {}

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        """Give the table its lines."""
        shown = {
            "caption": "Cookies déposés par le site",
            "first_heading": "Nom",
            "second_heading": "À quoi il sert, et combien de temps",
            "rows": legal.cookies(),
        }
        return super().get_context(shown, parent_context)


class StandardContentBlock(ContentBlock):
    """The body of a standard page."""

    publisher = PublisherBlock()
    privacy_contact = PrivacyContactBlock()
    retention = RetentionBlock()
    cookies = CookiesBlock()


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
