"""MON COMPTE: the history's filters, ordering again, dictating; and the référent's orders."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from shop.ordering.models import PlacedOrder
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.conftest import Counter, numbers

Text = Callable[[Any], str]


@pytest.fixture
def placed(partner: Counter) -> PlacedOrder:
    factories.lot("monde", factories.codes(10))
    return partner.order(monde=2)


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(factories.UserFactory(role=Role.REFERENT))
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("n={number}", True),
        ("n=n° {number}", True),
        ("n=99", False),
        ("n=abc", False),
        ("etat=passee", True),
        ("etat=annulee", False),
        ("etat=autre", True),
        ("du=2020-01-01", True),
        ("du=2120-01-01", False),
        ("au=2020-01-01", False),
        ("au=demain", True),
    ],
)
def test_the_history_is_filtered(
    partner: Counter, placed: PlacedOrder, query: str, found: bool
) -> None:
    page = partner.get("/mon-compte/commandes/?" + query.format(number=placed.order.number))
    assert page.status_code == 200
    assert (f"/commande/{placed.uuid}/" in page.content.decode()) == found


def test_ordering_again_fills_the_basket(partner: Counter, placed: PlacedOrder) -> None:
    answer = partner.post(f"/commande/{placed.uuid}/recommander/")
    assert answer.url == "/panier/"
    assert [line.wanted.quantity for line in partner.get("/panier/").context["split"].lines] == [2]


def test_ordering_again_says_what_is_gone(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    product = factories.product("monde")
    product.is_public = False
    product.save()
    page = partner.client.post(f"/commande/{placed.uuid}/recommander/", follow=True)
    assert "Ce produit n’est plus proposé" in text(page)
    assert not page.context["split"].lines


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("etat=jamais", 2), ("etat=affiche", 0), ("etat=signale", 0), ("produit=monde", 2)],
)
def test_numbers_are_filtered(
    partner: Counter, placed: PlacedOrder, query: str, count: int
) -> None:
    page = partner.get(f"/mon-compte/recharges/?{query}")
    assert len(page.context["page"].object_list) == count
    assert numbers(page) == []


def test_a_number_is_dictated_large_and_traced(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    code = RechargeCode.objects.filter(order_line__order=placed.order).first()
    assert code is not None
    path = f"/mon-compte/recharges/{code.uuid}/dicter/"
    assert partner.get(path).url == "/mon-compte/recharges/"
    page = partner.post(path)
    assert numbers(page) == [code.secret]
    assert "no-store" in page["Cache-Control"]
    assert [one.details for one in AuditEntry.objects.filter(action="recharges.shown")] == [
        {"where": "dictation"}
    ]


def test_dictating_a_strangers_number_is_not_found(stranger: Counter, placed: PlacedOrder) -> None:
    code = RechargeCode.objects.filter(order_line__order=placed.order).first()
    assert code is not None
    assert stranger.post(f"/mon-compte/recharges/{code.uuid}/dicter/").status_code == 404


def test_the_dashboard_says_what_is_to_be_done(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    page = text(partner.get("/mon-compte/"))
    assert "Derniers numéros" in page
    assert "Activations en cours" in page
    assert f"commande n°\u00a0{placed.order.number}" in page


def test_a_referent_reads_an_order_and_its_story(
    staff: Client, partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    shown = numbers(partner.get(f"/commande/{placed.uuid}/"))
    page = staff.get(f"/gestion/commandes/{placed.uuid}/")
    assert page.status_code == 200
    assert "Commande passée" in text(page)
    assert text(page).count("Numéro affiché à la commande") == 2
    assert not any(number in page.content.decode() for number in shown)


def test_a_referent_cancels_with_a_reason(staff: Client, partner: Counter, text: Text) -> None:
    factories.lot("monde", factories.codes(1))
    partner.add("monde")
    answer = partner.post("/commande/", **partner.form(), hidden=1)
    uuid = answer.url.split("/")[2]
    refused = staff.post(f"/gestion/commandes/{uuid}/annuler/", {"reason": ""}, follow=True)
    assert "Dites pourquoi" in text(refused)
    staff.post(f"/gestion/commandes/{uuid}/annuler/", {"reason": "Doublon"})
    assert PlacedOrder.objects.get(uuid=uuid).cancel_reason == "Doublon"
    assert "Doublon" in text(partner.get(f"/commande/{uuid}/"))


def test_the_export_runs_no_formula(staff: Client, partner: Counter, placed: PlacedOrder) -> None:
    Structure.objects.filter(pk=partner.member.structure_id).update(name="=HYPERLINK(1)")
    answer: Any = staff.get("/gestion/commandes/?export=csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, row = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert header[0] == "Commande"
    assert row[0] == placed.order.number
    assert row[2] == "'=HYPERLINK(1)"
    assert row[6] == "10,00"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OPERATOR, Role.MODERATOR])
def test_other_roles_read_no_order(placed: PlacedOrder, role: Role) -> None:
    client = Client()
    client.force_login(factories.UserFactory(role=role))
    assert client.get(f"/gestion/commandes/{placed.uuid}/").status_code == 302
    client.post(f"/gestion/commandes/{placed.uuid}/annuler/", {"reason": "x"})
    placed.refresh_from_db()
    assert placed.cancelled_at is None


def test_what_is_shown_in_place_can_be_acted_on(partner: Counter, placed: PlacedOrder) -> None:
    """The forms of the answer carry the token: a browser would be refused without it."""
    code = RechargeCode.objects.filter(order_line__order=placed.order).first()
    assert code is not None
    path = f"/mon-compte/recharges/{code.uuid}/"
    page: Any = partner.client.post(path, headers={"HX-Request": "true"})
    assert page.content.decode().count("<form") == page.content.decode().count(
        "csrfmiddlewaretoken"
    )
    assert page.content.decode().count("<form") == 1
