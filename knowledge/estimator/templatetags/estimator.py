"""``{% load estimator %}``."""

from typing import Any

from django import template

from knowledge.estimator.models import EstimatorPage

register = template.Library()


@register.inclusion_tag("knowledge/estimator/card.html")
def estimator_card() -> dict[str, Any]:
    """``{% estimator_card %}``: a card that leads to the calculator, as long as it is public.

    Pages are drawn without their visitor and kept for all: a restricted one is named to nobody.
    """
    return {"page": EstimatorPage.objects.live().public().first()}
