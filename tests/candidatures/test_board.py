"""The board of référents: by step, with age and promise, at a constant cost."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.candidatures import review
from portal.candidatures.board import board
from portal.candidatures.models import Candidature
from portal.structures.models import Structure
from portal.structures.steps import US, YOU
from tests import factories
from tests.candidatures.conftest import filled, staff, submitted, words

pytestmark = pytest.mark.django_db
HOME = "/gestion/candidatures/"
#: The visitor and what Wagtail reads, then two states, the accepted ones, and a query a fact.
BOARD = 22
LIST = 10


def one(number: int, **fields: Any) -> Candidature:
    return submitted(f"n{number}@maison.example", structure={"siret": "", "rna": f"W{number:09}"})


def some(count: int, by: User) -> None:
    """As many candidatures in each column."""
    for number in range(count):
        one(3 * number)
        review.ask_to_complete(one(3 * number + 1), by=by, reason="Précisez.")
        review.accept(one(3 * number + 2), by=by, account_manager=by)


def test_a_candidature_shows_its_age_against_the_promise(referent: User) -> None:
    with time_machine.travel("2026-12-21T10:00:00+01:00", tick=False):
        submitted()
    seen = []
    for day in ("2026-12-28", "2026-12-29"):
        with time_machine.travel(f"{day}T10:00:00+01:00", tick=False):
            (column,) = board()
            (card,) = column.cards
            seen.append((column.title, card.ball, card.age, card.promised_on, card.late))

    promised = dt.date(2026, 12, 29)
    assert seen == [
        ("Candidatures à étudier", US, 4, promised, False),
        ("Candidatures à étudier", US, 5, promised, False),
    ]
    with time_machine.travel("2026-12-30T10:00:00+01:00", tick=False):
        assert board()[0].cards[0].late is True
        assert "En retard" in words(staff(referent).get(HOME))


def test_each_candidature_stands_in_its_step(referent: User) -> None:
    some(1, referent)
    open_account = review.accept(one(9), by=referent, account_manager=referent)
    Structure.objects.filter(pk=open_account.structure_id).update(state=Structure.State.ACTIVE)

    found = [(column.title, [card.ball for card in column.cards]) for column in board()]
    assert found == [
        ("Candidatures à étudier", [US]),
        ("À compléter par la structure", [YOU]),
        ("1. Convention et avenant", [US]),
        ("4. Inscription à une session de formation", [YOU]),
    ]


def test_what_is_over_leaves_the_board(referent: User) -> None:
    review.refuse(submitted(), by=referent, reason="Non.")
    filled("brouillon@maison.example", structure={"siret": ""})

    assert board() == []
    assert "Aucune candidature en cours." in words(staff(referent).get(HOME))


def test_a_referent_may_see_their_own_alone(referent: User) -> None:
    other = factories.UserFactory(role=Role.REFERENT)
    review.take(one(1), by=referent)
    review.take(one(2), by=other)
    pages = [staff(referent).get(f"{HOME}{query}").content.decode() for query in ("", "?suivi=moi")]

    assert [page.count("Maison des familles") for page in pages] == [2, 1]


def test_who_looks_after_a_candidature_may_change(referent: User) -> None:
    candidature = submitted()
    staff(referent).post(f"{HOME}{candidature.uuid}/suivre/")

    assert Candidature.objects.get().account_manager == referent


def test_the_list_finds_by_siret_and_by_name(referent: User) -> None:
    submitted()
    browser = staff(referent)
    seen = [
        "Maison des familles" in browser.get(f"{HOME}toutes/?q={text}").content.decode()
        for text in ("73282932000074", "Maison", "Ailleurs")
    ]

    assert seen == [True, True, False]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_board_costs_the_same_whatever_it_holds(
    referent: User, rows: int, django_assert_num_queries: Any
) -> None:
    some(rows, referent)
    browser = staff(referent)
    browser.get(HOME)

    with django_assert_num_queries(BOARD):
        assert browser.get(HOME).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_it_holds(
    referent: User, rows: int, django_assert_num_queries: Any
) -> None:
    some(rows, referent)
    browser = staff(referent)
    browser.get(f"{HOME}toutes/")

    with django_assert_num_queries(LIST):
        assert browser.get(f"{HOME}toutes/").status_code == 200
