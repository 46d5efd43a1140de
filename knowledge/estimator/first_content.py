"""Load ``knowledge/content/estimator.toml``: the usages and the page, where they are missing."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from knowledge import writing
from knowledge.estimator.models import DataUsage, EstimatorPage
from knowledge.first_content import CONTENT, add_page, publish
from knowledge.models import ResourceIndexPage

UNSET = frozenset({"slug", "drawing", "period", "source_url"})


@transaction.atomic
def load(index: ResourceIndexPage) -> int:
    """Write the missing usages and page; return how many.

    Args:
        index: RESSOURCES, above the page.
    """
    content = writing.read(CONTENT / "estimator.toml")
    page = EstimatorPage(**writing.set_texts(content["page"]))
    return _load_usages(content["usage"]) + (add_page(index, page) is not None)


def _load_usages(entries: list[dict[str, Any]]) -> int:
    known = set(DataUsage.objects.values_list("name", flat=True))
    written = 0
    for rank, entry in enumerate(entries, start=1):
        values = writing.set_texts(entry, keep=UNSET)
        if values["name"] in known:
            continue
        values |= {name: Decimal(str(values[name])) for name in ("megabytes", "step")}
        usage = DataUsage(position=10 * rank, **values)
        usage.full_clean()
        usage.save()
        publish(usage)
        written += 1
    return written
