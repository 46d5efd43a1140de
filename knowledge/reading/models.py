"""What a person keeps of RESSOURCES, and what they read lately. Both go with the account."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Favourite(models.Model):
    """A page of RESSOURCES that somebody keeps at hand."""

    user: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    page: Any = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "fiche gardée"
        verbose_name_plural = "fiches gardées"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("user", "page"), name="reading_favourite_once"),
        )

    def __str__(self) -> str:
        return str(self.page)


class Reading(models.Model):
    """A page of RESSOURCES that somebody opened; one row a page, the last time."""

    user: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    page: Any = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "lecture"
        verbose_name_plural = "lectures"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("user", "page"), name="reading_once_a_page"),
        )
        indexes = (models.Index(fields=("user", "-at"), name="reading_latest"),)

    def __str__(self) -> str:
        return str(self.page)
