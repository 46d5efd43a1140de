"""Free quotas on a structure's page in the back office."""

from typing import Any

from django.db.models import QuerySet

from portal.structures.file import FilePanel, register, register_acts
from portal.structures.models import Structure
from shop.quotas.models import FreeQuota
from shop.quotas.services import open_quotas

_SENTENCES = {"quotas.changed": "Dotation gratuite modifiée"}


@register("10-quotas")
def quotas(structure: Structure) -> FilePanel:
    """Show what is taken of each open quota, as bars. One query."""
    return FilePanel(
        "Dotations gratuites en cours",
        "shop/gestion/file_quotas.html",
        {"quotas": open_quotas(structure)},
    )


@register_acts("quotas", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's quotas."""
    return [FreeQuota.objects.filter(structure=structure)]
