"""What candidatures tell of a structure's eight steps, and the panel « Vos étapes »."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Max, Min
from django.utils import timezone

from portal.candidatures.models import Candidature, CandidatureEvent, State
from portal.structures.desk import Panel, register
from portal.structures.models import Membership
from portal.structures.steps import Fact, known, register_fact, steps


@register_fact(Fact.SUBMITTED)
def submitted(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when the candidature of each structure came."""
    rows = Candidature.objects.filter(structure__in=structures).order_by().values_list("structure")
    return {key: timezone.localdate(at) for key, at in rows.annotate(at=Min("submitted_at"))}


@register_fact(Fact.ACCEPTED)
def accepted(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when the candidature of each structure was accepted."""
    rows = CandidatureEvent.objects.filter(
        candidature__structure__in=structures, now=State.ACCEPTED
    )
    days = rows.order_by().values_list("candidature__structure").annotate(at=Max("at"))
    return {key: timezone.localdate(at) for key, at in days}


@register("0-steps")
def your_steps(membership: Membership) -> Panel:
    """Show the eight steps until the first order. One query for those who have ordered."""
    if known(Fact.ORDERED, [membership.structure_id]):
        return Panel()
    return Panel(
        title="Vos étapes",
        template="structures/steps.html",
        context={"steps": steps(membership.structure)},
    )
