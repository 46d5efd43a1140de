"""« Estimer ma consommation »: the calculator, its advice, and what is typed into it."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from knowledge.estimator.models import DataUsage, EstimatorPage
from shop.ordering import baskets
from shop.products.models import ProductTerms
from tests import factories

pytestmark = pytest.mark.usefixtures("content")

PAGE = "/ressources/estimer-ma-consommation/"
SPACE = re.compile(r"[ \n\u00a0\u202f]+")


def key(name: str) -> str:
    """Return the field of the first usage whose name starts so."""
    return DataUsage.objects.get(name__startswith=name).key


def amounts(**typed: str) -> dict[str, str]:
    """Return the fields of usages by words of their name; ``_`` stands for a space."""
    return {key(name.replace("_", " ")): value for name, value in typed.items()}


def words(content: bytes) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))
    return SPACE.sub(" ", text)


def result(answer: Any) -> str:
    """Return the words of the result."""
    page = answer.content.decode()
    if 'id="resultat"' in page:
        page = page.split('id="resultat"')[1].split("</section>")[0]
    return words(page.encode())


def ask(client: Client | None = None, **typed: str) -> str:
    answer = (client or Client()).get(PAGE, amounts(**typed))
    assert answer.status_code == 200
    return result(answer)


@pytest.fixture
def shop(content: int) -> None:
    factories.product()


@pytest.fixture
def member(shop: None) -> Client:
    client = Client()
    client.force_login(factories.MembershipFactory().user)
    return client


def test_the_first_content_is_sourced_usages_on_one_page() -> None:
    usages = list(DataUsage.objects.live())
    assert len(usages) == 14
    assert [usage.name for usage in usages if not (usage.source and usage.source_url)] == []
    page = Client().get(PAGE).content.decode()
    assert re.findall(r"<label for=\"id_u\d+\">([^<]+)<", page) == [one.name for one in usages]
    told = [words(cell.encode()) for cell in re.findall(r'"Consommation">([^<]+)<', page)]
    assert told[:5] == [
        "0,01 Mo par message",
        "1 Mo par photo",
        "2,5 Mo par page",
        "5 Mo par heure",
        "72 Mo par heure",
    ]
    assert told[-3:] == ["0,3 Go par heure", "0,7 Go par heure", "3 Go par heure"]


def test_the_page_is_empty_until_something_is_asked() -> None:
    answer = Client().get(PAGE)
    assert "Indiquez un usage ou plusieurs" in result(answer)
    assert "Il y a quelque chose à corriger" not in words(answer.content)


def test_a_month_is_added_up_with_its_margin(shop: None) -> None:
    # 72 × 0,5 × 30,4 = 1 094,4 Mo; 540 × 1,5 × 30,4 / 7 = 3 517,7 Mo: 4,6 Go.
    told = ask(Musique="0.5", Appel_vidéo="1,5")
    assert "Environ 4,6 Go par mois" in told
    assert "À 20 % près : entre 3 et 6 Go." in told
    assert "Appel vidéo, à deux 1,5 heure par semaine 3,5 Go" in told
    assert "Musique 0,5 heure par jour 1,1 Go" in told
    assert "Internet mobile 8 Go suffit" in told
    assert "suffit tout juste" not in told
    assert "4,00 €" in told


def test_a_small_need_is_told_in_tenths(shop: None) -> None:
    told = ask(Messages="10", Musique="0.1")
    assert "Environ 0,2 Go par mois" in told
    assert "entre 0,1 et 0,3 Go" in told
    assert "Messages écrits et e-mails sans pièce jointe 10 messages par jour moins de 0,1" in told


def test_the_margin_is_the_editors(shop: None) -> None:
    page = EstimatorPage.objects.get()
    page.margin = 50
    page.save_revision().publish()
    assert "À 50 % près : entre 2 et 7 Go." in ask(Musique="0.5", Appel_vidéo="1.5")


def test_the_advice_follows_the_need(shop: None) -> None:
    # 700 Mo × 30.4 / 7: 3.04 Go for an hour a week.
    expected = {
        "2": "Internet mobile 8 Go suffit 4,00 €",  # 6.1 Go, at most 7.3
        "2.5": "Internet mobile 8 Go suffit tout juste 4,00 €",  # 7.6 Go, at most 9.1
        "3": "Deux recharges Internet mobile 8 Go suffisent 8,00 € pour 2 recharges",
        "13": "Cinq recharges Internet mobile 8 Go suffisent tout juste 20,00 €",  # 39.5 Go
        "14": "Aucune recharge de l’offre solidaire ne suffit",  # 42.6 Go
    }
    for hours, told in expected.items():
        assert told in ask(**{"Vidéos et films, qualité ordinaire": hours})


def test_the_cheapest_that_suffices_is_advised(shop: None) -> None:
    ProductTerms.objects.filter(product__upc="illimite-france").update(data_go=20)
    assert "Illimité France suffit 6,00 €" in ask(**{"Vidéos et films, qualité ordinaire": "3"})
    assert "Internet mobile 8 Go suffit 4,00 €" in ask(Musique="1")


def test_only_what_is_on_sale_is_advised(shop: None) -> None:
    product = factories.product("internet-mobile-8-go")
    product.is_public = False
    product.save()
    ProductTerms.objects.filter(product__upc="recharge-exceptionnelle").update(data_go=50)
    assert "Aucune recharge de l’offre solidaire ne suffit" in ask(Musique="1")


def test_an_order_s_limit_bounds_the_advice(shop: None) -> None:
    ProductTerms.objects.filter(product__upc="internet-mobile-8-go").update(order_limit=1)
    told = ask(**{"Vidéos et films, qualité ordinaire": "3"})
    assert "Aucune recharge de l’offre solidaire ne suffit" in told


def test_a_member_puts_it_into_the_basket(member: Client) -> None:
    answer = member.get(PAGE, {key("Vidéos et films, qualité ordinaire"): "3"})
    form = answer.content.decode().split('<form class="stack stack--s no-print" method="post"')[1]
    assert form.startswith(' action="/panier/ajouter/"')
    assert 'name="csrfmiddlewaretoken"' in form
    fields = dict(re.findall(r'name="(product|quantity)" value="([^"]+)"', form))
    assert fields == {"product": "internet-mobile-8-go", "quantity": "2"}
    member.post("/panier/ajouter/", fields)
    membership = factories.Membership.objects.get()
    assert baskets.count_items(membership) == 2


def test_a_stranger_is_sent_to_the_shop_without_a_form(shop: None) -> None:
    page = Client().get(PAGE, amounts(Musique="1")).content.decode()
    assert 'href="/offre-solidaire/">Voir l’offre solidaire' in page
    assert "csrfmiddlewaretoken" not in page


def test_a_result_is_not_kept_for_others(member: Client) -> None:
    typed = amounts(Musique="1")
    for _ in range(2):
        told = [client.get(PAGE, typed).content.decode() for client in (member, Client())]
        assert [page.count('action="/panier/ajouter/"') for page in told] == [1, 0]
    assert member.get(PAGE, typed).headers["Cache-Control"] == "private, no-cache"


def test_an_amount_that_cannot_be_is_told_in_a_sentence() -> None:
    impossible = ["-1", "8.5", "99999", "0.55", "1" * 10_000]
    for typed in [*impossible, "beaucoup", "NaN", "inf", "1e999", "<b>", "\x00"]:
        answer = Client().get(PAGE, amounts(Musique=typed))
        assert answer.status_code == 422
        told = words(answer.content)
        assert "Erreur : Estimer ma consommation" in told
        assert told.count("Indiquez un nombre entre 0 et 8, par exemple 2 ou 1,5.") == 2
        assert "Pas encore de résultat" in result(answer)
        assert b"<b>" not in answer.content


def test_nothing_at_all_is_told_in_a_sentence() -> None:
    for typed in ("", "0", "0,0", "  "):
        answer = Client().get(PAGE, amounts(Musique=typed))
        assert answer.status_code == 422
        told = "Indiquez au moins un usage : un nombre plus grand que zéro."
        assert told in result(answer)


def test_fields_that_miss_or_that_nobody_knows_do_no_harm(shop: None) -> None:
    answer = Client().get(PAGE, amounts(Musique="1") | {"u0": "x", "u999999": "3", "zut": "\x00"})
    assert answer.status_code == 200
    assert "Environ 2,2 Go par mois" in result(answer)
    assert "Indiquez un usage ou plusieurs" in result(Client().get(PAGE, {"u0": "1"}))


def test_typed_amounts_come_back_in_their_fields(shop: None) -> None:
    typed = amounts(Musique="1,5")
    page = Client().get(PAGE, typed).content.decode()
    (name,) = typed
    field = re.search(rf'<input type="number" name="{name}"[^>]*>', page)
    assert field is not None
    assert 'value="1.5"' in field[0]
    assert 'max="8"' in field[0]


def test_htmx_gets_the_result_alone(shop: None) -> None:
    answer = Client().get(PAGE, amounts(Musique="1"), headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert answer.content.count(b"<html") == 0
    assert "Environ 2,2 Go par mois" in result(answer)
    assert "HX-Request" in answer.headers["Vary"]
    wrong = Client().get(PAGE, amounts(Musique="-1"), headers={"hx-request": "true"})
    assert (wrong.status_code, wrong.content.count(b"<html")) == (200, 0)
    assert "Musique : Indiquez un nombre entre 0 et 8" in result(wrong)


def test_an_unpublished_usage_counts_no_more(shop: None) -> None:
    typed = amounts(Musique="1", Radio="1")
    DataUsage.objects.get(name__startswith="Radio").unpublish()
    told = result(Client().get(PAGE, typed))
    assert "Radio" not in told
    assert "Environ 2,2 Go par mois" in told


def test_a_published_change_counts_at_once(shop: None) -> None:
    usage = DataUsage.objects.get(name="Musique")
    Client().get(PAGE)
    usage.megabytes = Decimal(144)
    usage.save_revision().publish()
    assert "Environ 4,4 Go par mois" in ask(Musique="1")


def test_the_database_refuses_impossible_usages() -> None:
    impossible = {"megabytes": 0, "highest": 0, "step": 0}
    for name, value in [*impossible.items(), ("megabytes", 10_001), ("highest", 1001)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            DataUsage.objects.filter(name="Musique").update(**{name: value})


def queries(typed: dict[str, str]) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as counted:
        assert Client().get(PAGE, typed).status_code == 200
    return len(counted)


def test_resources_lead_to_the_page_as_long_as_it_is_public() -> None:
    link = f'card__title"><a href="{PAGE}">Estimer ma consommation</a>'
    assert link in Client().get("/ressources/").content.decode()
    page = EstimatorPage.objects.get()
    login = PageViewRestriction.LOGIN
    PageViewRestriction.objects.create(page=page, restriction_type=login)
    cache.clear()
    assert link not in Client().get("/ressources/").content.decode()


def test_the_guide_and_the_page_lead_to_each_other() -> None:
    guide = "/ressources/estimer-sa-consommation/"
    assert f'href="{guide}"' in Client().get(PAGE).content.decode()
    assert f'href="{PAGE}"' in Client().get(guide).content.decode()


def test_a_page_costs_the_same_whatever_the_usages(shop: None) -> None:
    typed = amounts(Musique="1")
    before = (queries({}), queries(typed))
    DataUsage.objects.bulk_create(
        DataUsage(name=f"Usage {n}", megabytes=1, source="x") for n in range(20)
    )
    assert (queries({}), queries(typed)) == before == (15, 16)
