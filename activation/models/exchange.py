"""The exchange with SFR: the form of its files, what was sent, and what came back."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.models import Orderable, PreviewableMixin

from activation.models.requests import ActivationRequest
from activation.texts import columns
from activation.texts.panels import ShownPanel
from portal.privacy.fields import EncryptedTextField, blank


@register_setting(icon="doc-full-inverse")
class ExchangeFormat(PreviewableMixin, BaseGenericSetting, ClusterableModel):
    """How SFR wants its files, and how it writes its answers."""

    base_form_class = columns.ExchangeForm

    class Encoding(models.TextChoices):
        UTF8_BOM = "utf-8-sig", "UTF-8 avec marque (Excel)"
        UTF8 = "utf-8", "UTF-8"
        WINDOWS = "cp1252", "Windows-1252"

    class Separator(models.TextChoices):
        SEMICOLON = ";", "point-virgule"
        COMMA = ",", "virgule"
        TAB = "\t", "tabulation"

    class DateFormat(models.TextChoices):
        FRENCH = "%d/%m/%Y", "31/12/1985"
        ISO = "%Y-%m-%d", "1985-12-31"
        BARE = "%d%m%Y", "31121985"

    encoding: "models.CharField[str, str]" = models.CharField(
        "encodage du CSV", max_length=10, choices=Encoding, default=Encoding.UTF8_BOM
    )
    separator: "models.CharField[str, str]" = models.CharField(
        "séparateur du CSV", max_length=1, choices=Separator, default=Separator.SEMICOLON
    )
    date_format: "models.CharField[str, str]" = models.CharField(
        "dates", max_length=10, choices=DateFormat, default=DateFormat.FRENCH
    )

    panels = [
        FieldRowPanel([FieldPanel("encoding"), FieldPanel("separator"), FieldPanel("date_format")]),
        InlinePanel("columns", heading="Colonnes du fichier transmis", min_num=1),
        InlinePanel("answer_columns", heading="Colonnes lues dans les réponses", min_num=1),
        InlinePanel("answer_words", heading="Mots lus comme statut", min_num=1),
        ShownPanel(
            "activation/gestion/words/exchange_panel.html",
            heading="Avec les colonnes enregistrées",
        ),
    ]

    class Meta:
        verbose_name = "échange avec SFR"
        default_permissions = ("change",)

    def example(self) -> dict[str, Any]:
        """Return the beginning of a file with an invented request: its CSV, and each column."""
        from activation.exchange.formats import NotWritable, sample  # noqa: PLC0415  (imports us)

        try:
            text, pairs = sample(self)
        except NotWritable as error:
            return {"problem": error.message}
        return {"csv": text, "columns": pairs}

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Show the beginning of the file with what is typed."""
        return "activation/gestion/words/exchange_preview.html"


class ExchangeColumn(Orderable):
    """A column of the batch file."""

    class Source(models.TextChoices):
        REFERENCE = "reference", "Référence de la demande"
        ICCID = "iccid", "ICCID"
        CIVILITY = "civility", "Civilité"
        LAST_NAME = "last_name", "Nom"
        FIRST_NAME = "first_name", "Prénom"
        BIRTH_DATE = "birth_date", "Date de naissance"
        BIRTH_DEPARTMENT = "birth_department", "Département de naissance"
        BIRTH_COUNTRY = "birth_country", "Pays de naissance"
        PORTABILITY = "portability", "Portabilité (oui ou non)"
        CURRENT_NUMBER = "current_number", "Numéro à garder"
        RIO = "rio", "Code RIO"
        CONTACT_PHONE = "contact_phone", "Portable à prévenir"

    settings = ParentalKey(ExchangeFormat, on_delete=models.CASCADE, related_name="columns")
    source: "models.CharField[str, str]" = models.CharField("donnée", max_length=20, choices=Source)
    heading: "models.CharField[str, str]" = models.CharField("titre de la colonne", max_length=60)

    class Meta(Orderable.Meta):
        verbose_name = "colonne du fichier"
        verbose_name_plural = "colonnes du fichier"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.heading)


class AnswerColumn(Orderable):
    """A heading under which SFR's answers give something; several may mean the same."""

    class Target(models.TextChoices):
        ICCID = "iccid", "ICCID"
        STATUS = "status", "Statut"
        LINE_NUMBER = "line_number", "Numéro de la ligne"
        REASON = "reason", "Motif"
        PORTING_ON = "porting_on", "Date de portabilité"

    settings = ParentalKey(ExchangeFormat, on_delete=models.CASCADE, related_name="answer_columns")
    heading: "models.CharField[str, str]" = models.CharField("titre lu", max_length=60)
    target: "models.CharField[str, str]" = models.CharField(
        "signifie", max_length=20, choices=Target
    )

    class Meta(Orderable.Meta):
        verbose_name = "colonne des réponses"
        verbose_name_plural = "colonnes des réponses"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.heading)


class AnswerWord(Orderable):
    """A word that SFR writes as a status, and the state that it means."""

    class Meaning(models.TextChoices):
        ACTIVATED = "activated", "Activée"
        REFUSED = "refused", "Refusée"
        PORTING = "porting", "Portabilité en cours"
        TO_CORRECT = "to_correct", "À corriger"

    settings = ParentalKey(ExchangeFormat, on_delete=models.CASCADE, related_name="answer_words")
    word: "models.CharField[str, str]" = models.CharField("mot lu", max_length=60)
    meaning: "models.CharField[str, str]" = models.CharField(
        "signifie", max_length=20, choices=Meaning
    )

    class Meta(Orderable.Meta):
        verbose_name = "mot des réponses"
        verbose_name_plural = "mots des réponses"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.word)


class Batch(models.Model):
    """Requests handed to SFR together, by a file or one call each."""

    class Gateway(models.TextChoices):
        FILE = "file", "Fichier"
        HTTP = "http", "Service de SFR"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    gateway = models.CharField("par", max_length=10, choices=Gateway)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="transmis par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("transmis le", auto_now_add=True)
    # Drawn with the page, so that a double click makes one batch.
    key = models.UUIDField("clé d’envoi", unique=True, editable=False)

    class Meta:
        verbose_name = "lot transmis"
        verbose_name_plural = "lots transmis"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Lot {self.pk}"


class Transmission(models.Model):
    """One request in one batch. ``key`` names it to SFR: a repeat is recognised by it."""

    batch = models.ForeignKey(
        Batch, verbose_name="lot", on_delete=models.PROTECT, related_name="transmissions"
    )
    request = models.ForeignKey(
        ActivationRequest,
        verbose_name="demande",
        on_delete=models.PROTECT,
        related_name="transmissions",
    )
    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    position = models.PositiveIntegerField("rang")
    #: When SFR's service has taken it; a file is taken as it is made.
    accepted_at = models.DateTimeField("reçue par SFR le", null=True, blank=True)
    answered_at = models.DateTimeField("réponse le", null=True, blank=True)

    class Meta:
        verbose_name = "transmission"
        verbose_name_plural = "transmissions"
        ordering = ("batch", "position")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("batch", "request"),
                name="activation_once_in_batch",
                violation_error_message="Cette demande est déjà dans ce lot.",
            ),
            models.UniqueConstraint(
                fields=("batch", "position"),
                name="activation_batch_position",
                violation_error_message="Ce rang est pris.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"


class AnswerSheet(models.Model):
    """A file of SFR's answers, shown before it is applied. Its lines are a beneficiary's data."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="déposé par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("déposé le", auto_now_add=True, db_index=True)
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)
    # Emptied once applied; the counts stay.
    content = EncryptedTextField("lignes", blank=True, help_text="JSON")
    counts = models.JSONField("bilan", default=dict, blank=True)

    class Meta:
        verbose_name = "fichier de réponses"
        verbose_name_plural = "fichiers de réponses"
        ordering = ("-pk",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | blank("content"),
                name="activation_answers_emptied",
                violation_error_message="Un fichier appliqué ne garde pas ses lignes.",
            ),
        )

    def __str__(self) -> str:
        return f"Réponses {self.uuid}"


class Callback(models.Model):
    """A signed message of SFR's service: kept by its identifier, so that a repeat does nothing."""

    event = models.CharField("identifiant", max_length=64, unique=True)
    transmission = models.ForeignKey(
        Transmission,
        verbose_name="transmission",
        on_delete=models.PROTECT,
        related_name="callbacks",
    )
    received_at = models.DateTimeField("reçu le", auto_now_add=True)
    # SFR's own count for this transmission, where it keeps one: what comes late is recognised.
    sequence = models.PositiveIntegerField("rang", null=True, blank=True)
    outcome = models.CharField("effet", max_length=20)

    class Meta:
        verbose_name = "message de SFR"
        verbose_name_plural = "messages de SFR"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return self.event
