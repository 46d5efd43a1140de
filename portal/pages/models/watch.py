"""What the nights find in what editors wrote: what nobody read again, and links that lead nowhere.

A page or snippet is named by its kind (``wagtailcore.page``, ``knowledge.faqquestion``…) and its
key; see `portal.pages.watch.things`.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Watched(models.Model):
    """What both have: the thing."""

    kind = models.CharField("nature", max_length=100)
    object_id = models.PositiveBigIntegerField("clé")

    class Meta:
        abstract = True


class Review(Watched):
    """When somebody last said « J’ai relu », and when we last reminded of it."""

    reviewed_at = models.DateTimeField("relu le", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="relu par",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reminded_at = models.DateTimeField("rappelé le", null=True, blank=True)

    class Meta:
        verbose_name = "relecture"
        constraints = (
            models.UniqueConstraint(fields=("kind", "object_id"), name="pages_review_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class BrokenLink(Watched):
    """A link that leads nowhere, as long as the night finds it."""

    class Problem(models.TextChoices):
        GONE = "gone", "La page n’existe pas, ou plus"
        CLOSED = "closed", "La page est réservée : tout le monde ne peut pas la suivre"
        REFUSED = "refused", "Le site répond par une erreur"
        SILENT = "silent", "Le site ne répond pas"
        MISTYPED = "mistyped", "L’adresse est mal écrite"
        PRIVATE = "private", "L’adresse est celle d’un réseau privé"

    url = models.CharField("lien", max_length=2000)
    problem = models.CharField("problème", max_length=10, choices=Problem)
    found_at = models.DateTimeField("trouvé le", default=timezone.now)

    class Meta:
        verbose_name = "lien cassé"
        verbose_name_plural = "liens cassés"
        constraints = (
            models.UniqueConstraint(fields=("kind", "object_id", "url"), name="pages_link_once"),
        )

    def __str__(self) -> str:
        return self.url
