"""The pages of text: legal notice, personal data, accessibility…"""

from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from knowledge.blocks import ContentBlock


class PublisherBlock(blocks.StaticBlock):
    """Who publishes the site, from the settings: one source, complete or plainly not."""

    class Meta:
        label = "Éditeur et hébergeur du site"
        icon = "site"
        admin_text = "Affiche les informations du menu « Paramètres », « Éditeur du site »."
        template = "pages/blocks/publisher.html"
        description = "Qui publie le site et qui l’héberge, tel qu’écrit dans les paramètres."
        preview_value = {}


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
