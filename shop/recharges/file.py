"""Recharge numbers on a structure's page in the back office, and the faulty ones that wait."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from portal.structures.desk import Task
from portal.structures.file import FilePanel, register, register_acts, register_count
from portal.structures.models import Structure
from shop.recharges.models import FaultyReport, RechargeCode

_SENTENCES = {
    "recharges.reported": "Numéro de recharge signalé défectueux",
    "recharges.report_decided": "Signalement d’un numéro tranché",
}
_WAITING = FaultyReport.State.WAITING


@register("30-codes")
def codes(structure: Structure) -> FilePanel:
    """Count the numbers by state, and name the reports that wait. Two queries."""
    given = RechargeCode.objects.filter(order_line__order__placed__structure=structure)
    counts = given.order_by().aggregate(
        given=Count("pk", filter=Q(state=RechargeCode.State.GIVEN)),
        unseen=Count("pk", filter=Q(state=RechargeCode.State.GIVEN, first_shown_at__isnull=True)),
        quarantined=Count("pk", filter=Q(state=RechargeCode.State.QUARANTINED)),
    )
    reports = FaultyReport.objects.filter(structure=structure, state=_WAITING).order_by("pk")
    return FilePanel(
        "Numéros de recharge",
        "shop/gestion/file_codes.html",
        counts,
        [
            Task(
                f"Un numéro signalé défectueux le {one.reported_at:%d/%m/%Y} attend votre décision",
                reverse("defectueux:detail", args=[one.uuid]),
            )
            for one in reports
        ],
    )


@register_count("faulty")
def waiting() -> Mapping[int, int]:
    """Count the reports that wait for a référent."""
    found = FaultyReport.objects.filter(state=_WAITING).order_by().values_list("structure")
    return dict(found.annotate(number=Count("pk")))


@register_acts("codes", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's numbers."""
    return [RechargeCode.objects.filter(order_line__order__placed__structure=structure)]
