"""Dates as French writes them."""

import datetime as dt

import pytest
from django.template import Context, Template

from portal.ui.text import of


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (dt.date(2026, 1, 1), "1er janvier 2026"),
        (dt.date(2026, 8, 1), "1er août 2026"),
        (dt.date(2026, 1, 11), "11 janvier 2026"),
        (dt.date(2026, 1, 21), "21 janvier 2026"),
        (None, ""),
    ],
)
def test_the_first_of_a_month_is_an_ordinal(day: dt.date | None, written: str) -> None:
    assert Template('{{ day|date:"j F Y" }}').render(Context({"day": day})) == written


def test_times_and_other_formats_are_djangos() -> None:
    moment = dt.datetime(2026, 11, 1, 11, 1, tzinfo=dt.UTC)
    assert Template('{{ at|date:"j F Y à H:i" }}').render(Context({"at": moment})) == (
        "1er novembre 2026 à 12:01"
    )
    assert Template('{{ at|date:"d/m/Y" }}').render(Context({"at": moment})) == "01/11/2026"


@pytest.mark.parametrize(
    ("name", "written"),
    [("mars 2026", "de mars 2026"), ("octobre", "d’octobre"), ("Été", "d’Été"), ("", "de ")],
)
def test_de_loses_its_vowel_before_another(name: str, written: str) -> None:
    assert of(name) == written
