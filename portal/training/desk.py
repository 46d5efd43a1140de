"""What training asks for on the dashboard of MON COMPTE, and tells of the eight steps."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership
from portal.structures.steps import Fact, register_fact
from portal.training.models import Registration, TrainingSession


@register("training")
def training(membership: Membership) -> Panel:
    """Ask whoever is not trained to choose a session. No query."""
    if membership.is_trained:
        return Panel()
    return Panel(tasks=[Task("Inscrivez-vous à une formation", reverse("training:index"))])


@register_fact(Fact.REGISTERED)
def registered(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when somebody of each structure first got a seat in a training to the platform."""
    rows = (
        Membership.objects.filter(
            structure__in=structures,
            is_active=True,
            user__registrations__state=Registration.State.REGISTERED,
            user__registrations__session__kind=TrainingSession.Kind.PLATFORM,
        )
        .order_by()
        .values_list("structure")
        .annotate(at=Min("user__registrations__registered_at"))
    )
    return {key: timezone.localdate(at) for key, at in rows}
