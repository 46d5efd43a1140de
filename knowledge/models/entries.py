"""What the search of the whole site knows of pages and documents."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """The words of a page or of a document; `knowledge.site_index` writes them.

    Who may see it is asked of the page or of the document when somebody searches. As for the
    FAQ, ``search_text`` and ``search_vector`` are written by a trigger.
    """

    page: Any = models.OneToOneField(
        "wagtailcore.Page", on_delete=models.CASCADE, null=True, related_name="+"
    )
    #: Key of the document: its model is a setting, which no foreign key could follow.
    document = models.PositiveBigIntegerField("document", null=True, unique=True)
    title = models.CharField("titre", max_length=255)
    body = models.TextField("texte", blank=True, default="")
    indexed_at = models.DateTimeField("le", auto_now=True)
    search_text = models.TextField(editable=False, default="")
    search_vector = SearchVectorField(editable=False, null=True)

    class Meta:
        verbose_name = "entrée de la recherche"
        verbose_name_plural = "entrées de la recherche"
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(page__isnull=True) ^ models.Q(document__isnull=True),
                name="entry_of_a_page_or_a_document",
            ),
        )
        indexes = (
            GinIndex(fields=("search_vector",), name="entry_search_vector"),
            GinIndex(
                fields=("search_text",), name="entry_search_text", opclasses=("gin_trgm_ops",)
            ),
        )

    def __str__(self) -> str:
        return self.title
