"""Activation requests, as something that an assistance request points at: nobody's data."""

from uuid import UUID

from django.urls import reverse

from activation.models import ActivationRequest
from portal.structures.about import PROPOSED, Provider, Thing, register
from portal.structures.models import Membership
from portal.ui.templatetags.french import moment


def _choices(membership: Membership) -> list[Thing]:
    mine = ActivationRequest.objects.filter(structure=membership.structure_id)
    newest = mine.without_personal_data().order_by("-pk")
    return [_thing(one) for one in newest[:PROPOSED]]


def _resolve(structure: int, uuid: UUID) -> Thing | None:
    mine = ActivationRequest.objects.filter(structure=structure, uuid=uuid)
    return next(map(_thing, mine.without_personal_data()), None)


def _thing(request: ActivationRequest) -> Thing:
    return Thing(
        uuid=request.uuid,
        label=f"Activation {request.reference}, {moment(request.submitted_at)}",
        path=reverse("activation:detail", args=[request.uuid]),
        desk_path=reverse("activations:detail", args=[request.uuid]),
    )


register("activation", Provider("Activations", _choices, _resolve))
