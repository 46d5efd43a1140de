"""The library: pictures and documents, each with the right to show it.

Who may add, change and choose them is written, in Wagtail's manner, on its own ``wagtailimages``
and ``wagtaildocs`` models (migration ``0002_site``).

Pictures of products are no part of it: the shop keeps them with its products.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition

from portal.pages.uploads import is_what_it_says


class Licence(models.TextChoices):
    """By what right we show it."""

    OWN = "own", "Faite par Emmaüs Connect"
    SFR = "sfr", "Fournie par SFR pour ce site"
    AGREED = "agreed", "Accord écrit de l’auteur"
    CC0 = "cc0", "Domaine public ou CC0"
    CC_BY = "cc-by", "Creative Commons BY (crédit obligatoire)"
    CC_BY_SA = "cc-by-sa", "Creative Commons BY-SA (crédit obligatoire)"


#: Whoever made these must be named.
CREDITED = (Licence.AGREED, Licence.CC_BY, Licence.CC_BY_SA)


class Licensed(models.Model):
    """What pictures and documents share."""

    licence = models.CharField(
        "licence",
        max_length=10,
        choices=Licence,
        help_text="De quel droit nous la montrons. Sans réponse sûre : ne la publiez pas.",
    )
    credit = models.CharField(
        "crédit",
        max_length=160,
        blank=True,
        help_text="Auteur à nommer : « Photo : Ada Martin ».",
    )

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(licence__in=CREDITED) | ~models.Q(credit=""),
                name="pages_%(class)s_credited",
                violation_error_message="Cette licence demande un crédit : écrivez qui l’a faite.",
            ),
        )


class Picture(Licensed, AbstractImage):
    """A picture of the library; nobody can add one without saying what it shows."""

    description = models.CharField(
        "ce que montre l’image",
        max_length=255,
        help_text="Pour qui ne la voit pas : une phrase, sans « image de ». "
        "Elle sera proposée là où l’image servira.",
    )

    admin_form_fields = (
        *("title", "file", "description", "licence", "credit", "collection", "tags"),
        *("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"),
    )

    class Meta(Licensed.Meta, AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"
        constraints = (  # type: ignore[assignment]
            *Licensed.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(description=""),
                name="pages_picture_described",
                violation_error_message="Dites en une phrase ce que montre l’image.",
            ),
        )

    def __str__(self) -> str:
        return str(self.title)


class PictureRendition(AbstractRendition):
    """A picture in the size of a place where it shows."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="pages_rendition_once"
            ),
        )


class Paper(Licensed, AbstractDocument):
    """A document of the library."""

    admin_form_fields = ("title", "file", "licence", "credit", "collection", "tags")

    class Meta(Licensed.Meta, AbstractDocument.Meta):
        verbose_name = "document"
        verbose_name_plural = "documents"

    def __str__(self) -> str:
        return str(self.title)

    def clean(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a file whose content is not what its name says."""
        super().clean(*args, **kwargs)
        if self.file and not is_what_it_says(self.file):
            raise ValidationError(
                {
                    "file": "Le contenu de ce fichier n’est pas celui que son nom annonce. "
                    "Enregistrez-le de nouveau depuis le logiciel qui l’a fait."
                }
            )
