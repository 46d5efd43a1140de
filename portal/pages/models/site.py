"""The settings of the site."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField

from portal.ui import menus


@register_setting(icon="site", order=100)
class PublisherSettings(BaseSiteSetting):
    """Facts that the law wants on the site (LCEN, article 1-1); only Emmaüs Connect knows them."""

    #: Fields without which the legal notice is incomplete.
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "address", "phone", "director", "host")

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

    def privacy_rows(self) -> list[dict[str, str]]:
        """Return who answers for personal data, and where to write."""
        return [
            {"label": "Responsable du traitement", "value": self.name},
            {"label": "Adresse", "value": self.address},
            {"label": "Pour écrire", "value": self.privacy_contact or self.email},
        ]

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


class MenuLinkBlock(blocks.StructBlock):
    """A link of the footer: to one of our pages, or to an address."""

    label = blocks.CharBlock(label="Texte", max_length=40)
    page = blocks.PageChooserBlock(label="Page", required=False)
    address = blocks.CharBlock(
        label="ou adresse",
        max_length=300,
        required=False,
        help_text="Une adresse du site, « /rendez-vous/ », ou d’ailleurs, « https://… ».",
    )

    class Meta:
        label = "Lien"
        icon = "link"

    def clean(self, value: Any) -> Any:
        """Want one place to lead to."""
        cleaned = super().clean(value)
        address = cleaned["address"]
        if bool(cleaned["page"]) == bool(address):
            raise ValidationError("Choisissez une page, ou écrivez une adresse : l’un des deux.")
        ours = address.startswith("/") and not address.startswith("//")
        if address and not ours and not address.startswith("https://"):
            raise ValidationError("L’adresse commence par « / » ou par « https:// ».")
        return cleaned


class MenuBlock(blocks.StreamBlock):
    """Links in a row."""

    link = MenuLinkBlock()


@register_setting(icon="list-ul", order=110)
class MenuSettings(BaseSiteSetting):
    """The links of the footer that editors choose; see `portal.ui.menus` for those that stay."""

    footer = StreamField(
        MenuBlock(),
        verbose_name="liens du pied de page",
        blank=True,
        max_num=8,
        help_text="Vide : les liens d’origine. Les pages légales restent toujours : la loi le "
        "veut. Le menu du haut ne change pas : les partenaires en connaissent les six entrées.",
    )

    panels = [FieldPanel("footer")]

    class Meta:
        verbose_name = "menus"

    def links(self) -> list[menus.MenuLink]:
        """Return the links whose page is published, in order."""
        found = []
        for block in self.footer:
            page = block.value["page"]
            if page is None or page.live:
                href = page.url if page else block.value["address"]
                found.append(menus.MenuLink(href, block.value["label"]))
        return [link for link in found if link.href]

    @classmethod
    def show(cls) -> None:
        """Put the links where every page finds them."""
        row = cls.objects.filter(site__is_default_site=True).first()
        menus.keep(row.links() if row else [])
