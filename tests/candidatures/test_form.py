"""The form in steps: what is kept, what is refused and why, and that nothing typed is lost."""

from html import escape
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.candidatures import review
from portal.candidatures.models import Candidature, State
from shop.products.catalogue import load_catalogue
from tests import factories
from tests.candidatures.conftest import (
    EMAIL,
    OTHER_SIRET,
    SIRET,
    client_of,
    draft,
    filled,
    submitted,
    words,
)

pytestmark = pytest.mark.django_db
FORM = "/devenir-relais/candidature/"
SAID: dict[str, dict[str, str]] = {
    "structure": {
        "name": "Maison des familles",
        "kind": "association",
        "siret": "732 829 320 00074",
        "rna": "",
        "public": "Familles",
    },
    "lieu": {
        "address": "3 place du Marché",
        "postcode": "33000",
        "city": "Bordeaux",
        "delivery_mode": "shipping",
    },
    "referent": {
        "lead_first_name": "Ana",
        "lead_last_name": "Costa",
        "lead_email": EMAIL,
        "lead_phone": "05 56 12 34 56",
    },
    "equipe": {
        "rows": "3",
        "first_name_0": "Omar",
        "last_name_0": "Diallo",
        "email_0": "Omar@Maison.example",
    },
    "besoins": {"need_monde": "10", "need_carte-sim": "4", "equipment": "2 ordinateurs"},
}


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    load_catalogue()


def post(browser: Client, step: str, **changed: str) -> Any:
    return browser.post(f"{FORM}{step}/", SAID[step] | changed)


def test_a_candidature_goes_from_step_to_step_to_its_follow_up() -> None:
    browser = client_of(draft())
    ways = []
    for step in SAID:
        ways.append(browser.get(FORM).url)
        assert post(browser, step).url == FORM
    ways.append(browser.get(FORM).url)
    with time_machine.travel("2026-12-23T10:00:00+01:00", tick=False):
        sent = browser.post(f"{FORM}verifier/")
        shown = words(browser.get(sent.url))

    made = Candidature.objects.get()
    assert ways == [f"{FORM}{step}/" for step in [*SAID, "verifier"]]
    assert (made.state, sent.url) == (State.SUBMITTED, "/devenir-relais/suivi/")
    assert (made.siret, made.lead_phone) == (SIRET, "+33556123456")
    assert [str(one) for one in made.members.all()] == ["Omar Diallo"]
    assert [(need.upc, need.per_month) for need in made.needs.all()] == [
        ("monde", 10),
        ("carte-sim", 4),
    ]
    assert "Au plus tard le 31 décembre 2026" in shown  # five working days over Christmas
    assert "C’est à Emmaüs Connect" in shown


def test_each_step_is_kept_as_it_is_sent() -> None:
    candidature = draft()
    post(client_of(candidature), "structure")

    page = client_of(candidature).get(f"{FORM}structure/").content.decode()

    assert 'value="Maison des familles"' in page
    assert f'value="{SIRET}"' in page


BAD: list[tuple[str, dict[str, str], str]] = [
    ("structure", {"name": ""}, "Indiquez le nom de votre structure."),
    ("structure", {"kind": ""}, "Choisissez le type de votre structure."),
    ("structure", {"kind": "banque"}, "Sélectionnez un choix valide"),
    ("structure", {"siret": "73282932000075"}, "Ce SIRET n’est pas valide"),
    ("structure", {"siret": "7328293200007"}, "Ce SIRET n’est pas valide"),
    ("structure", {"siret": ""}, "Indiquez le SIRET ou, pour une association, le numéro RNA"),
    ("structure", {"siret": "", "rna": "W12"}, "Un numéro RNA s’écrit W suivi de 9 chiffres"),
    ("structure", {"public": ""}, "Dites quel public votre structure accueille."),
    ("lieu", {"address": ""}, "Indiquez le numéro et la rue."),
    ("lieu", {"postcode": "3300"}, "Le code postal compte 5 chiffres"),
    ("lieu", {"postcode": "330000"}, "Le code postal compte 5 chiffres"),
    ("lieu", {"city": ""}, "Indiquez la commune."),
    ("lieu", {"delivery_mode": ""}, "Choisissez l’envoi ou le retrait."),
    ("referent", {"lead_first_name": ""}, "Indiquez son prénom."),
    ("referent", {"lead_email": "ana"}, "Cette adresse n’est pas complète."),
    ("referent", {"lead_phone": "05 56"}, "Ce numéro n’existe pas"),
    ("equipe", {"last_name_0": ""}, "Indiquez son nom."),
    ("equipe", {"email_0": "omar"}, "Cette adresse n’est pas complète."),
    ("equipe", {"first_name_1": "Léa"}, "Indiquez son adresse e-mail."),
    (
        "equipe",
        {"first_name_1": "O", "last_name_1": "D", "email_1": "OMAR@maison.example"},
        "Cette adresse est déjà dans la liste.",
    ),
    ("besoins", {"need_monde": "dix"}, "Monde\u00a0: écrivez un nombre entier"),
    ("besoins", {"need_monde": "-1"}, "Monde\u00a0: écrivez 0 ou plus."),
    ("besoins", {"need_monde": "10001"}, "Monde\u00a0: 10000 par mois au plus."),
    ("besoins", {"need_monde": "0", "need_carte-sim": ""}, "Indiquez au moins un besoin"),
]


@pytest.mark.parametrize(("step", "changed", "sentence"), BAD)
def test_bad_input_is_told_in_a_sentence_and_nothing_typed_is_lost(
    step: str, changed: dict[str, str], sentence: str
) -> None:
    candidature = draft()

    answer = post(client_of(candidature), step, **changed)

    page = answer.content.decode()
    typed = {name: text for name, text in (SAID[step] | changed).items() if text and name != "rows"}
    choices = {"kind", "delivery_mode"}
    lost = [
        name
        for name, text in typed.items()
        if name not in choices
        and f'value="{escape(text)}"' not in page
        and f"{text}</text" not in page
    ]
    assert (answer.status_code, sentence in page) == (200, True)
    assert lost == []
    assert Candidature.objects.get().saved_steps == []


def test_the_siret_of_la_poste_has_a_rule_of_its_own() -> None:
    assert post(client_of(draft()), "structure", siret=OTHER_SIRET).status_code == 302


def test_an_association_may_give_its_rna_number_alone() -> None:
    post(client_of(draft()), "structure", siret="", rna="w 332 001 234")

    made = Candidature.objects.get()
    assert (made.siret, made.rna) == ("", "W332001234")


@pytest.mark.parametrize("phone", ["0690001234", "+262 262 12 34 56"])
def test_numbers_of_overseas_are_numbers(phone: str) -> None:
    assert post(client_of(draft()), "referent", lead_phone=phone).status_code == 302


def test_a_second_candidature_of_a_siret_is_recognised_as_it_is_typed() -> None:
    submitted("omar@maison.example")

    page = post(client_of(draft()), "structure").content.decode()

    assert "Une candidature est déjà en cours pour ce numéro." in page
    assert 'value="732 829 320 00074"' in page


def test_a_second_candidature_of_a_siret_is_refused_when_it_is_sent() -> None:
    mine = filled()
    submitted("omar@maison.example")

    answer = client_of(mine).post(f"{FORM}verifier/")

    assert answer.status_code == 409
    assert "Une candidature est déjà en cours pour ce numéro." in words(answer)
    assert Candidature.objects.get(pk=mine.pk).state == State.DRAFT


def test_a_refused_structure_may_ask_again(referent: Any) -> None:
    review.refuse(submitted("omar@maison.example"), by=referent, reason="Trop tôt.")

    assert client_of(filled()).post(f"{FORM}verifier/").status_code == 302


def test_a_step_that_is_missing_is_asked_for_before_the_check() -> None:
    browser = client_of(draft())
    post(browser, "besoins")

    for answer in (browser.get(f"{FORM}verifier/"), browser.post(f"{FORM}verifier/")):
        assert answer.url == FORM
    assert browser.get(FORM).url == f"{FORM}structure/"


def test_more_colleagues_than_the_page_shows() -> None:
    browser = client_of(draft())
    rows = {
        f"{part}_{row}": text
        for row in range(3)
        for part, text in (("first_name", "O"), ("last_name", "D"), ("email", f"o{row}@m.example"))
    }

    answer = browser.post(f"{FORM}equipe/", {"rows": "3", "encore": "1", **rows})
    page = browser.get(answer.url).content.decode()

    assert (answer.url, page.count('type="email"')) == (f"{FORM}equipe/", 5)
    assert Candidature.objects.get().members.count() == 3


@pytest.mark.parametrize("rows", ["", "-1", "9999", "٣", "abc"])
def test_a_number_of_rows_that_is_no_number_does_no_harm(rows: str) -> None:
    assert post(client_of(draft()), "equipe", rows=rows).status_code == 302


def test_an_unknown_step_is_no_page() -> None:
    assert client_of(draft()).get(f"{FORM}inconnue/").status_code == 404


@pytest.mark.parametrize("step", [*SAID, "verifier"])
def test_what_was_sent_is_not_changed_behind_the_referents_back(step: str) -> None:
    candidature = submitted()
    browser = client_of(candidature)

    answer = browser.post(f"{FORM}{step}/", SAID.get(step, {}) | {"name": "Autre"})

    assert (answer.status_code, answer.url) == (302, "/devenir-relais/suivi/")
    assert Candidature.objects.get().name == "Maison des familles"


def test_what_is_to_be_completed_can_be_changed_and_sent_again(referent: Any) -> None:
    candidature = submitted()
    review.ask_to_complete(candidature, by=referent, reason="Quel public\u00a0?")
    browser = client_of(candidature)
    shown = words(browser.get("/devenir-relais/suivi/"))

    post(browser, "structure", public="Familles et jeunes")
    browser.post(f"{FORM}verifier/")

    made = Candidature.objects.get()
    assert ("Quel public" in shown, "C’est à vous" in shown) == (True, True)
    assert (made.state, made.public) == (State.SUBMITTED, "Familles et jeunes")


def test_withdrawing_is_asked_for_first() -> None:
    browser = client_of(submitted())
    path = "/devenir-relais/suivi/retirer/"
    asked = browser.get(path)
    before = Candidature.objects.get().state
    browser.post(path)

    assert (asked.status_code, before) == (200, State.SUBMITTED)
    assert Candidature.objects.get().state == State.WITHDRAWN
    assert "Vous avez retiré cette candidature." in words(browser.get("/devenir-relais/suivi/"))


def test_the_presentation_says_the_steps_their_delays_and_the_figures(client: Client) -> None:
    page = words(client.get("/devenir-relais/"))

    said = [
        *("1 à 3 jours ouvrés après la signature", "5 à 10 jours ouvrés après la signature"),
        *("sous 5 jours ouvrés", "Une facture par mois", "Illimité France (6,00 €)"),
        *("10&nbsp;%", "20&nbsp;%", "15&nbsp;%", "12&nbsp;%", "48&nbsp;%", "19&nbsp;%"),
        *("32&nbsp;%", "7&nbsp;%", "39&nbsp;%", "90&nbsp;%", "Méconnaissance du service"),
    ]
    assert [text for text in said if text not in page] == []


def test_the_presentation_is_one_query_for_its_products(
    client: Client, django_assert_num_queries: Any
) -> None:
    factories.product()
    with django_assert_num_queries(1):
        client.get("/devenir-relais/")
