"""« Estimer ma consommation »: what each usage takes, and the page that adds them up."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Page

from knowledge.estimator import arithmetic
from knowledge.estimator.services import Result, answer
from knowledge.models.base import ModeratedSnippet
from knowledge.models.guides import GuidePage, GuideTheme
from knowledge.visibility import visible_to

MOST_MEGABYTES = 10_000  # for one unit
MOST_UNITS = 1_000  # in a day or a week

#: heroicons that stand for a usage.
DRAWINGS = (
    ("envelope", "Enveloppe"),
    ("chat-bubble-left-right", "Bulles"),
    ("photo", "Photo"),
    ("document-text", "Page"),
    ("map", "Plan"),
    ("phone", "Téléphone"),
    ("video-camera", "Caméra"),
    ("academic-cap", "Cours"),
    ("musical-note", "Note de musique"),
    ("radio", "Radio"),
    ("hand-thumb-up", "Pouce"),
    ("bolt", "Éclair"),
    ("play-circle", "Lecture"),
    ("film", "Film"),
    ("tv", "Télévision"),
    ("puzzle-piece", "Jeu"),
    ("signal", "Réseau"),
)


class DataUsage(ModeratedSnippet):
    """Something that people do on the internet, and what it takes."""

    class Period(models.TextChoices):
        DAY = arithmetic.Period.DAY.value, "par jour"
        WEEK = arithmetic.Period.WEEK.value, "par semaine"

    name = models.CharField(
        "usage", max_length=80, help_text="Avec les mots des gens\u00a0: « Regarder des vidéos »."
    )
    unit = models.CharField(
        "unité",
        max_length=20,
        default="heure",
        help_text="Au singulier\u00a0: heure, message, page.",
    )
    megabytes = models.DecimalField(
        "Mo par unité",
        max_digits=7,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MOST_MEGABYTES)],
        help_text="1 Go vaut 1 000 Mo. Dans le doute, le nombre le plus haut.",
    )
    period = models.CharField("compté", max_length=4, choices=Period, default=Period.DAY)
    highest = models.PositiveSmallIntegerField(
        "bout du curseur",
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_UNITS)],
        help_text="Le plus grand nombre que l’on puisse indiquer.",
    )
    step = models.DecimalField(
        "pas du curseur",
        max_digits=4,
        decimal_places=1,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.1"))],
        help_text="0,5 pour compter par demi-heures.",
    )
    source = models.CharField(
        "source", max_length=200, help_text="Qui donne ce chiffre, et de quand il date."
    )
    source_url = models.URLField("adresse de la source", blank=True)
    drawing = models.CharField("dessin", max_length=30, choices=DRAWINGS, default="signal")
    position = models.PositiveSmallIntegerField("position", default=100)

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("megabytes"), FieldPanel("unit")]),
        FieldRowPanel([FieldPanel("source"), FieldPanel("source_url")]),
        FieldRowPanel([FieldPanel("period"), FieldPanel("highest"), FieldPanel("step")]),
        FieldRowPanel([FieldPanel("drawing"), FieldPanel("position")]),
    ]

    class Meta:
        verbose_name = "usage d’internet"
        verbose_name_plural = "usages d’internet"
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(megabytes__gt=0, megabytes__lte=MOST_MEGABYTES),
                name="estimator_megabytes_possible",
                violation_error_message="Entre 0,01 et 10 000 Mo par unité.",
            ),
            models.CheckConstraint(
                condition=Q(highest__gte=1, highest__lte=MOST_UNITS),
                name="estimator_highest_possible",
                violation_error_message="Entre 1 et 1 000.",
            ),
            models.CheckConstraint(
                condition=Q(step__gt=0),
                name="estimator_step_positive",
                violation_error_message="Le pas est plus grand que zéro.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Return the name of its field, in the form and in the address."""
        return f"u{self.pk}"

    @property
    def rate(self) -> int:
        """Grains that a month takes for each tenth of a unit, see `arithmetic`."""
        return arithmetic.rate(self.megabytes, self.period)

    @property
    def units(self) -> str:
        """Return the unit in the plural."""
        return self.unit if self.unit.endswith(("s", "x")) else f"{self.unit}s"

    @property
    def weight(self) -> str:
        """Return what one unit takes, in Mo or Go, in words."""
        if self.megabytes >= 100:
            return f"{_decimal(self.megabytes / 1000)}\u00a0Go"
        return f"{_decimal(self.megabytes)}\u00a0Mo"

    def amount_in_words(self, amount: Decimal) -> str:
        """Write so many units: ``1,5 heure par jour``."""
        unit = self.units if amount >= 2 else self.unit
        return f"{_decimal(amount)}\u00a0{unit} {self.get_period_display()}"

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show the usage as the table of the page shows it."""
        return "knowledge/estimator/preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Give the template a list of one usage."""
        return {**super().get_preview_context(request, mode_name), "usages": [self]}


def _decimal(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


class EstimatorPage(Page):
    """The calculator. What is typed stands in the address, which can be passed on."""

    introduction = models.TextField("introduction", max_length=400, blank=True)
    margin = models.PositiveSmallIntegerField(
        "marge, en %",
        default=20,
        validators=[MaxValueValidator(50)],
        help_text="De combien le vrai nombre peut s’écarter du résultat, dans les deux sens.",
    )

    template = "knowledge/estimator/page.html"
    max_count = 1
    parent_page_types = ["knowledge.ResourceIndexPage"]
    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("margin")]

    class Meta:
        verbose_name = "page « Estimer ma consommation »"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Draw the page, or the result that htmx asked for; 422 where something is wrong."""
        result = answer(request, list(DataUsage.objects.live()), margin=self.margin)
        response: HttpResponse = super().serve(request, *args, result=result, **kwargs)
        if result.form.errors and not _wants_part(request):
            response.status_code = 422
        # One address, two answers: a browser must not show the part for the whole.
        response.headers["Vary"] = "HX-Request"
        return response

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """Choose the template of the result alone or of the page."""
        return "knowledge/estimator/result.html" if _wants_part(request) else str(self.template)

    def get_context(
        self, request: HttpRequest, *args: Any, result: Result | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Add the form, and the result where something was typed."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["result"] = result
        context["form"] = result.form if result else None
        context["tenth"] = arithmetic.TENTH_GO
        near = GuidePage.objects.sibling_of(self).filter(theme=GuideTheme.DATA)
        context["guides"] = list(visible_to(near, request.user).order_by("path"))
        context["trail"] = [
            {"label": "Ressources", "href": "/ressources/"},
            {"label": "Estimer ma consommation de data", "href": "/ressources/#data"},
        ]
        return context


def _wants_part(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.history_restore_request)
