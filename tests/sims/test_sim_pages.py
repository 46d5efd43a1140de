"""The partner's pages of SIM cards: the basket, MON COMPTE, and the activation they lead to."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from activation.models import ActivationRequest
from portal.accounts.models import User
from portal.structures.models import Agreement
from shop.ordering.models import PlacedOrder
from shop.sims import addresses
from shop.sims.models import Delivery, DeliveryAddress, SimCard
from shop.sims.preparing import prepare
from shop.sims.services import cancel_delivery, mark_ready, mark_sent
from shop.sims.states import State
from tests import factories
from tests.activation.factories import request as activation_request
from tests.activation.factories import typed
from tests.shop.conftest import Counter, counter
from tests.sims.conftest import UPC, Walk, buyer, card, delivery, lines, text_of

pytestmark = pytest.mark.django_db
CARDS = [card(number) for number in range(8)]
PAGE = "/mon-compte/cartes-sim/"
Assert = Callable[[int], Any]
#: The user, their memberships and the basket's count in the header are 3 of them.
PAGE_QUERIES = 8


@pytest.fixture
def partner() -> Counter:
    """Return a partner whose structure may order cards, logged in."""
    return counter(buyer())


def address(partner: Counter, label: str, **fields: Any) -> DeliveryAddress:
    made = DeliveryAddress()
    values = {"recipient": "Accueil", "street": "1 rue A", "postcode": "59000", "city": "Lille"}
    addresses.save(by=partner.member, address=made, values={"label": label, **values, **fields})
    return made


# The basket


def test_the_basket_says_where_the_cards_go(partner: Counter) -> None:
    partner.add(UPC)

    assert "12 rue de l’Exemple" in text_of(partner.get("/panier/"))


def test_a_basket_without_cards_speaks_of_no_delivery(partner: Counter) -> None:
    factories.lot("monde", factories.codes(1))
    partner.add("monde")

    assert "cartes SIM à" not in text_of(partner.get("/panier/"))


def test_cards_to_be_collected_are_said_to_be(partner: Counter) -> None:
    partner.member.structure.agreements.update(delivery_mode=Agreement.Delivery.PICKUP)
    partner.add(UPC)

    assert "retrait auprès d’Emmaüs Connect" in text_of(partner.get("/panier/"))


def test_the_buyer_chooses_among_the_structures_addresses(partner: Counter) -> None:
    address(partner, "Nord")
    south = address(partner, "Sud", street="2 rue B", phone="+33556000000", instructions="Sonnez")
    partner.add(UPC)
    page = text_of(partner.get("/panier/"))
    assert (page.index("Nord, Lille") < page.index("Sud, Lille"), 'name="address"' in page) == (
        True,
        True,
    )

    answer = partner.post("/commande/", **partner.form(), address=south.uuid)

    placed = PlacedOrder.objects.get()
    assert answer.url == f"/commande/{placed.uuid}/"
    name = partner.member.structure.name
    assert placed.delivery.address == (
        f"Accueil\n{name}\n2 rue B\n59000 Lille\nTél. 05\u00a056\u00a000\u00a000\u00a000\nSonnez"
    )


def test_without_a_choice_cards_go_to_the_default_address(partner: Counter) -> None:
    address(partner, "Nord")
    south = address(partner, "Sud", street="2 rue B")
    addresses.make_default(by=partner.member, address=south)

    assert "2 rue B" in partner.order(carte_sim=1).delivery.address


def test_the_choice_outlives_a_total_that_changed(partner: Counter) -> None:
    address(partner, "Nord")
    south = address(partner, "Sud")
    partner.add(UPC)

    answer = partner.post("/commande/", key=partner.form()["key"], seen="", address=south.uuid)

    assert answer.status_code == 409
    assert f'<option value="{south.uuid}" selected>' in text_of(answer)


@pytest.mark.parametrize("chosen", ["nothing", str(uuid.uuid4()), "\0"])
def test_an_unknown_address_orders_nothing(partner: Counter, chosen: str) -> None:
    partner.add(UPC)

    answer = partner.post("/commande/", **partner.form(), address=chosen)

    assert answer.status_code == 422
    assert "Cette adresse de livraison n’existe plus. Rien n’a été commandé" in text_of(answer)
    assert PlacedOrder.objects.count() == 0


def test_another_structures_address_is_unknown(partner: Counter) -> None:
    theirs = address(counter(buyer()), "Ailleurs")
    partner.add(UPC)

    answer = partner.post("/commande/", **partner.form(), address=theirs.uuid)

    assert (answer.status_code, PlacedOrder.objects.count()) == (422, 0)


def test_a_structure_without_address_is_told_before_it_orders(partner: Counter) -> None:
    type(partner.member.structure).objects.update(address="")
    partner.add(UPC)

    page = text_of(partner.get("/panier/"))
    assert "Nous ne savons pas où envoyer vos cartes SIM. Ajoutez une adresse" in page
    assert "Valider la commande" not in page


# MON COMPTE


def test_a_structure_without_cards_is_shown_the_shop(partner: Counter) -> None:
    assert "Pas encore de carte SIM" in text_of(partner.get(PAGE))


def test_each_state_says_what_comes_next(partner: Counter, staff: User) -> None:
    made = delivery(partner.member)
    assert "Emmaüs Connect prépare vos cartes." in text_of(partner.get(PAGE))

    prepare(by=staff, delivery=made, typed=lines(*CARDS[:2]))
    mark_sent(by=staff, delivery=made, tracking="6A123")
    page = text_of(partner.get(PAGE))
    assert ("6A123" in page, "J’ai reçu ces cartes" in page) == (True, True)
    assert "Activer cette carte" not in page

    answer = partner.post(f"{PAGE}{made.uuid}/recue/")
    assert answer.url == PAGE
    page = text_of(partner.get(PAGE))
    assert page.count("Activer cette carte") == 2
    assert "C’est noté. Vous pouvez activer ces cartes, une par bénéficiaire." in page


def test_cards_to_be_collected_say_where(partner: Counter, staff: User) -> None:
    partner.member.structure.agreements.update(delivery_mode=Agreement.Delivery.PICKUP)
    made = delivery(partner.member)
    prepare(by=staff, delivery=made, typed=lines(*CARDS[:2]))
    mark_ready(by=staff, delivery=made)

    assert "À retirer auprès d’Emmaüs Connect" in text_of(partner.get(PAGE))


def test_a_cancelled_delivery_says_so(partner: Counter, staff: User) -> None:
    cancel_delivery(by=staff, placed=delivery(partner.member).placed)

    assert "Annulée avec la commande" in text_of(partner.get(PAGE))


def test_what_has_not_left_is_not_received(partner: Counter) -> None:
    made = delivery(partner.member)
    partner.post(f"{PAGE}{made.uuid}/recue/")

    assert "cette livraison est maintenant «\u00a0à préparer\u00a0»" in text_of(partner.get(PAGE))
    made.refresh_from_db()
    assert made.state == State.TO_PREPARE


def test_the_order_shows_its_delivery(partner: Counter) -> None:
    placed = partner.order(carte_sim=1)

    page = text_of(partner.get(f"/commande/{placed.uuid}/"))
    assert ("Livraison des cartes SIM" in page, "12 rue de l’Exemple" in page) == (True, True)


def test_another_structures_cards_are_out_of_reach(partner: Counter, received: Walk) -> None:
    theirs = received(buyer(), *CARDS[:1])
    one = theirs.cards.get()

    assert CARDS[0][-4:] not in text_of(partner.get(f"{PAGE}?cartes=toutes"))
    assert partner.post(f"{PAGE}{theirs.uuid}/recue/").status_code == 404
    assert partner.get(f"/activation-sim/?carte={one.uuid}").status_code == 404


def test_a_received_card_fills_the_activation(partner: Counter, received: Walk) -> None:
    made = received(partner.member, CARDS[0])
    one = made.cards.get()
    link = f"/activation-sim/?carte={one.uuid}"
    assert f'href="{link}"' in text_of(partner.get(PAGE))

    page = partner.get(link)
    assert f'value="{CARDS[0]}"' in text_of(page)
    assert f"(commande n°\u00a0{made.placed.order.number})" in text_of(page)
    assert page["Cache-Control"].count("no-store") == 1

    answer = partner.client.post(link, typed(iccid=CARDS[0]))
    sent = ActivationRequest.objects.get()
    assert answer.url == f"/activation-sim/suivi/{sent.uuid}/"
    assert "n’a pas été livrée" not in text_of(partner.get(answer.url))


def test_what_was_begun_for_another_card_is_not_mixed_with_a_received_one(
    partner: Counter, received: Walk
) -> None:
    made = received(partner.member, *CARDS[:2])
    links = {card.iccid: f"/activation-sim/?carte={card.uuid}" for card in made.cards.all()}
    begun = {**typed(iccid=CARDS[0]), "last_name": "Canari"}
    partner.client.post("/activation-sim/brouillon/", begun)

    same, other = (partner.get(links[card]) for card in CARDS[:2])
    assert ('value="Canari"' in text_of(same), "Recommencer à zéro" in text_of(same)) == (True,) * 2
    assert ("Canari" in text_of(other), f'value="{CARDS[1]}"' in text_of(other)) == (False, True)
    assert f"(carte qui se termine par {CARDS[0][-4:]}). Si vous" in text_of(other)
    assert 'value="Canari"' in text_of(partner.get("/activation-sim/"))


@pytest.mark.parametrize("named", ["", "nothing", str(uuid.uuid4()), "\0", "8933101"])
def test_an_unknown_card_is_not_found(partner: Counter, named: str) -> None:
    assert partner.client.get("/activation-sim/", {"carte": named}).status_code == 404


def test_a_card_on_its_way_cannot_be_activated_from_here(partner: Counter, staff: User) -> None:
    made = delivery(partner.member, 1)
    prepare(by=staff, delivery=made, typed=CARDS[0])
    mark_sent(by=staff, delivery=made)

    one = SimCard.objects.get()
    assert partner.get(f"/activation-sim/?carte={one.uuid}").status_code == 404


def test_a_card_that_was_not_delivered_here_is_flagged_and_may_go(partner: Counter) -> None:
    answer = partner.client.post("/activation-sim/", typed(iccid=CARDS[0]))

    assert ActivationRequest.objects.count() == 1
    page = text_of(partner.get(answer.url))
    assert "Cette carte n’a pas été livrée à votre structure." in page


def test_used_cards_leave_the_list_and_stay_in_the_whole_one(
    partner: Counter, received: Walk
) -> None:
    received(partner.member, *CARDS[:2])
    user, structure = partner.member.user, partner.member.structure
    used = activation_request(iccid=CARDS[0], by=user, within=structure)

    todo, every = (text_of(partner.get(PAGE + query)) for query in ("", "?cartes=toutes"))

    assert [one in todo for one in (CARDS[0][-4:], CARDS[1][-4:])] == [False, True]
    assert [one in every for one in (CARDS[0][-4:], CARDS[1][-4:])] == [True, True]
    assert f'href="/activation-sim/suivi/{used.uuid}/"' in every


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_it_lists(
    partner: Counter, received: Walk, rows: int, django_assert_num_queries: Assert
) -> None:
    for start in range(rows):
        received(partner.member, *CARDS[2 * start : 2 * start + 2])
    partner.get(PAGE)

    with django_assert_num_queries(PAGE_QUERIES):
        partner.get(f"{PAGE}?cartes=toutes")
    assert Delivery.objects.count() == rows
