"""The FAQ: themes, and questions that PostgreSQL indexes by itself."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.http import HttpRequest
from django.utils.text import slugify
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from knowledge.blocks import TEXT_FEATURES
from knowledge.models.base import ModeratedSnippet

SLUG_LENGTH = 100  # characters


class FaqTheme(ModeratedSnippet):
    """A family of questions: usage, technical, repair."""

    name = models.CharField("nom", max_length=80)
    slug = models.SlugField("adresse", max_length=SLUG_LENGTH, unique=True)
    position = models.PositiveSmallIntegerField("position", default=100)

    panels = [FieldPanel("name"), FieldRowPanel([FieldPanel("slug"), FieldPanel("position")])]

    class Meta:
        verbose_name = "thème de la FAQ"
        verbose_name_plural = "thèmes de la FAQ"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show the theme with its published questions."""
        return "knowledge/preview/theme.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """List the theme's published questions."""
        questions = self.questions.live() if self.pk else FaqQuestion.objects.none()
        return {**super().get_preview_context(request, mode_name), "questions": questions}


class FaqQuestion(ModeratedSnippet):
    """A question and its answer.

    ``search_text`` and ``search_vector`` are written by a trigger (migration ``0002_search``), so
    that no way of saving leaves them behind.
    """

    theme = models.ForeignKey(
        FaqTheme, verbose_name="thème", on_delete=models.PROTECT, related_name="questions"
    )
    question = models.CharField(
        "question", max_length=200, help_text="Comme la personne la pose, avec ses mots."
    )
    answer = RichTextField(
        "réponse",
        features=TEXT_FEATURES,
        help_text="La réponse dans la première phrase, les détails ensuite.",
    )
    keywords = models.CharField(
        "autres mots",
        max_length=300,
        blank=True,
        help_text="Mots que les gens tapent et qui ne sont pas dans la question : "
        "« crédit, combien il me reste ».",
    )
    slug = models.SlugField(
        "adresse",
        max_length=SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text="Des liens y mènent : ne la changez pas sans raison. Vide : tirée d’elle.",
    )
    position = models.PositiveSmallIntegerField("position", default=100)
    search_text = models.TextField(editable=False, default="")
    search_vector = SearchVectorField(editable=False, null=True)

    panels = [
        FieldPanel("question"),
        FieldPanel("answer"),
        FieldPanel("theme"),
        MultiFieldPanel(
            [FieldPanel("keywords"), FieldRowPanel([FieldPanel("slug"), FieldPanel("position")])],
            heading="Recherche et adresse",
        ),
    ]

    class Meta:
        verbose_name = "question de la FAQ"
        verbose_name_plural = "questions de la FAQ"
        ordering = ("position", "pk")
        indexes = (
            GinIndex(fields=("search_vector",), name="faq_search_vector"),
            GinIndex(fields=("search_text",), name="faq_search_text", opclasses=("gin_trgm_ops",)),
            models.Index(
                fields=("theme", "position", "id"),
                condition=models.Q(live=True),
                name="faq_live_by_theme",
            ),
        )

    def __str__(self) -> str:
        return self.question

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        # Before validation, which checks that the address is free.
        self.slug = self.slug or self._free_slug()
        super().full_clean(*args, **kwargs)

    def proposed_slug(self) -> str:
        """Return the address that the question's words make; it may be taken."""
        words = slugify(self.question.replace("’", " ").replace("'", " "))
        return words[: SLUG_LENGTH - 4].strip("-") or "question"

    def _free_slug(self) -> str:
        base = self.proposed_slug()
        others = FaqQuestion.objects.exclude(pk=self.pk).filter(slug__startswith=base)
        taken = set(others.values_list("slug", flat=True))
        candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
        return next(slug for slug in candidates if slug not in taken)

    def serializable_data(self) -> dict[str, Any]:
        """Leave the index out of revisions: the trigger writes it again."""
        data: dict[str, Any] = super().serializable_data()
        return {key: data[key] for key in data if key not in {"search_text", "search_vector"}}

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show the answer on its page."""
        return "knowledge/faq_answer.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Give the template what the FAQ page would."""
        return {**super().get_preview_context(request, mode_name), "question": self, "near": []}
