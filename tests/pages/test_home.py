"""What éditeurs change on the home page: its head, its news, its figures."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.pages.models import HomePage, Licence, Picture
from portal.structures import impact
from portal.structures.impact import Figure
from portal.structures.models import Structure
from tests.factories import StructureFactory
from tests.pages.test_library import png

TODAY = dt.date(2026, 9, 15)


def news(*entries: tuple[str, str, str]) -> str:
    values = [
        {"date": start, "until": end or None, "title": title, "text": "Texte.", "page": None}
        for title, start, end in entries
    ]
    return json.dumps([{"type": "news", "value": value} for value in values])


def publish(**changes: Any) -> str:
    """Publish the home page with those changes; return what a stranger then reads."""
    home = HomePage.objects.get()
    for name, value in changes.items():
        setattr(home, name, value)
    home.save_revision().publish()
    cache.clear()
    return Client().get("/").content.decode()


def test_the_three_newest_news_of_the_day_are_shown(content: int) -> None:
    home = HomePage.objects.get()
    home.news = news(
        ("vieille", "2026-01-01", ""),
        ("finie", "2026-09-01", "2026-09-14"),
        ("dernier jour", "2026-09-02", "2026-09-15"),
        ("du jour", "2026-09-15", ""),
        ("demain", "2026-09-16", ""),
        ("d’août", "2026-08-01", ""),
    )
    shown = [block.value["title"] for block in home.news_shown(TODAY)]
    assert shown == ["du jour", "dernier jour", "d’août"]


def test_news_show_with_their_date_and_no_heading_without_news(content: int) -> None:
    html = publish(news=news(("De nouvelles recharges", "2026-09-02", "")))
    parts = ("De nouvelles recharges", '<time datetime="2026-09-02">2 septembre 2026</time>')
    assert [part in html for part in parts] == [True, True]
    assert "Actualités" not in publish(news="[]")


def test_the_head_of_the_page_is_editable(content: int) -> None:
    html = publish(button_text="Lire les guides", button_address="/ressources/")
    assert 'href="/ressources/">Lire les guides</a>' in html
    assert html.count("Activer une carte SIM") == 1
    html = publish(button_text="Activer une carte SIM", button_address="/activation-sim/")
    assert html.count("Activer une carte SIM") == 1


def test_a_picture_takes_the_place_of_the_drawing(
    content: int, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = Picture.objects.create(
        title="Atelier",
        description="Un atelier.",
        licence=Licence.OWN,
        file=SimpleUploadedFile("atelier.png", png()),
    )
    html = publish(picture=picture)
    hero = html.split('class="hero"')[1].split("</section>")[0]
    assert ["<picture" in hero, 'alt=""' in hero, hero.count("hero__drawing")] == [True, True, 1]
    picture.delete()
    assert "<picture" not in publish()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (10, "10"),
        (87, "87"),
        (100, "100"),
        (129, "plus de 120"),
        (1234, "plus de 1\u00a0200"),
        (56000, "56\u00a0000"),
        (1234567, "plus de 1\u00a0200\u00a0000"),
    ],
)
def test_figures_are_rounded_down_to_what_one_remembers(number: int, shown: str) -> None:
    assert impact.kindly(number) == shown


def test_figures_are_counted_live_and_hidden_while_small(content: int) -> None:
    StructureFactory.create_batch(9, state=Structure.State.ACTIVE)
    StructureFactory(state=Structure.State.CLOSED)
    assert impact.figures() == []
    assert "Ensemble, déjà" not in publish()
    StructureFactory(state=Structure.State.ACTIVE)
    cache.clear()
    assert impact.figures() == [Figure("10", "structures relais")]
    html = publish(figures_title="En chiffres")
    assert ["En chiffres" in html, "structures relais" in html] == [True, True]
    assert "structures relais" not in publish(shows_figures=False)


def test_recharges_people_and_structures_are_counted() -> None:
    assert sorted(impact._counts) == ["10-recharges", "20-people", "30-structures"]


def test_figures_are_an_hour_old_at_most(content: int, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        impact.figures()
    with django_assert_num_queries(0):
        impact.figures()
    assert impact.FRESH == 3600
