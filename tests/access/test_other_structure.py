"""What a form names: another structure's objects are as good as absent, and nothing changes.

The table asks for addresses; here are the forms whose objects stand in the body.
"""

import uuid

import pytest
from django.test import Client

from portal.structures.access import SESSION_KEY
from portal.structures.services import add_member
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder
from tests import factories
from tests.access.world import World


@pytest.fixture
def neighbour(world: World) -> Client:
    """Return the browser of a partner of another structure."""
    return world.client("neighbour")


def units_of_the_partner(world: World) -> int:
    return baskets.count_items(world.partner)


@pytest.mark.parametrize("person", ["neighbour", "unattached", "administrator"])
def test_nobody_switches_to_a_structure_they_do_not_belong_to(world: World, person: str) -> None:
    client = world.client(person)

    for structure in (world.partner.structure.uuid, uuid.uuid4(), "nothing"):
        answer = client.post("/changer-de-structure/", {"structure": str(structure)})
        assert (answer.status_code, client.session.get(SESSION_KEY)) == (404, None)


def test_a_member_of_two_structures_sees_the_chosen_ones_orders_only(world: World) -> None:
    add_member(by=None, structure=world.partner.structure, user=world.people["neighbour"])
    client = world.client("neighbour")
    order = f"/commande/{world.order.uuid}/"
    seen = []
    for member in (world.neighbour, world.partner):
        client.post("/changer-de-structure/", {"structure": str(member.structure.uuid)})
        seen.append(client.get(order).status_code)

    assert seen == [404, 200]


def test_a_closed_membership_or_structure_gives_no_access(world: World) -> None:
    client, order = world.client("partner"), f"/commande/{world.order.uuid}/"
    before = client.get(order).status_code
    world.partner.structure.__class__.objects.filter(pk=world.partner.structure_id).update(
        state="closed"
    )

    assert (before, client.get(order).status_code) == (200, 403)


def test_a_structure_kept_in_a_session_counts_for_nothing_without_membership(
    world: World, neighbour: Client
) -> None:
    session = neighbour.session
    session[SESSION_KEY] = str(world.partner.structure.uuid)
    session.save()

    assert neighbour.get(f"/commande/{world.order.uuid}/").status_code == 404


@pytest.mark.parametrize("quantity", ["0", "7"])
def test_a_strangers_basket_line_is_left_as_it_was(
    world: World, neighbour: Client, quantity: str
) -> None:
    (line,) = baskets.get_or_open(world.partner).basket.lines.all()

    neighbour.post("/panier/modifier/", {"line": str(line.pk), "quantity": quantity})

    assert units_of_the_partner(world) == 1


def test_emptying_ones_basket_empties_nobody_elses(world: World, neighbour: Client) -> None:
    neighbour.post("/panier/vider/")

    assert units_of_the_partner(world) == 1


def test_a_strangers_basket_cannot_be_confirmed(world: World, neighbour: Client) -> None:
    orders = PlacedOrder.objects.count()
    key = str(baskets.get_or_open(world.partner).key)

    answer = neighbour.post("/commande/", {"key": key, "seen": ""})

    assert (answer.status_code, PlacedOrder.objects.count()) == (409, orders)
    assert units_of_the_partner(world) == 1


def test_the_key_of_a_strangers_order_leads_to_no_order(world: World, neighbour: Client) -> None:
    answer = neighbour.post("/commande/", {"key": str(world.order.key), "seen": ""})

    assert answer.status_code == 409
    assert str(world.order.uuid) not in answer.content.decode()


def test_the_number_of_a_stranger_is_never_in_an_answer(world: World, neighbour: Client) -> None:
    secret = world.code.secret
    pages = ["/mon-compte/", "/mon-compte/commandes/", "/mon-compte/recharges/", "/panier/"]

    assert [page for page in pages if secret in neighbour.get(page).content.decode()] == []
    answer = neighbour.post(f"/mon-compte/recharges/{world.code.uuid}/")
    assert (answer.status_code, secret in answer.content.decode()) == (404, False)


def test_a_strangers_activation_is_no_excuse_for_a_card_used_twice(
    world: World, neighbour: Client
) -> None:
    typed = {"iccid": world.activation.iccid, "edited": str(world.activation.uuid)}

    answer = neighbour.post("/activation-sim/verifier/iccid/", typed).content.decode()

    assert "déjà" in answer


def test_a_disabled_person_is_out_at_the_next_request(world: World) -> None:
    client = world.client("partner")
    before = client.get("/mon-compte/").status_code
    type(world.people["partner"]).objects.filter(email="partner@access.example").update(
        is_active=False
    )

    assert (before, client.get("/mon-compte/").status_code) == (200, 302)


def test_the_neighbours_own_shop_is_open(world: World, neighbour: Client) -> None:
    neighbour.post("/panier/ajouter/", {"product": factories.product().upc, "quantity": "1"})

    assert (baskets.count_items(world.neighbour), units_of_the_partner(world)) == (1, 1)
