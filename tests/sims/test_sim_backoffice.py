"""« Cartes SIM » in the back office: the queue, scanning, the slip, sending."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from activation.states import State as Activation
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.structures.models import Agreement
from shop.sims.models import Delivery
from shop.sims.services import cancel_delivery
from shop.sims.states import State
from tests import factories
from tests.activation.factories import operator, request
from tests.sims.conftest import Walk, buyer, card, delivery, lines, text_of

pytestmark = pytest.mark.django_db
LIST = "/gestion/cartes-sim/"
CARDS = [card(number) for number in range(8)]
Assert = Callable[[int], Any]


@pytest.fixture
def desk(staff: User) -> Client:
    """Return the browser of a référent."""
    client = Client()
    client.force_login(staff)
    return client


def act(desk: Client, made: Delivery, name: str, **fields: str) -> Any:
    return desk.post(f"{LIST}{made.uuid}/{name}/", fields)


def test_what_is_to_be_prepared_comes_first_the_oldest_on_top(desk: Client, received: Walk) -> None:
    done = received(buyer(name="Structure reçue"), CARDS[0])
    old, new = (delivery(buyer(name=f"Structure {name}")) for name in ("ancienne", "nouvelle"))
    gone = delivery(buyer(name="Structure annulée"))
    cancel_delivery(by=gone.placed.order.user, placed=gone.placed)

    page = text_of(desk.get(LIST))

    places = [page.index(str(one.placed.structure)) for one in (old, new, gone, done)]
    assert places == sorted(places)
    assert ("0 sur 2" in page, "1 sur 1" in page) == (True, True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Lille", "Lyon", "Nice"]),
        ("?state=to_prepare", ["Lille", "Lyon"]),
        ("?state=received", ["Nice"]),
        ("?mode=pickup", ["Lyon"]),
        ("?structure=lil", ["Lille"]),
        ("?state=sent", []),
    ],
)
def test_the_list_is_filtered(desk: Client, received: Walk, query: str, names: list[str]) -> None:
    delivery(buyer(name="Lille"))
    delivery(buyer(Agreement.Delivery.PICKUP, name="Lyon"))
    received(buyer(name="Nice"), CARDS[0])

    page = desk.get(f"{LIST}results/{query}").content.decode()

    assert [name for name in ("Lille", "Lyon", "Nice") if name in page] == names


def test_cards_are_scanned_printed_and_sent(desk: Client) -> None:
    made = delivery(buyer(name="CCAS de Lille"))
    answer = act(desk, made, "preparer", cards=lines(*CARDS[:2]))
    assert answer.url == f"{LIST}{made.uuid}/"
    page = text_of(desk.get(answer.url))
    assert [one in page for one in CARDS[:3]] == [True, True, False]
    assert ("Marquer envoyée" in page, "Enregistrer les cartes" in page) == (True, False)

    slip = desk.get(f"{LIST}{made.uuid}/bordereau/")
    assert ("CCAS de Lille" in text_of(slip), "12 rue de l’Exemple" in text_of(slip)) == (
        True,
        True,
    )
    assert slip["Cache-Control"].count("no-store") == 1
    assert AuditEntry.objects.filter(action="sims.slip_shown").count() == 1

    act(desk, made, "envoyer", tracking="6A123")
    page = text_of(desk.get(f"{LIST}{made.uuid}/"))
    assert ("suivi 6A123" in page, "Retirer" in page, "Marquer" in page) == (True, False, False)


def test_cards_to_be_collected_are_marked_ready(desk: Client) -> None:
    made = delivery(buyer(Agreement.Delivery.PICKUP), 1)
    act(desk, made, "preparer", cards=CARDS[0])
    assert "Marquer prête à retirer" in text_of(desk.get(f"{LIST}{made.uuid}/"))
    act(desk, made, "prete")

    made.refresh_from_db()
    assert made.state == State.READY


def test_refused_lines_are_shown_with_what_was_typed(desk: Client) -> None:
    made = delivery()
    answer = act(desk, made, "preparer", cards=f"{CARDS[0]}\n123")

    page = text_of(answer)
    assert answer.status_code == 422
    assert "<strong>Ligne 2\u00a0:</strong> Il manque 17 chiffres" in page
    assert f"{CARDS[0]} 123</textarea>" in page
    assert made.cards.count() == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Scannez ou collez les numéros des cartes."),
        ("1" * 100_001, "Ce texte est trop long pour être une liste de cartes."),
    ],
)
def test_nothing_or_too_much_is_refused(desk: Client, typed: str, sentence: str) -> None:
    answer = act(desk, delivery(), "preparer", cards=typed)

    assert (answer.status_code, sentence in text_of(answer)) == (422, True)


def test_a_tracking_number_has_an_end(desk: Client) -> None:
    made = delivery(units=1)
    act(desk, made, "preparer", cards=CARDS[0])
    answer = act(desk, made, "envoyer", tracking="6" * 61)

    sentence = "Un numéro de suivi compte 60 caractères au plus."
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)


def test_a_card_is_taken_out_and_the_others_wait_for_another(desk: Client) -> None:
    made = delivery()
    act(desk, made, "preparer", cards=lines(*CARDS[:2]))
    gone = made.cards.first()
    assert gone is not None

    act(desk, made, "retirer", card=str(gone.uuid))

    page = text_of(desk.get(f"{LIST}{made.uuid}/"))
    assert (made.cards.count(), "Enregistrer la carte" in page) == (1, True)
    assert act(desk, made, "retirer", card="nothing").status_code == 404


def test_sending_too_early_says_what_is_missing(desk: Client) -> None:
    made = delivery()
    act(desk, made, "envoyer")

    assert "Il manque encore 2 cartes" in text_of(desk.get(f"{LIST}{made.uuid}/"))


def test_an_unknown_action_is_not_found_and_a_reload_leads_back(desk: Client) -> None:
    made = delivery()

    assert act(desk, made, "perdre").status_code == 404
    assert desk.get(f"{LIST}{made.uuid}/preparer/").url == f"{LIST}{made.uuid}/"


def test_the_operator_of_an_activation_sees_that_the_card_is_a_strangers(received: Walk) -> None:
    member, by = buyer(), operator()
    received(member, CARDS[0])
    mine = {"by": member.user, "within": member.structure, "taken_by": by}
    good, foreign = (
        request(Activation.IN_PROGRESS, iccid=one, **mine) for one in (CARDS[0], CARDS[1])
    )
    client = Client()
    client.force_login(by)

    pages = [text_of(client.get(f"/gestion/activations/{one.uuid}/")) for one in (good, foreign)]

    sentence = "Cette carte n’a pas été livrée à cette structure."
    assert [sentence in page for page in pages] == [False, True]


@pytest.mark.parametrize("role", [Role.PARTNER, Role.EDITOR, Role.MODERATOR])
def test_the_others_do_not_even_see_the_list(role: Role) -> None:
    made, client = delivery(), Client()
    client.force_login(factories.UserFactory(role=role))

    for path in (LIST, f"{LIST}{made.uuid}/", f"{LIST}{made.uuid}/bordereau/"):
        assert client.get(path).status_code == 302
    act(client, made, "preparer", cards=lines(*CARDS[:2]))
    assert made.cards.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_it_holds(
    desk: Client, rows: int, django_assert_num_queries: Assert
) -> None:
    for _ in range(rows):
        delivery()
    desk.get(LIST)

    with django_assert_num_queries(6):
        desk.get(f"{LIST}results/")
