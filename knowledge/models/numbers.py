"""The useful numbers: one list, shown on the FAQ, the help page and in guides."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from knowledge.models.base import ModeratedSnippet
from portal.telecom import numbers


class UsefulNumber(ModeratedSnippet):
    """A phone number that partners and beneficiaries call."""

    class Provider(models.TextChoices):
        SFR = "sfr", "SFR"
        EMMAUS = "emmaus", "Emmaüs Connect"
        OTHER = "other", "Autre"

    class Cost(models.TextChoices):
        UNKNOWN = "", "Non précisé"
        FREE = "free", "Gratuit"
        CHARGED = "charged", "Payant"

    class Purpose(models.TextChoices):
        BALANCE = numbers.Purpose.BALANCE.value, "Pour le solde"
        TOP_UP = numbers.Purpose.TOP_UP.value, "Pour recharger"
        RIO = numbers.Purpose.RIO.value, "Pour obtenir le RIO"

    number = models.CharField(
        "numéro",
        max_length=20,
        validators=[
            RegexValidator(r"^\+?[0-9][0-9 ]{1,18}$", "Écrivez des chiffres, avec ou sans espaces.")
        ],
        help_text="Comme on le compose : 1023, ou 01 23 45 67 89.",
    )
    label = models.CharField(
        "à quoi il sert",
        max_length=160,
        help_text="En minuscules, à la suite du numéro : « pour consulter le solde ».",
    )
    provider = models.CharField("de qui", max_length=10, choices=Provider, default=Provider.SFR)
    network = models.CharField(
        "depuis quelle ligne", max_length=80, blank=True, help_text="« depuis la ligne SFR »"
    )
    cost = models.CharField("coût", max_length=10, choices=Cost, blank=True, default=Cost.UNKNOWN)
    hours = models.CharField(
        "quand", max_length=120, blank=True, help_text="« du lundi au vendredi, de 9 h à 18 h »"
    )
    former = models.CharField("numéros précédents", max_length=200, blank=True, editable=False)
    position = models.PositiveSmallIntegerField("position", default=100)
    purpose = models.CharField(
        "dans nos phrases",
        max_length=10,
        choices=Purpose,
        blank=True,
        help_text="Les écrans, les tickets et les SMS donnent ce numéro-là.",
    )

    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("provider")]),
        FieldPanel("label"),
        FieldRowPanel([FieldPanel("network"), FieldPanel("cost")]),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("position")]),
        FieldPanel("purpose"),
    ]

    class Meta:
        verbose_name = "numéro utile"
        verbose_name_plural = "numéros utiles"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep what it was before: texts that were written with the former number tell this one."""
        kept = type(self).objects.filter(pk=self.pk).values_list("former", "number").first()
        if kept:
            were = [*kept[0].split(), numbers.dialled(kept[1])]
            now = numbers.dialled(self.number)
            self.former = " ".join(dict.fromkeys(one for one in were if one != now))
        super().save(*args, **kwargs)

    @property
    def facts(self) -> str:
        """From which line, for how much and when, as every page says it."""
        cost = self.get_cost_display() if self.cost else ""
        return " · ".join(fact for fact in (self.network, cost, self.hours) if fact)

    @classmethod
    def in_texts(cls) -> dict[str, str]:
        """Return what to tell for each number that a text may hold: itself, or its successor."""
        rows = list(cls.objects.filter(live=True).values_list("number", "former"))
        told = {one: number for number, former in rows for one in former.split()}
        return told | {numbers.dialled(number): number for number, _ in rows}

    @classmethod
    def for_beneficiaries(cls) -> list[numbers.UsefulNumber]:
        """Return the published numbers of the operator's, as a person calls them."""
        published = cls.objects.filter(live=True, provider=cls.Provider.SFR)
        return [
            numbers.UsefulNumber(
                phone=one.number, label=one.label, purpose=one.purpose, facts=one.facts
            )
            for one in published
        ]

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show the number as every page shows it."""
        return "knowledge/preview/useful_number.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Give the template a list of one number."""
        return {**super().get_preview_context(request, mode_name), "numbers": [self]}
