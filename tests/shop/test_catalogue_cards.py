"""OFFRE SOLIDAIRE: what a card says before somebody is disappointed, at a constant cost."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.ordering.views.catalogue import Offer, offers
from shop.products.models import ProductTerms
from shop.products.services import set_picture
from tests import factories
from tests.shop.campaigns import referent, text
from tests.shop.conftest import Counter
from tests.shop.test_products_backoffice import picture

pytestmark = pytest.mark.django_db

PATH = "/offre-solidaire/"


def card(partner: Counter, upc: str) -> Offer:
    quotas = list(partner.member.structure.free_quotas.order_by("ends_on", "pk"))
    return next(one for one in offers(quotas) if one.product.upc == upc)


@pytest.mark.parametrize(
    ("stock", "scarce", "most"),
    [(0, "", 0), (1, "Plus que 1 en stock", 1), (19, "Plus que 19 en stock", 19), (20, "", 20)],
)
def test_the_quantity_goes_no_higher_than_the_stock(
    partner: Counter, stock: int, scarce: str, most: int
) -> None:
    if stock:
        factories.lot("monde", factories.codes(stock))
    one = card(partner, "monde")

    assert (one.scarce, one.most, one.can_order) == (scarce, most, stock > 0)
    words = text(partner.get(PATH))
    assert (scarce in words) is True
    assert words.count("En rupture de stock pour le moment.") == (4 if stock else 5)


def test_a_large_limit_is_met_by_a_large_stock(partner: Counter) -> None:
    ProductTerms.objects.filter(product__upc="monde").update(order_limit=60)
    factories.lot("monde", factories.codes(50))
    assert (card(partner, "monde").scarce, card(partner, "monde").most) == (
        "Plus que 50 en stock",
        50,
    )


def test_what_exists_on_a_quota_only_stops_at_the_quota(partner: Counter) -> None:
    factories.lot("recharge-exceptionnelle", factories.codes(9))
    assert card(partner, "recharge-exceptionnelle").can_order is False
    assert "votre structure n’en a plus." in text(partner.get(PATH))

    factories.quota(partner.member.structure, "recharge-exceptionnelle", 3)
    factories.quota(partner.member.structure, "carte-sim", 2)

    assert card(partner, "recharge-exceptionnelle").most == 3
    assert card(partner, "carte-sim").most == 2


def test_pictures_cost_one_query_in_all(partner: Counter, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    costs = [cost(partner)]
    for upc in ("monde", "illimite-france"):
        file = ContentFile(picture().read(), name="carte.png")
        set_picture(by=referent(), product=factories.product(upc), alt="Une carte", file=file)
        costs.append(cost(partner))

    assert costs == [costs[0], costs[0] + 1, costs[0] + 1]
    page = partner.get(PATH).content.decode()
    assert len(re.findall(r'<img [^>]*alt="Une carte"', page)) == 2


def cost(partner: Counter) -> int:
    """Count what the page asks of the database, when its renditions are made."""
    partner.get(PATH)
    with CaptureQueriesContext(connection) as seen:
        assert partner.get(PATH).status_code == 200
    return len(seen)
