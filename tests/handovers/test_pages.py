"""The pages of the carnet: lists, forms, search, and what they never show."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from portal.structures.models import Membership
from shop.handovers import services
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused
from shop.recharges.models import RechargeCode
from tests import factories
from tests.handovers.conftest import (
    BOOK,
    Payer,
    browser,
    form,
    limit,
    note,
    order,
    sold,
    trail,
    words,
)


@pytest.fixture
def client(member: Membership) -> Client:
    return browser(member)


def page(code: RechargeCode) -> str:
    return f"{BOOK}{code.uuid}/"


def test_a_number_is_noted_in_two_steps(client: Client, member: Membership) -> None:
    (code,) = order(member)
    book = client.get(BOOK)
    asked = client.get(page(code))
    done = client.post(page(code), form(reference="Dossier 7", amount="4,50 €"))

    assert page(code) in book.content.decode()
    assert asked.status_code == 200
    assert (done.status_code, done.url) == (302, BOOK)
    row = HandOver.objects.get()
    assert (row.reference, str(row.amount), row.by) == ("Dossier 7", "4.50", member.user)
    after = words(client.get(BOOK))
    assert "La remise est notée." in after
    assert "Tout est noté" in after
    assert "Dossier 7" in after


def test_no_page_of_the_carnet_shows_a_number(client: Client, member: Membership) -> None:
    first, second = order(member, quantity=2)
    sold(member, first)
    paths = [BOOK, page(first), page(second), f"{page(first)}retirer/", f"{BOOK}rapport/"]
    texts = [client.get(path).content.decode() for path in paths]
    texts.append(client.post(f"{BOOK}chercher/", {"reference": "Dossier 12"}).content.decode())

    assert [code.secret for code in (first, second) if any(code.secret in t for t in texts)] == []


def test_a_free_number_asks_nothing_about_money(client: Client, member: Membership) -> None:
    quota = factories.quota(member.structure, "monde", 1)
    (code,) = order(member)
    asked = client.get(page(code)).content.decode()
    client.post(page(code), form(reference="A1"))

    assert ('name="paid_by"' in asked, 'name="amount"' in asked) == (False, False)
    row = HandOver.objects.get()
    assert (row.paid_by, row.amount, row.quota) == ("nobody", 0, quota)


def test_a_mixed_order_lets_one_choose(client: Client, member: Membership) -> None:
    factories.quota(member.structure, "monde", 1)
    first, second = order(member, quantity=2)
    asked = words(client.get(page(first)))
    client.post(page(first), form(paid_by="nobody", amount=""))
    then = words(client.get(page(second)))

    assert [word in asked for word in ("Gratuite", "Le bénéficiaire")] == [True, True]
    assert ["ou si elle est gratuite" in text for text in (asked, then)] == [True, False]
    assert HandOver.objects.get().paid_by == "nobody"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reference": ""}, "Indiquez la référence de la personne."),
        ({"reference": "06 12 34 56 78"}, "ressemble à un numéro de téléphone"),
        ({"reference": "nadia@exemple.fr"}, "ressemble à une adresse e-mail"),
        ({"amount": "5,01"}, "ne peut pas dépasser ce prix"),
        ({"amount": "-1"}, "Indiquez le montant payé"),
        ({"amount": "beaucoup"}, "Indiquez un montant en euros"),
        ({"amount": "NaN"}, "Indiquez un montant en euros"),
        ({"amount": "1,234"}, "2"),
        ({"paid_by": ""}, "Indiquez qui a payé."),
        ({"paid_by": "nobody"}, "Sélectionnez un choix valide"),
        ({"handed_on_day": "32"}, "Le jour doit être compris entre 1 et 31."),
        ({"handed_on_year": "2999"}, "ne peut pas être dans le futur"),
        ({"handed_on_year": "2001"}, "Vous avez reçu ce numéro le"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_noted(
    client: Client, member: Membership, fields: dict[str, str], sentence: str
) -> None:
    (code,) = order(member)

    answer = client.post(page(code), form(**fields))

    assert (answer.status_code, HandOver.objects.count()) == (422, 0)
    assert sentence in words(answer)
    assert "Erreur\u00a0: " in words(answer)


def test_the_limit_is_said_on_the_form(client: Client, member: Membership) -> None:
    limit(member, by_month=1)
    first, second = order(member, quantity=2)
    sold(member, first)

    answer = client.post(page(second), form())

    assert answer.status_code == 422
    assert "Cette personne a déjà reçu 1\u00a0recharge en" in words(answer)


def test_the_amount_left_empty_is_the_price(client: Client, member: Membership) -> None:
    (code,) = order(member)
    client.post(page(code), form(amount=""))

    assert str(HandOver.objects.get().amount) == "5.00"


def test_a_colleague_corrects(member: Membership, colleague: Membership) -> None:
    (code,) = order(member)
    sold(member, code)
    theirs = browser(colleague)
    asked = theirs.get(page(code)).content.decode()
    done = theirs.post(page(code), form(reference="Dossier 99", amount="2"))

    assert ('value="Dossier 12"' in asked, 'value="5,00"' in asked) == (True, True)
    assert done.status_code == 302
    assert HandOver.objects.get().reference == "Dossier 99"


def test_a_removal_asks_why(client: Client, member: Membership) -> None:
    (code,) = order(member)
    sold(member, code)
    path = f"{page(code)}retirer/"
    asked = client.get(path).status_code
    refused = client.post(path, {})
    still = HandOver.objects.count()
    done = client.post(path, {"reason": "mistake"})

    assert (asked, refused.status_code, still) == (200, 422, 1)
    assert (done.status_code, HandOver.objects.count()) == (302, 0)
    assert trail("removed")[0]["reason"] == "mistake"
    assert client.get(path).status_code == 404


def test_a_hand_over_that_a_colleague_removed_meanwhile_is_not_corrected(
    member: Membership, colleague: Membership
) -> None:
    (code,) = order(member)
    row = sold(member, code)
    services.remove(by=colleague, row=row, reason=services.RemovalReason.MISTAKE)

    with pytest.raises(HandOverRefused, match="un collègue vient de la retirer"):
        services.correct(
            by=member,
            row=row,
            reference="A1",
            handed_on=row.handed_on,
            paid_by=Payer.STRUCTURE,
        )
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("suffix", ["", "retirer/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_structures_number_is_not_found(
    member: Membership, stranger: Membership, suffix: str, method: str
) -> None:
    (code,) = order(member)
    sold(member, code)
    theirs = browser(stranger)

    assert getattr(theirs, method)(f"{page(code)}{suffix}", form()).status_code == 404
    assert getattr(theirs, method)(f"{BOOK}{uuid4()}/{suffix}", form()).status_code == 404
    assert HandOver.objects.get().reference == "Dossier 12"


def test_a_number_that_nobody_saw_is_not_to_be_noted(client: Client, member: Membership) -> None:
    (code,) = order(member)
    RechargeCode.objects.update(first_shown_at=None)

    answer = client.get(page(code))

    assert answer.status_code == 409
    assert "personne ne l’a encore affiché" in words(answer)


def test_several_numbers_for_one_person(client: Client, member: Membership) -> None:
    codes = order(member, quantity=3)
    chosen = {"numero": [str(code.uuid) for code in codes[:2]]}
    asked = client.get(f"{BOOK}noter/", chosen)
    refused = client.post(f"{BOOK}noter/", {**form(reference=""), **chosen})
    done = client.post(f"{BOOK}noter/", {**form(paid_by="structure"), **chosen})

    assert (asked.status_code, refused.status_code, done.status_code) == (200, 422, 302)
    assert set(HandOver.objects.values_list("code", flat=True)) == {code.pk for code in codes[:2]}
    assert set(HandOver.objects.values_list("amount", "paid_by")) == {(5, "structure")}


def test_one_number_chosen_has_its_own_form_and_none_leads_back(
    client: Client, member: Membership
) -> None:
    (code,) = order(member)

    one = client.get(f"{BOOK}noter/", {"numero": str(code.uuid)})
    none = client.get(f"{BOOK}noter/")

    assert (one.url, none.url) == (page(code), BOOK)


def test_a_choice_that_is_not_the_structures_is_not_found(
    client: Client, member: Membership, stranger: Membership
) -> None:
    mine, theirs = order(member), order(stranger)

    for second in (str(theirs[0].uuid), "nothing", str(uuid4())):
        chosen = {"numero": [str(mine[0].uuid), second]}
        assert client.post(f"{BOOK}noter/", {**form(), **chosen}).status_code == 404
    many = {"numero": [str(uuid4()) for _ in range(21)]}
    assert client.get(f"{BOOK}noter/", many).status_code == 409
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("typed", ["Élan 12", "elan12", " ÉLAN  12 ", "e\u0301lan 12"])
def test_a_person_is_found_however_the_reference_is_spelled(
    client: Client, member: Membership, typed: str
) -> None:
    first, second = order(member, quantity=2)
    sold(member, first, "élan 12")
    sold(member, second, "Autre")

    found = client.post(f"{BOOK}chercher/", {"reference": typed})

    assert [row.code for row in found.context["found"]] == [first]


@pytest.mark.parametrize("typed", ["", "   ", "Dossier 13", "%", "x" * 5000])
def test_a_search_that_finds_nothing_says_so(
    client: Client, member: Membership, typed: str
) -> None:
    sold(member, *order(member))

    answer = client.post(f"{BOOK}chercher/", {"reference": typed})

    assert answer.status_code == 200
    assert "Aucune remise trouvée" in words(answer)


def test_another_structures_person_is_not_found(member: Membership, stranger: Membership) -> None:
    sold(member, *order(member))

    answer = browser(stranger).post(f"{BOOK}chercher/", {"reference": "Dossier 12"})

    assert answer.context["found"] == []


def test_the_list_is_that_of_a_month_and_of_a_payer(client: Client, member: Membership) -> None:
    factories.quota(member.structure, "monde", 1)
    first, second, third = order(member, quantity=3)
    note(member, first, "Libre")
    sold(member, second, "Payeuse")
    old = sold(member, third, "Ancienne")
    before = factories.today().replace(day=1) - dt.timedelta(days=1)
    HandOver.objects.filter(pk=old.pk).update(handed_on=before)

    def names(query: str) -> list[bool]:
        text = words(client.get(f"{BOOK}{query}"))
        return [name in text for name in ("Libre", "Payeuse", "Ancienne")]

    assert names("") == [True, True, False]
    assert names("?payeur=nobody") == [True, False, False]
    assert names("?payeur=nonsense") == [True, True, False]
    assert names(f"?mois={before:%Y-%m}") == [False, False, True]


@pytest.mark.parametrize(
    "month", ["2026-13", "2026", "abc", "0000-01", "9999-01", "2026-1", "²026-01"]
)
@pytest.mark.parametrize("path", [BOOK, f"{BOOK}rapport/"])
def test_a_month_that_does_not_exist_is_said(
    client: Client, member: Membership, path: str, month: str
) -> None:
    answer = client.get(path, {"mois": month})

    assert (answer.status_code, "Ce mois n’existe pas" in words(answer)) == (400, True)


def test_the_menu_of_the_account_leads_here(client: Client) -> None:
    text = client.get("/mon-compte/").content.decode()

    assert ('href="/mon-compte/remises/"' in text, 'href="/mon-compte/equipe/"' in text) == (
        True,
        True,
    )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"), [("", 7), ("rapport/", 4), ("chercher/", 4), ("note", 7)]
)
def test_pages_cost_the_same_whatever_they_hold(
    member: Membership, count: int, path: str, queries: int, django_assert_num_queries: Any
) -> None:
    client = browser(member)
    codes = order(member, quantity=2 * count)
    for code in codes[:count]:
        sold(member, code)

    def ask() -> Any:
        if path == "chercher/":
            return client.post(f"{BOOK}{path}", {"reference": "Dossier 12"})
        return client.get(page(codes[-1]) if path == "note" else f"{BOOK}{path}")

    ask()
    with django_assert_num_queries(queries):
        assert ask().status_code == 200


def test_pages_are_never_kept_by_the_browser(client: Client, member: Membership) -> None:
    (code,) = order(member)
    sold(member, code, paid_by=Payer.STRUCTURE)

    for path in (BOOK, page(code), f"{BOOK}rapport/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]
