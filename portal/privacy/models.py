"""The audit trail: who did what to which object, when. No personal data in it."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act. ``details`` holds identifiers, counts and reasons, never a person's data."""

    at = models.DateTimeField("le", auto_now_add=True, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    action = models.CharField("action", max_length=80, db_index=True)
    target_type = models.CharField("type d’objet", max_length=80)
    target_id = models.CharField("identifiant de l’objet", max_length=64)
    details = models.JSONField("détails", default=dict, blank=True)

    class Meta:
        verbose_name = "trace"
        verbose_name_plural = "traces"
        ordering = ("-pk",)
        indexes = (models.Index(fields=("target_type", "target_id"), name="audit_target"),)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"
