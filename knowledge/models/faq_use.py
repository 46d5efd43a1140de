"""How the FAQ serves: openings by day, « utile ? », searches that found nothing, imported files."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from knowledge.models.faq import FaqQuestion
from portal.privacy.fields import EncryptedTextField

WORDS_LENGTH = 100  # characters


class FaqOpening(models.Model):
    """How often an answer was opened on a day. Nobody is in it."""

    # The constraint's index finds them by question.
    question = models.ForeignKey(
        FaqQuestion, on_delete=models.CASCADE, related_name="openings", db_index=False
    )
    day = models.DateField("jour")
    count = models.PositiveIntegerField("ouvertures", default=1)

    class Meta:
        verbose_name = "ouvertures d’une réponse"
        verbose_name_plural = "ouvertures des réponses"
        default_permissions = ()
        constraints = (
            # It holds the counts too: a search adds up ninety days of sixty answers.
            models.UniqueConstraint(
                fields=("question", "day"), include=("count",), name="faq_opening_once_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.question_id}, {self.day}"


class FaqVote(models.Model):
    """« Cette réponse vous a-t-elle aidé ? », once a session; who answered is not kept.

    ``why`` is free text, where somebody may write a name in spite of the warning: encrypted, and
    deleted with its row after a year (`knowledge.faq_use.purge`).
    """

    question = models.ForeignKey(FaqQuestion, on_delete=models.CASCADE, related_name="votes")
    useful = models.BooleanField("utile")
    why = EncryptedTextField("pourquoi", blank=True, default="")
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "avis sur une réponse"
        verbose_name_plural = "avis sur les réponses"
        default_permissions = ("view",)
        indexes = (models.Index(fields=("question", "-at"), name="faq_vote_by_question"),)

    def __str__(self) -> str:
        return f"{self.question_id}, {'utile' if self.useful else 'pas utile'}"


class MissedSearch(models.Model):
    """Words that found no answer, and how often; without accents, never a number."""

    words = models.CharField("recherche", max_length=WORDS_LENGTH, unique=True)
    count = models.PositiveIntegerField("fois", default=1)
    last_on = models.DateField("la dernière fois")

    class Meta:
        verbose_name = "recherche sans réponse"
        verbose_name_plural = "recherches sans réponse"
        default_permissions = ("view", "delete")
        ordering = ("-count", "-last_on", "words")
        indexes = (models.Index(fields=("-count", "-last_on"), name="faq_missed_by_count"),)

    def __str__(self) -> str:
        return self.words


class FaqFile(models.Model):
    """A file of questions: shown first, then imported as drafts. Its report stays, it goes."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du fichier", max_length=200)
    content = models.BinaryField("contenu", default=bytes, editable=False)
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("déposé le", auto_now_add=True)
    imported_at = models.DateTimeField("importé le", null=True, blank=True)
    report = models.JSONField("rapport", default=list, editable=False)

    class Meta:
        verbose_name = "fichier de questions"
        verbose_name_plural = "fichiers de questions"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
