"""From the shop to the numbers, click by click."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from portal.accounts.roles import Role
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder, StructureBasket
from shop.quotas.models import FreeQuota
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.conftest import Counter, hidden, numbers

Text = Callable[[Any], str]
NOBODY = UUID(int=7)
QUANTITIES = ["0", "-1", "abc", str(10**9), "", "²", "1.5", "21", " ", "1e1", "٣"]


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_four_clicks_lead_from_the_shop_to_the_number(partner: Counter, text: Text) -> None:
    factories.quota(partner.member.structure, "monde", 1)
    factories.lot("monde", ["0123456789", "0000000042"])

    shop = partner.get("/offre-solidaire/")
    assert "Gratuit\u00a0: il vous en reste 1" in text(shop)

    added = partner.add("monde", 2)  # 1
    assert (added.status_code, added.url) == (302, "/offre-solidaire/")
    assert "Ajouté au panier\u00a0: 2\u00a0×\u00a0Monde." in text(partner.get(added.url))

    basket = partner.get("/panier/")  # 2
    assert "1 gratuit" in text(basket)
    assert "1 payant" in text(basket)
    assert "5,00\u00a0€ seront facturés à votre structure" in text(basket)

    fields = {name: hidden(basket, name) for name in ("key", "seen")}
    answer = partner.post("/commande/", **fields)  # 3
    placed = PlacedOrder.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/commande/{placed.uuid}/")
    assert sorted(numbers(partner.get(answer.url))) == ["0000000042", "0123456789"]


def test_a_free_basket_says_that_nothing_will_be_billed(partner: Counter, text: Text) -> None:
    factories.quota(partner.member.structure, "monde", 5)
    partner.add("monde", 2)
    assert "Cette commande est gratuite\u00a0: rien ne sera facturé." in text(
        partner.get("/panier/")
    )


def test_an_empty_basket_leads_to_the_shop(partner: Counter, text: Text) -> None:
    page = partner.get("/panier/")
    assert "Votre panier est vide" in text(page)
    assert 'action="/commande/"' not in page.content.decode()


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_wrong_quantity_is_not_added(partner: Counter, quantity: str) -> None:
    answer = partner.add("monde", quantity)

    assert (answer.status_code, answer.url) == (302, "/offre-solidaire/")
    assert said(answer)[0].startswith(
        ("La quantité doit être", "«\u00a0Monde\u00a0»\u00a0: choisissez une quantité de 1 à 20.")
    )
    assert StructureBasket.objects.count() == 0


@pytest.mark.parametrize("quantity", [each for each in QUANTITIES if each != "0"])
def test_a_wrong_quantity_leaves_the_line_as_it_was(partner: Counter, quantity: str) -> None:
    partner.add("monde", 2)
    line = hidden(partner.get("/panier/"), "line")

    answer = partner.post("/panier/modifier/", line=line, quantity=quantity)

    assert (answer.status_code, answer.url) == (302, "/panier/")
    assert baskets.count_items(partner.member) == 2


def test_a_line_is_changed_then_removed(partner: Counter) -> None:
    partner.add("monde", 2)
    line = hidden(partner.get("/panier/"), "line")
    counts = []
    for quantity in (5, 0, 3):
        partner.post("/panier/modifier/", line=line, quantity=quantity)
        counts.append(baskets.count_items(partner.member))
    assert counts == [5, 0, 0]


@pytest.mark.parametrize("line", ["", "0", "-1", "abc", "9" * 30, "²"])
def test_a_line_that_is_not_there_is_told(partner: Counter, line: str) -> None:
    answer = partner.post("/panier/modifier/", line=line, quantity=1)
    assert said(answer) == ["Cette ligne n’est plus dans votre panier."]


def test_a_strangers_line_is_not_there(partner: Counter, stranger: Counter) -> None:
    stranger.add("monde", 2)
    line = hidden(stranger.get("/panier/"), "line")
    partner.add("monde", 1)

    answer = partner.post("/panier/modifier/", line=line, quantity=0)

    assert said(answer)[-1] == "Cette ligne n’est plus dans votre panier."
    assert baskets.count_items(stranger.member) == 2


@pytest.mark.parametrize("upc", ["", "inconnu", "monde\0", "<script>", "é" * 500])
def test_an_unknown_product_is_told(partner: Counter, upc: str) -> None:
    answer = partner.add(upc)
    assert answer.status_code == 302
    assert said(answer)[0].startswith("Ce produit n’est plus proposé.")


def test_the_basket_is_emptied(partner: Counter) -> None:
    partner.add("monde", 2)
    answer = partner.post("/panier/vider/")
    assert (answer.status_code, answer.url) == (302, "/panier/")
    assert baskets.count_items(partner.member) == 0


def test_a_double_click_places_one_order(partner: Counter) -> None:
    factories.lot("monde", factories.codes(5))
    partner.add("monde", 2)
    fields = partner.form()

    answers = [partner.post("/commande/", **fields) for _ in range(3)]

    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    assert PlacedOrder.objects.count() == 1
    assert RechargeCode.objects.filter(state="given").count() == 2


def test_reading_the_confirmation_leads_to_the_basket(partner: Counter) -> None:
    answer = partner.get("/commande/")
    assert (answer.status_code, answer.url) == (302, "/panier/")


def test_a_changed_total_is_shown_and_asked_again(
    partner: Counter, colleague: Counter, text: Text
) -> None:
    factories.quota(partner.member.structure, "monde", 1)
    factories.lot("monde", factories.codes(5))
    partner.add("monde")
    fields = partner.form()
    colleague.order(monde=1)

    answer = partner.post("/commande/", **fields)

    assert answer.status_code == 409
    assert "Le total a changé" in text(answer)
    assert "5,00\u00a0€ seront facturés" in text(answer)
    assert "Accepter et valider la commande" in text(answer)
    assert PlacedOrder.objects.count() == 1
    again = {name: hidden(answer, name) for name in ("key", "seen")}
    assert again["key"] == fields["key"]
    assert partner.post("/commande/", **again).status_code == 302


def test_out_of_stock_keeps_the_basket(partner: Counter, text: Text) -> None:
    factories.lot("monde", factories.codes(1))
    partner.add("monde", 2)

    answer = partner.post("/commande/", **partner.form())

    assert answer.status_code == 409
    assert "il n’en reste que 1 en stock" in text(answer)
    assert baskets.count_items(partner.member) == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 409),
        ({"key": "abc", "seen": ""}, 409),
        ({"key": str(NOBODY), "seen": ""}, 409),
        ({"key": "\0", "seen": "\0"}, 409),
    ],
)
def test_a_key_that_is_nobodys_orders_nothing(
    partner: Counter, text: Text, fields: dict[str, str], status: int
) -> None:
    partner.add("monde")
    answer = partner.post("/commande/", **fields)
    assert answer.status_code == status
    assert "Ce panier n’existe pas ou n’est plus le vôtre." in text(answer)


def test_someone_elses_key_orders_nothing(partner: Counter, colleague: Counter) -> None:
    factories.lot("monde", factories.codes(5))
    colleague.add("monde")
    assert partner.post("/commande/", **colleague.form()).status_code == 409
    assert PlacedOrder.objects.count() == 0


def test_beyond_the_quota_there_is_no_button(partner: Counter, text: Text) -> None:
    factories.quota(partner.member.structure, "recharge-exceptionnelle", 3)
    partner.add("recharge-exceptionnelle", 3)
    fields = partner.form()
    FreeQuota.objects.update(used=1)

    page = partner.get("/panier/")
    assert "1 en trop" in text(page)
    assert "il vous en reste 2. Réduisez la quantité." in text(page)
    assert 'name="seen"' not in page.content.decode()
    assert partner.post("/commande/", **fields).status_code == 422


def test_without_a_convention_the_basket_says_why_and_waits(partner: Counter, text: Text) -> None:
    partner.add("monde")
    fields = partner.form()
    partner.member.structure.agreements.all().delete()

    page = partner.get("/panier/")
    assert "Votre panier est conservé" in text(page)
    assert 'name="seen"' not in page.content.decode()
    assert partner.post("/commande/", **fields).status_code == 409
    assert baskets.count_items(partner.member) == 1


def test_switching_structure_switches_the_basket(partner: Counter, text: Text) -> None:
    other = factories.MembershipFactory(user=partner.member.user)
    partner.add("monde", 2)
    assert hidden(partner.get("/offre-solidaire/"), "structure") == str(other.structure.uuid)

    partner.post("/changer-de-structure/", structure=other.structure.uuid)
    assert "Votre panier est vide" in text(partner.get("/panier/"))
    partner.add("monde-economique", 3)
    partner.post("/changer-de-structure/", structure=partner.member.structure.uuid)

    counts = [baskets.count_items(member) for member in (partner.member, other)]
    assert counts == [2, 3]
    partner.get("/offre-solidaire/")  # where the message about the other basket is read
    assert "Monde économique" not in text(partner.get("/panier/"))


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/offre-solidaire/", "get"),
        ("/panier/", "get"),
        ("/panier/ajouter/", "post"),
        ("/panier/modifier/", "post"),
        ("/panier/vider/", "post"),
        ("/commande/", "post"),
        (f"/commande/{NOBODY}/", "get"),
        ("/mon-compte/commandes/", "get"),
        ("/mon-compte/recharges/", "get"),
        (f"/mon-compte/recharges/{NOBODY}/", "post"),
    ],
)
def test_the_shop_is_for_members(partner: Counter, path: str, method: str) -> None:
    anonymous, staff = Client(), Client()
    staff.force_login(factories.UserFactory(role=Role.REFERENT))

    assert getattr(anonymous, method)(path).url == f"/connexion/?next={path}"
    assert getattr(staff, method)(path).status_code == 403


@pytest.mark.parametrize("path", ["ajouter", "modifier", "vider"])
def test_reading_changes_nothing(partner: Counter, path: str) -> None:
    assert partner.get(f"/panier/{path}/").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/offre-solidaire/",
        "/panier/",
        "/mon-compte/",
        "/mon-compte/commandes/",
        "/mon-compte/recharges/",
    ],
)
def test_no_page_of_the_shop_is_kept_by_the_browser(partner: Counter, path: str) -> None:
    kept = partner.get(path).headers["Cache-Control"]
    assert {"no-store", "private"} <= set(re.split(r",\s*", kept))
