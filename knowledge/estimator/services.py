"""From what was typed to the result: Go a month, the margin, and the recharge that suffices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.http import HttpRequest

from knowledge.estimator import arithmetic
from knowledge.estimator.advice import Advice, advise
from knowledge.estimator.forms import EstimateForm
from portal.structures.access import current_membership
from portal.structures.offer import offered

if TYPE_CHECKING:
    from knowledge.estimator.models import DataUsage


@dataclass(frozen=True)
class Line:
    """What one usage takes in a month."""

    usage: "DataUsage"
    amount: str
    total: str


@dataclass(frozen=True)
class Result:
    """A form, and what follows from it.

    Attributes:
        form: one field for each usage; unbound where nothing was asked.
        lines: the usages that count.
        total: what they take in a month, in words; empty where there is no result.
        between: the range around it, in words.
        margin: per cent.
        advice: what to buy; none where nothing suffices.
        can_order: whether the visitor has a basket.
    """

    form: EstimateForm
    lines: list[Line] = field(default_factory=list)
    total: str = ""
    between: str = ""
    margin: int = 0
    advice: Advice | None = None
    can_order: bool = False


def answer(request: HttpRequest, usages: Sequence["DataUsage"], *, margin: int) -> Result:
    """Read the address of a request, and work out the result.

    Args:
        request: its query string holds the amounts.
        usages: those that are published.
        margin: per cent, both ways.
    """
    asked = any(usage.key in request.GET for usage in usages)
    form = EstimateForm(request.GET if asked else None, usages=usages)
    if not form.is_valid():
        return Result(form)
    lines = [
        (usage, amount, arithmetic.grains(amount, usage.rate)) for usage, amount in form.amounts()
    ]
    amount = sum(grains for _, _, grains in lines)
    between = arithmetic.spread(amount, margin)
    advice = advise(amount, highest=between.highest, products=offered())
    return Result(
        form=form,
        lines=[
            Line(usage, usage.amount_in_words(units), arithmetic.words(grains))
            for usage, units, grains in lines
        ],
        total=arithmetic.words(amount),
        between=str(between),
        margin=margin,
        advice=advice,
        can_order=request.user.is_authenticated and current_membership(request) is not None,
    )
