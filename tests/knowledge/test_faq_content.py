"""The FAQ's first content, against the deck: no database."""

import re

from knowledge import search, writing
from knowledge.first_content import CONTENT
from tests.knowledge.test_search import ASKED

THEMES = writing.read(CONTENT / "faq.toml")["theme"]
QUESTIONS = [question for theme in THEMES for question in theme["question"]]
#: The deck's page of the FAQ, by the words that tell its questions.
DECK = (
    {"offres", "solidaires", "sfr"},
    {"numeros", "utiles", "sfr"},
    {"eviter", "blocage", "ligne"},
    {"limite", "credit", "recharge", "prepayee"},
    {"duree", "validite", "credit", "recharge", "prolonger"},
)


def test_the_themes_are_the_decks() -> None:
    assert [theme["name"] for theme in THEMES] == [
        "Questions d'usage",
        "Questions techniques",
        "Dépannage",
    ]


def test_the_decks_questions_are_asked() -> None:
    asked = [set(re.findall(r"\w+", search.plain(one["question"]))) for one in QUESTIONS]
    assert [wanted for wanted in DECK if not any(wanted <= words for words in asked)] == []


def test_thirty_questions_at_least_each_asked_once_and_answered() -> None:
    assert len(QUESTIONS) >= 30
    assert len({search.plain(one["question"]) for one in QUESTIONS}) == len(QUESTIONS)
    short = [one["question"] for one in QUESTIONS if len(one["answer"].split()) < 10]
    assert short == []
    assert "lorem" not in " ".join(one["answer"] for one in QUESTIONS).lower()


def test_what_the_table_of_queries_must_hold_is_in_it() -> None:
    wanted = {"recharg", "numero rio", "debloquer carte", "solde", "forfé"}
    assert wanted - set(ASKED) == set()
