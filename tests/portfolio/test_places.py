"""The public list of points d'accueil, and its export in the national schema."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.models import User
from portal.portfolio import national, services
from portal.portfolio.search import plain
from portal.structures.departments import NAMES, of_postcode, postcodes_of
from portal.structures.models import Structure
from tests import factories
from tests.shop.campaigns import text

PAGE = "/points-accueil/"


def place(name: str, postcode: str = "33000", city: str = "Bordeaux", **fields: Any) -> Structure:
    listed = {"is_listed": True, "state": "candidate"} | fields
    made: Structure = factories.StructureFactory(name=name, postcode=postcode, city=city, **listed)
    return made


def shown(client: Client, **asked: str) -> list[str]:
    answer = client.get(PAGE, asked)
    assert answer.status_code == 200
    return [one.name for one in answer.context["page"]]


@pytest.mark.django_db
class TestPage:
    def test_listed_places_are_there_and_no_other(self, client: Client) -> None:
        place("Importée")
        place("Active", state="active")
        place("Suspendue", state="suspended")
        place("Fermée", state="closed")
        place("Discrète", is_listed=False)

        assert shown(client) == ["Active", "Importée"]

    def test_a_place_says_where_it_is_and_how_to_reach_it(self, client: Client) -> None:
        facts = {"phone": "+33556001122", "opening_hours": "Lundi 9 h à 12 h"}
        where = {"latitude": "44.837912", "longitude": "-0.579541"}
        place("Le <Phare>", address="3 rue A", **facts, **where)
        page = client.get(PAGE).content.decode()

        assert 'href="tel:+33556001122"' in page
        assert "mlat=44.837912&amp;mlon=-0.579541" in page
        assert "Le &lt;Phare&gt;" in page
        assert "3 rue A<br>33000 Bordeaux" in page

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"q": "pessac"}, ["Pessac"]),
            ({"q": "33600"}, ["Pessac"]),
            ({"q": "st médard en-jalles"}, []),
            ({"q": "saint medard en jalles"}, ["Médard"]),
            ({"q": "l’etincelle"}, ["L’Étincelle"]),
            ({"q": "etincelle bordeaux"}, ["L’Étincelle"]),
            ({"q": "etincelle pessac"}, []),
            ({"departement": "33"}, ["L’Étincelle", "Pessac", "Médard"]),
            ({"departement": "33", "commune": "Pessac"}, ["Pessac"]),
            ({"departement": "2B"}, ["Bastia"]),
            ({"departement": "33", "commune": "Bastia"}, ["L’Étincelle", "Pessac", "Médard"]),
            ({"departement": "xx"}, ["Bastia", "L’Étincelle", "Pessac", "Médard"]),
            ({"q": "\0"}, ["Bastia", "L’Étincelle", "Pessac", "Médard"]),
            ({"q": "%_'"}, []),
        ],
    )
    def test_places_are_found(
        self, client: Client, asked: dict[str, str], expected: list[str]
    ) -> None:
        place("L’Étincelle")
        place("Pessac", "33600", "Pessac")
        place("Médard", "33160", "Saint-Médard-en-Jalles")
        place("Bastia", "20200", "Bastia")

        assert shown(client, **asked) == expected

    def test_departments_and_communes_are_counted(self, client: Client) -> None:
        place("A")
        place("B", "33600", "Pessac")
        place("C", "20000", "Ajaccio")
        page = client.get(PAGE, {"departement": "33"})

        assert page.context["departments"] == [
            ("2A", "Corse-du-Sud", 1),
            ("33", "Gironde", 2),
        ]
        assert page.context["communes"] == [("Bordeaux", 1), ("Pessac", 1)]

    def test_nothing_found_says_what_to_do(self, client: Client) -> None:
        place("A")

        assert "Aucun lieu trouvé" in text(client.get(PAGE, {"q": "zzz"}))

    def test_pages_hold_twenty(self, client: Client) -> None:
        for number in range(21):
            place(f"P{number:02d}")

        assert (len(shown(client)), len(shown(client, page="2"))) == (20, 1)

    @pytest.mark.parametrize("count", [1, 25])
    def test_the_page_costs_the_same(
        self, client: Client, count: int, django_assert_num_queries: Callable[[int], Any]
    ) -> None:
        for number in range(count):
            place(f"P{number}", f"33{number:03d}", f"Ville {number}")

        with django_assert_num_queries(4):
            client.get(PAGE, {"departement": "33"})


def test_every_postcode_begins_in_its_department() -> None:
    starts = {start: code for code in NAMES for start in postcodes_of(code)}

    assert {start: of_postcode(start.ljust(5, "0")) for start in starts} == starts


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["L’Étincelle", "Cœur d'Île", "Saint-Médard (PIJ)", "ÆGIR", "Œuvre n°2 — Ça", "A_%\\b"]
)
def test_words_are_the_same_in_python_and_in_the_database(name: str) -> None:
    one = place(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM structures_structure WHERE id = %s", [one.pk])
        (words,) = cursor.fetchone()

    assert words.split() == plain(f"{name} Bordeaux 33000").split()


@pytest.mark.django_db
class TestNational:
    def rows(self, desk: Client, **asked: str) -> list[dict[str, str]]:
        answer: Any = desk.get("/gestion/structures/schema-national/", {"manager": "all"} | asked)
        body = b"".join(answer.streaming_content).decode()
        assert body.splitlines()[0] == ",".join(national.COLUMNS)
        return list(csv.DictReader(io.StringIO(body)))

    def test_a_place_is_told_in_the_schemas_words(self, desk: Client) -> None:
        one = place(
            "Le Phare",
            address="3 rue A",
            kind="association",
            state="active",
            siret="73282932000074",
            latitude="44.837900",
            longitude="-0.579541",
            phone="+33556001122",
            email="a@b.fr",
            opening_hours="Mo-Fr 09:00-12:00",
        )
        (row,) = self.rows(desk)

        assert {name: value for name, value in row.items() if value} == {
            "id": str(one.uuid),
            "pivot": "73282932000074",
            "nom": "Le Phare",
            "commune": "Bordeaux",
            "code_postal": "33000",
            "adresse": "3 rue A",
            "latitude": "44.8379",
            "longitude": "-0.579541",
            "typologie": "ASSO",
            "telephone": "+33556001122",
            "courriels": "a@b.fr",
            "horaires": "Mo-Fr 09:00-12:00",
            "source": "Emmaüs Connect",
            "date_maj": factories.today().isoformat(),
            "services": "Accès internet et matériel informatique",
            "dispositif_programmes_nationaux": "Relais numérique (Emmaüs Connect)",
            "modalites_acces": "Se présenter|Téléphoner|Contacter par mail",
        }

    def test_what_the_schema_has_no_words_for_is_kept_elsewhere(self, desk: Client) -> None:
        place("=1+1", opening_hours="Le lundi matin")
        (row,) = self.rows(desk)

        assert (row["nom"], row["horaires"], row["presentation_detail"], row["pivot"]) == (
            *("1+1", "", "Horaires\u00a0: Le lundi matin", "00000000000000"),
        )

    def test_only_places_of_the_public_list_that_the_filters_keep_go_out(
        self, desk: Client
    ) -> None:
        place("Gironde")
        place("Nord", "59000", "Lille")
        place("Discrète", is_listed=False)

        assert [row["nom"] for row in self.rows(desk)] == ["Gironde", "Nord"]
        assert [row["nom"] for row in self.rows(desk, department="59")] == ["Nord"]

    def test_the_day_is_that_of_the_last_change(self, desk: Client, referent: User) -> None:
        one = place("Ancienne")
        year = dt.timedelta(days=400)
        Structure.objects.update(created_at=one.created_at - year)
        before = self.rows(desk)[0]["date_maj"]
        services.change_facts(by=referent, structure=one, values={"phone": "+33556001122"})

        assert (before < factories.today().isoformat(), self.rows(desk)[0]["date_maj"]) == (
            True,
            factories.today().isoformat(),
        )
