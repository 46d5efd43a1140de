"""Training sessions, and who comes to them."""

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.formats import date_format

from portal.privacy.fields import EncryptedTextField
from portal.ui.forms import french_date


class SessionQuerySet(models.QuerySet["TrainingSession"]):
    """Which sessions, with how many people."""

    def to_come(self) -> Self:
        """Keep those that somebody can still register for, the next first."""
        planned = self.filter(state=TrainingSession.State.PLANNED, starts_at__gt=timezone.now())
        return planned.order_by("starts_at", "pk")

    def with_counts(self) -> Self:
        """Add ``taken`` (seats) and ``queue`` (people waiting) to each."""
        state = Registration.State
        return self.annotate(
            taken=Count("registrations", Q(registrations__state=state.REGISTERED)),
            queue=Count("registrations", Q(registrations__state=state.WAITING)),
        )


class TrainingSession(models.Model):
    """An hour or two by video, with a number of seats."""

    #: Seats taken and people waiting, where `SessionQuerySet.with_counts` read them.
    taken: int
    queue: int

    class Kind(models.TextChoices):
        PLATFORM = "platform", "Formation à la plateforme"
        WEBINAR = "webinar", "Webinaire"
        INSPIRING = "inspiring", "Temps inspirant"

    class State(models.TextChoices):
        PLANNED = "planned", "Prévue"
        DONE = "done", "Passée"
        CANCELLED = "cancelled", "Annulée"

    #: Those that people without an account may come to.
    OPEN_TO_ALL = (Kind.WEBINAR, Kind.INSPIRING)

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("type", max_length=20, choices=Kind, default=Kind.PLATFORM)
    title = models.CharField("titre", max_length=150)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    video_link = models.URLField("lien de la visioconférence", max_length=500)
    seats = models.PositiveSmallIntegerField("places")
    trainer = models.CharField("animée par", max_length=150)
    description = models.TextField("description", max_length=3000, blank=True)
    state = models.CharField(
        "état", max_length=20, choices=State, default=State.PLANNED, editable=False
    )
    cancel_reason = models.CharField("motif d’annulation", max_length=300, blank=True)
    replay_link = models.URLField("lien de la rediffusion", max_length=500, blank=True)
    sequence = models.PositiveIntegerField(
        "version",
        default=0,
        editable=False,
        help_text="SEQUENCE des fichiers de calendrier\u00a0: grandit à chaque changement annoncé.",
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session de formation"
        verbose_name_plural = "sessions de formation"
        ordering = ("-starts_at", "-pk")
        default_permissions = ("add", "change", "view")
        indexes = (models.Index(fields=("state", "starts_at"), name="training_to_come"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="training_session_times",
                violation_error_message="La session finit avant d’avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1),
                name="training_session_seats",
                violation_error_message="Une session a au moins une place.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"

    @property
    def has_begun(self) -> bool:
        """Whether it is too late to register."""
        return self.starts_at <= timezone.now()

    @property
    def when(self) -> str:
        """Day and hours in words, in Paris: ``mardi 1er décembre 2026, de 14:00 à 15:30``."""
        start, end = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        weekday = date_format(start, "l")
        return f"{weekday} {french_date(start.date())}, de {start:%H:%M} à {end:%H:%M}"

    @property
    def left(self) -> int:
        """Seats nobody has taken, where `SessionQuerySet.with_counts` counted them."""
        return max(0, self.seats - self.taken)

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at) / dt.timedelta(minutes=1))


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Who has a seat, who waits."""

    def seated(self) -> Self:
        """Keep those who have a seat, in the order they asked for it."""
        return self.filter(state=Registration.State.REGISTERED).order_by("pk")

    def waiting(self) -> Self:
        """Keep the waiting list, the first on top."""
        return self.filter(state=Registration.State.WAITING).order_by("pk")

    def live(self) -> Self:
        """Keep those who have a seat or wait for one."""
        return self.filter(state__in=Registration.LIVE)


class Registration(models.Model):
    """Somebody's place: an account's, or a visitor's who left a name and an address.

    Coming back after a cancellation makes a new row, at the end of the queue: in calendars a
    cancelled event stays cancelled.
    """

    class State(models.TextChoices):
        PENDING = "pending", "À confirmer"
        REGISTERED = "registered", "Inscrit"
        WAITING = "waiting", "En liste d’attente"
        CANCELLED = "cancelled", "Annulée"

    LIVE = (State.REGISTERED, State.WAITING)

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(
        TrainingSession,
        verbose_name="session",
        on_delete=models.PROTECT,
        related_name="registrations",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="registrations",
    )
    name = EncryptedTextField("nom", blank=True)
    email = EncryptedTextField("adresse e-mail", blank=True)
    email_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField("état", max_length=20, choices=State)
    attended = models.BooleanField("présent", null=True)
    registered_at = models.DateTimeField("demandée le", auto_now_add=True)
    seated_at = models.DateTimeField("place obtenue le", null=True)
    day_reminder_at = models.DateTimeField("rappel de la veille", null=True)
    hour_reminder_at = models.DateTimeField("rappel de l’heure", null=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("session", "user"),
                condition=~Q(state="cancelled"),
                name="training_registered_once",
            ),
            models.UniqueConstraint(
                fields=("session", "email_fingerprint"),
                condition=~Q(state="cancelled") & ~Q(email_fingerprint=""),
                name="training_outsider_once",
            ),
            models.CheckConstraint(
                condition=Q(state="registered", seated_at__isnull=False) | ~Q(state="registered"),
                name="training_seated_since",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(email_fingerprint=""),
                name="training_account_or_visitor",
            ),
        )

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def person(self) -> str:
        """Who comes, by name."""
        return str(self.user) if self.user else self.name

    @property
    def address(self) -> str:
        """Where messages go; empty once a visitor's data were erased."""
        return str(self.user.email) if self.user else self.email

    @property
    def sequence(self) -> int:
        """SEQUENCE of the calendar file: the session's, and one more once it is cancelled."""
        return self.session.sequence + (self.state == self.State.CANCELLED)
