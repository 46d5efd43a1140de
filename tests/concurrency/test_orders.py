"""Orders at the same second, over HTTP, in several processes and threads.

Each story is told of our server, and then of one that takes no lock: there it must go wrong, and
in the way that the locks are there to prevent, or it would prove nothing.
"""

import itertools

import pytest

from tests import factories
from tests.concurrency.buyers import (
    CSRF,
    ROUNDS,
    assert_books_balance,
    at_once,
    buyer,
    form_of,
)
from tests.concurrency.stories import STORIES, Story
from tests.support.server import StartServer

UNLOCKED = {"DJANGO_SETTINGS_MODULE": "tests.concurrency.unlocked"}
#: Rounds in which a server without locks must go wrong; it nearly always does in the first.
CHANCES = 5

stories = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@stories
def test_orders_at_once(start_server: StartServer, story: Story) -> None:
    with start_server(workers=3, threads=4) as server:
        for facts in itertools.islice(story.rounds(server), ROUNDS):
            assert facts == story.ends
            assert_books_balance()


@stories
def test_the_same_story_goes_wrong_without_our_locks(
    start_server: StartServer, story: Story
) -> None:
    with start_server(workers=3, threads=4, environment=UNLOCKED) as server:
        # A race is lost by chance: a machine that is busy elsewhere may well win the first ones.
        for facts in itertools.islice(story.rounds(server), CHANCES):
            if facts != story.ends:
                break

    assert facts != story.ends
    assert story.breaks(facts), facts


def test_one_person_clicking_in_two_tabs_adds_to_one_basket(start_server: StartServer) -> None:
    factories.product()
    member = factories.MembershipFactory()
    one = buyer(member, monde=1)
    fields = {"product": "monde", "quantity": "1", "csrfmiddlewaretoken": CSRF}

    with start_server() as server:
        at_once([lambda: one.request(server, "POST", "/panier/ajouter/", fields)] * 10)

    assert form_of(member)["key"] == one.form["key"]
    assert member.user.structure_baskets.get().basket.lines.get().quantity == 11
