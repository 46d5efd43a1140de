"""The six tables of words."""

import datetime as dt
import tomllib

import pytest

from portal.documents.languages import LANGUAGES
from shop.tickets.texts import FOLDER, chosen, words


def tables() -> dict[str, dict[str, object]]:
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")
    }


def test_there_is_a_table_for_each_language_and_no_other() -> None:
    assert set(tables()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_says_the_same_things(language: str) -> None:
    french, table = tables()["fr"], tables()[language]

    def shape(one: dict[str, object]) -> dict[str, object]:
        return {
            key: sorted(value) if isinstance(value, dict) else len(value)
            for key, value in one.items()
            if isinstance(value, dict | list)
        }

    assert list(table) == list(french)
    assert shape(table) == shape(french)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_tells_to_call_952_and_then_950(language: str) -> None:
    steps = words(language).steps

    assert ["952" in step for step in steps] == [False, True, False, False]
    assert ["950" in step for step in steps] == [False, False, False, True]
    assert ("952" in words(language).qr, "952" in words(language).qr_code) == (True, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    one = words(language)

    assert [step for step in (*one.steps, *one.labels.values()) if len(step.split()) > 11] == []


def test_arabic_and_dari_are_written_from_right_to_left() -> None:
    assert {one: words(one).dir for one in LANGUAGES} == {
        "fr": "ltr",
        "en": "ltr",
        "ar": "rtl",
        "uk": "ltr",
        "prs": "rtl",
        "es": "ltr",
    }


def test_dates_have_their_month_in_words_and_western_digits() -> None:
    day = dt.date(2027, 3, 1)

    assert [words(one).day(day) for one in LANGUAGES] == [
        "1er mars 2027",
        "1 March 2027",
        "1 مارس 2027",
        "1 березня 2027 року",
        "1 مارچ 2027",
        "1 de marzo de 2027",
    ]


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("30 jours", "How many days the credit lasts: 30"),
        ("1 jour.", "How many days the credit lasts: 1"),
        ("2\u00a0mois", "How many months the credit lasts: 2"),
        ("30 jours après l’activation", ""),
        ("Une par bénéficiaire", ""),
        ("", ""),
    ],
)
def test_a_duration_is_translated_and_nothing_else(french: str, english: str) -> None:
    assert words("en").duration(french) == english


@pytest.mark.parametrize("asked", [None, "", "de", "FR", "../fr"])
def test_an_unknown_language_is_french(asked: str | None) -> None:
    assert chosen(asked).code == "fr"
