"""A structure that asks to join: what it said, its members, its needs, the log of its states."""

import secrets
import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.structures.models import Agreement, Structure, validate_rna, validate_siret


class State(models.TextChoices):
    """Where a candidature stands; the moves are in `portal.candidatures.states`."""

    DRAFT = "draft", "Brouillon"
    SUBMITTED = "submitted", "À étudier"
    TO_COMPLETE = "to_complete", "À compléter"
    ACCEPTED = "accepted", "Acceptée"
    REFUSED = "refused", "Refusée"
    WITHDRAWN = "withdrawn", "Retirée"


#: The candidate may change what they said.
EDITABLE = frozenset({State.DRAFT, State.TO_COMPLETE})
#: A référent or the candidate has it in hand; one for each SIRET.
OPEN = frozenset({State.SUBMITTED, State.TO_COMPLETE})
#: It led nowhere and nobody may move it any more.
CLOSED = frozenset({State.REFUSED, State.WITHDRAWN})
#: The name of one whose people were forgotten; see `portal.candidatures.retention`.
ANONYMOUS = "Candidature anonymisée"


def new_key() -> str:
    """Return an unguessable key of 128 bits."""
    return secrets.token_urlsafe(16)


class CandidatureQuerySet(models.QuerySet["Candidature"]):
    """Candidatures by what they wait for."""

    def open(self) -> Self:
        """Keep those that were sent and are not decided."""
        return self.filter(state__in=OPEN)

    def twins_of(self, one: "Candidature") -> Self:
        """Keep the others in hand that carry the same SIRET or RNA number."""
        same = Q(pk__in=())
        if one.siret:
            same |= Q(siret=one.siret)
        if one.rna:
            same |= Q(rna=one.rna)
        return self.open().filter(same).exclude(pk=one.pk)


class Candidature(models.Model):
    """Names and addresses here are professional contacts; `key` is what the link carries."""

    State = State

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("clé du lien", max_length=40, default=new_key, unique=True)
    state = models.CharField("état", max_length=20, choices=State, default=State.DRAFT)
    saved_steps = ArrayField(models.CharField(max_length=20), verbose_name="étapes", default=list)
    email = models.EmailField("adresse e-mail de suivi")
    email_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)

    name = models.CharField("nom de la structure", max_length=200, blank=True)
    kind = models.CharField("type", max_length=20, choices=Structure.Kind, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[validate_siret])
    rna = models.CharField("numéro RNA", max_length=10, blank=True, validators=[validate_rna])
    public = models.CharField("public accueilli", max_length=200, blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    delivery_mode = models.CharField(
        "cartes SIM", max_length=10, choices=Agreement.Delivery, blank=True
    )
    lead_first_name = models.CharField("prénom du référent", max_length=150, blank=True)
    lead_last_name = models.CharField("nom du référent", max_length=150, blank=True)
    lead_email = models.EmailField("adresse e-mail du référent", blank=True)
    lead_phone = models.CharField("téléphone du référent", max_length=20, blank=True)
    equipment = models.TextField("équipement souhaité", max_length=1000, blank=True)

    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="candidatures",
    )
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="référent Emmaüs Connect",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("commencée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)
    submitted_at = models.DateTimeField("envoyée le", null=True, blank=True)
    promised_on = models.DateField("réponse promise pour le", null=True, blank=True)

    objects = CandidatureQuerySet.as_manager()

    class Meta:
        verbose_name = "candidature"
        verbose_name_plural = "candidatures"
        ordering = ("-pk",)
        default_permissions = ("view", "change")
        indexes = (
            models.Index(fields=("state", "promised_on"), name="candidatures_by_promise"),
            models.Index(fields=("updated_at",), name="candidatures_by_age"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("siret",),
                condition=Q(state__in=sorted(OPEN)) & ~Q(siret=""),
                name="candidatures_siret_once",
                violation_error_message="Une candidature est déjà en cours pour ce SIRET.",
            ),
            models.UniqueConstraint(
                fields=("rna",),
                condition=Q(state__in=sorted(OPEN)) & ~Q(rna=""),
                name="candidatures_rna_once",
                violation_error_message="Une candidature est déjà en cours pour ce numéro RNA.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.WITHDRAWN])
                | Q(submitted_at__isnull=False, promised_on__isnull=False) & ~Q(name=""),
                name="candidatures_sent_is_dated",
                violation_error_message="Une candidature envoyée porte un nom et des dates.",
            ),
            models.CheckConstraint(
                condition=Q(state=State.ACCEPTED, structure__isnull=False)
                | ~Q(state=State.ACCEPTED) & Q(structure__isnull=True),
                name="candidatures_accepted_has_structure",
                violation_error_message="Une candidature acceptée, et elle seule, a sa structure.",
            ),
        )

    def __str__(self) -> str:
        return self.name or "Candidature sans nom"

    @property
    def is_editable(self) -> bool:
        """Return whether the candidate may change what they said."""
        return self.state in EDITABLE

    @property
    def is_anonymised(self) -> bool:
        """Return whether nothing says any more who asked."""
        return not self.email

    @property
    def reference(self) -> str:
        """Return what colleagues call it by: the first letters of its address in the board."""
        return self.uuid.hex[:8].upper()

    @property
    def lead_name(self) -> str:
        """Return the name of the structure's référent."""
        return f"{self.lead_first_name} {self.lead_last_name}".strip()


class CandidatureMember(models.Model):
    """A colleague who will order too."""

    candidature = models.ForeignKey(Candidature, on_delete=models.CASCADE, related_name="members")
    first_name = models.CharField("prénom", max_length=150)
    last_name = models.CharField("nom", max_length=150)
    email = models.EmailField("adresse e-mail")

    class Meta:
        verbose_name = "membre annoncé"
        verbose_name_plural = "membres annoncés"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("candidature", "email"),
                name="candidatures_member_once",
                violation_error_message="Cette adresse est déjà dans la liste.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Need(models.Model):
    """How many units of a product the structure asks for each month.

    The product is named by its code and by its title of that day: the catalogue is the shop's.
    """

    candidature = models.ForeignKey(Candidature, on_delete=models.CASCADE, related_name="needs")
    upc = models.CharField("code du produit", max_length=64)
    title = models.CharField("produit", max_length=255)
    per_month = models.PositiveIntegerField("par mois", validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = "besoin"
        verbose_name_plural = "besoins"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("candidature", "upc"), name="candidatures_need_once"),
            models.CheckConstraint(
                condition=Q(per_month__gte=1),
                name="candidatures_need_positive",
                violation_error_message="Un besoin est d’au moins 1 par mois.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}\u00a0: {self.per_month} par mois"


class CandidatureEvent(models.Model):
    """A row of the log: from which state to which, by whom, why."""

    candidature = models.ForeignKey(Candidature, on_delete=models.CASCADE, related_name="events")
    was = models.CharField("de", max_length=20, blank=True)
    now = models.CharField("à", max_length=20, choices=State)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide\u00a0: la personne qui candidate.",
    )
    reason = models.CharField("motif", max_length=1000, blank=True)
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "étape d’une candidature"
        verbose_name_plural = "étapes des candidatures"
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.was} → {self.now}"
