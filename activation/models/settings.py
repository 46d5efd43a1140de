"""The delays that the pages promise, and how long a beneficiary's data are kept."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.models import PreviewableMixin

from activation.rules import delays
from activation.texts.panels import ShownPanel

if TYPE_CHECKING:
    Number = models.PositiveSmallIntegerField[int, int]

#: The longest that data of a closed request may be kept (domain rules), in days.
RETENTION_CEILING = 730


@dataclass(frozen=True)
class Example:
    """What the delays mean for a request sent now: when each thing is due at the latest."""

    sent: dt.datetime
    due: dt.datetime
    expected: dt.datetime
    ported: dt.datetime
    anonymised: dt.datetime


@register_setting(icon="time")
class ActivationSettings(PreviewableMixin, BaseGenericSetting):
    """The delays that the page promises and that due times are computed from."""

    treatment_hours: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "traitement de la demande", default=24, help_text="En heures."
        )
    )
    sms_working_hours: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "SMS au bénéficiaire",
            default=48,
            help_text="En heures ouvrées\u00a0: celles des jours de semaine, jours fériés exclus.",
        )
    )
    portability_days_min: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "portabilité, délai le plus court", default=3, help_text="En jours ouvrés, en plus."
        )
    )
    portability_days_max: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "portabilité, délai le plus long", default=5, help_text="En jours ouvrés, en plus."
        )
    )

    retention_days: "models.PositiveSmallIntegerField[int, int]" = models.PositiveSmallIntegerField(
        "conservation des données du bénéficiaire",
        default=90,
        help_text="En jours après la clôture de la demande\u00a0; 730 au plus. Ensuite, la demande "
        "est anonymisée.",
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("treatment_hours"), FieldPanel("sms_working_hours")]),
                FieldRowPanel(
                    [FieldPanel("portability_days_min"), FieldPanel("portability_days_max")]
                ),
                FieldPanel("retention_days"),
            ],
            heading="Délais promis",
        ),
        ShownPanel(
            "activation/gestion/words/delays_panel.html", heading="Avec les délais enregistrés"
        ),
    ]

    class Meta:
        verbose_name = "délais d’activation"
        default_permissions = ("change",)
        constraints = (
            models.CheckConstraint(
                condition=Q(treatment_hours__gt=0, sms_working_hours__gt=0),
                name="activation_delays_positive",
                violation_error_message="Un délai est d’au moins une heure.",
            ),
            models.CheckConstraint(
                condition=Q(portability_days_max__gte=models.F("portability_days_min")),
                name="activation_delays_ordered",
                violation_error_message="Le délai le plus long est inférieur au plus court.",
            ),
            models.CheckConstraint(
                condition=Q(retention_days__gte=1, retention_days__lte=RETENTION_CEILING),
                name="activation_retention",
                violation_error_message="Les données se gardent de 1 à 730 jours après la clôture.",
            ),
        )

    def due_times(
        self, submitted_at: dt.datetime, *, portability: bool
    ) -> tuple[dt.datetime, dt.datetime]:
        """Return until when to treat a request, and when its line works at the latest.

        Args:
            submitted_at: when the partner sent it (aware).
            portability: the number is kept: the longest delay is added.
        """
        due = submitted_at + dt.timedelta(hours=self.treatment_hours)
        expected = delays.add_working_hours(submitted_at, self.sms_working_hours)
        if portability:
            expected = delays.add_working_days(expected, self.portability_days_max)
        return due, max(due, expected)

    def example(self) -> Example:
        """Return what these delays mean for a request sent now."""
        now = timezone.localtime()
        due, expected = self.due_times(now, portability=False)
        _, ported = self.due_times(now, portability=True)
        kept = dt.timedelta(days=self.retention_days)
        return Example(now, due, expected, ported, now + kept)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show what the delays that are typed mean."""
        return "activation/gestion/words/delays_preview.html"
