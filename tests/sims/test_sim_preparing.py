"""Scanning cards: every line is judged, and all of them are kept or none."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.accounts.models import User
from portal.accounts.roles import Role
from shop.sims.models import Delivery, SimCard
from shop.sims.preparing import MAX_LINES, CardsRefused, prepare
from shop.sims.services import MoveRefused, cancel_delivery, mark_sent
from tests import factories
from tests.activation.factories import request as activation_request
from tests.sims.conftest import buyer, card, delivery, lines

CARDS = [card(number) for number in range(6)]
ORANGE = "89330159970000209012"
BAD_DIGIT = CARDS[0][:-1] + str((int(CARDS[0][-1]) + 1) % 10)


def refused(by: User, made: Delivery, typed: str) -> list[tuple[int, str]]:
    with pytest.raises(CardsRefused) as refusal:
        prepare(by=by, delivery=made, typed=typed)
    return [(one.line, one.reason) for one in refusal.value.problems]


def kept() -> int:
    return SimCard.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda one: one,
        lambda one: f"  {one}\t",
        lambda one: " ".join(one[start : start + 4] for start in range(0, 20, 4)),
        lambda one: f"{one}F",
        lambda one: f"{one}\r\n\r\n",
    ],
    ids=["bare", "blanks", "groups", "filler", "empty lines"],
)
def test_cards_are_read_however_they_are_written(staff: User, write: Callable[[str], str]) -> None:
    made = prepare(by=staff, delivery=delivery(), typed=lines(*map(write, CARDS[:2])))

    assert sorted(one.iccid for one in made.cards.all()) == sorted(CARDS[:2])


@pytest.mark.django_db
def test_each_bad_line_is_named_with_its_reason_and_nothing_is_kept(staff: User) -> None:
    typed = lines(BAD_DIGIT, ORANGE, CARDS[1], CARDS[1], CARDS[2][:-1], "carte n° 6")

    assert refused(staff, delivery(units=6), "\n" + typed) == [
        (
            2,
            "Un chiffre est faux, ou deux chiffres sont inversés. Recopiez le numéro inscrit sur "
            "la carte.",
        ),
        (
            3,
            "Cette carte est une carte Orange. Seules les cartes SFR, dont le numéro commence par "
            "893310, s’activent ici.",
        ),
        (5, "Cette carte est déjà à la ligne 4."),
        (
            6,
            "Il manque 1 chiffre\u00a0: le numéro de la carte compte 20 chiffres, vous en avez "
            "saisi 19.",
        ),
        (
            7,
            "Le numéro de la carte ne contient que des chiffres\u00a0: remplacez «\u00a0c\u00a0».",
        ),
    ]
    assert kept() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "3 cartes attendues, 0 saisie\u00a0: il en manque 3."),
        (1, "3 cartes attendues, 1 saisie\u00a0: il en manque 2."),
        (5, "3 cartes attendues, 5 saisies\u00a0: il y en a 2 de trop."),
    ],
)
def test_exactly_what_was_ordered_is_scanned(staff: User, count: int, sentence: str) -> None:
    assert refused(staff, delivery(units=3), lines(*CARDS[:count])) == [(0, sentence)]
    assert kept() == 0


@pytest.mark.django_db
def test_a_card_of_another_delivery_names_the_order_and_the_structure(staff: User) -> None:
    first = delivery(buyer(name="CCAS de Lille"), 1)
    prepare(by=staff, delivery=first, typed=CARDS[0])

    assert refused(staff, delivery(), lines(CARDS[1], CARDS[0])) == [
        (
            2,
            "Cette carte est déjà dans la livraison de la commande n°\u00a0"
            f"{first.placed.order.number} (CCAS de Lille).",
        )
    ]
    assert kept() == 1


@pytest.mark.django_db
def test_a_card_that_was_used_already_is_refused(staff: User) -> None:
    activation_request(iccid=CARDS[0])

    assert refused(staff, delivery(units=1), CARDS[0]) == [
        (1, "Cette carte fait déjà l’objet d’une demande d’activation.")
    ]


@pytest.mark.django_db
def test_cards_scanned_twice_into_one_delivery_say_so(staff: User) -> None:
    made = prepare(by=staff, delivery=delivery(units=1), typed=CARDS[0])

    assert refused(staff, made, CARDS[0]) == [
        (0, "Toutes les cartes de cette livraison sont déjà enregistrées."),
        (1, "Cette carte est déjà enregistrée dans cette livraison."),
    ]


@pytest.mark.django_db
def test_a_pasted_novel_is_refused_before_it_is_read(staff: User) -> None:
    assert refused(staff, delivery(), "1\n" * (MAX_LINES + 1)) == [
        (0, "Saisissez 2000 numéros au plus à la fois.")
    ]


@pytest.mark.django_db
def test_what_left_or_was_cancelled_takes_no_card(staff: User) -> None:
    sent = prepare(by=staff, delivery=delivery(units=1), typed=CARDS[0])
    mark_sent(by=staff, delivery=sent)
    cancelled = delivery()
    cancel_delivery(by=staff, placed=cancelled.placed)

    for made in (sent, cancelled):
        with pytest.raises(MoveRefused):
            prepare(by=staff, delivery=made, typed=CARDS[1])
    assert kept() == 1


Outcome = str | list[tuple[int, str]]


def race(staff: list[User], deliveries: list[Delivery], typed: list[str]) -> list[Outcome]:
    """Let several people prepare at the same moment, each on a connection of their own."""
    start = threading.Barrier(len(staff))

    def one(place: int) -> Outcome:
        start.wait(10)
        try:
            prepare(by=staff[place], delivery=deliveries[place], typed=typed[place])
        except CardsRefused as error:
            return [(problem.line, problem.reason) for problem in error.problems]
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(len(staff)) as pool:
        return list(pool.map(one, range(len(staff))))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_two_people_who_scan_the_same_cards_at_once(turn: int) -> None:
    staff = [factories.UserFactory(role=Role.OPERATOR) for _ in range(2)]
    deliveries = [delivery(buyer(name=f"Structure {name}"), 6) for name in "AB"]
    typed = [lines(*CARDS), lines(*reversed(CARDS))]  # another order: no ring of waiting

    outcomes = race(staff, deliveries, typed)

    assert outcomes.count("kept") == 1
    winner = deliveries[outcomes.index("kept")]
    number, name = winner.placed.order.number, winner.placed.structure.name
    sentence = f"Cette carte est déjà dans la livraison de la commande n°\u00a0{number} ({name})."
    (problems,) = [one for one in outcomes if one != "kept"]
    assert problems == [(line, sentence) for line in range(1, 7)]
    assert (kept(), winner.cards.count()) == (6, 6)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_prepare_one_delivery_at_once() -> None:
    staff = [factories.UserFactory(role=Role.OPERATOR) for _ in range(2)]
    made = delivery(units=2)

    outcomes = race(staff, [made, made], [lines(*CARDS[:2]), lines(*CARDS[2:4])])

    sentence = "Toutes les cartes de cette livraison sont déjà enregistrées."
    assert sorted(outcomes, key=str) == [[(0, sentence)], "kept"]
    assert made.cards.count() == 2
