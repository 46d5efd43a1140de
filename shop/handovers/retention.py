"""How long the carnet says to whom a number went."""

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from portal.privacy.services import record
from portal.structures.models import Structure
from shop.handovers.models import HandOver


@transaction.atomic
def purge_references() -> int:
    """Forget the references of old hand-overs: the text and its fingerprint.

    Dates and amounts stay: without the reference they are nobody's. What was purged is proved by
    one row of the trail a structure. A replay finds nothing and writes nothing.

    Returns:
        How many were forgotten.
    """
    until = timezone.localdate() - settings.HANDOVER_REFERENCES_KEPT
    old = HandOver.objects.filter(handed_on__lt=until).exclude(reference_fingerprint="")
    keys = list(old.order_by("pk").select_for_update().values_list("pk", flat=True))
    rows = HandOver.objects.filter(pk__in=keys)
    counts = dict(rows.order_by().values_list("structure").annotate(purged=Count("pk")))
    rows.update(reference="", reference_fingerprint="")
    for structure in Structure.objects.filter(pk__in=counts).order_by("pk"):
        record(
            by=None,
            action="handovers.references_purged",
            target=structure,
            count=counts[structure.pk],
            before=until.isoformat(),
        )
    return len(keys)
