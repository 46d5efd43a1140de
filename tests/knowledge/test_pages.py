"""RESSOURCES, guides, FAQ and AIDE."""

import re
from html import unescape

import pytest
from django.test import Client
from wagtail.models import Page

from knowledge.models import FaqQuestion, FaqTheme, GuidePage, UsefulNumber
from tests.factories import MembershipFactory

SIX_GUIDES = [
    "Mise en œuvre de la plateforme solidaire\u00a0: les étapes",
    "Acheter des recharges en ligne",
    "Activer une carte SIM en ligne",
    "Gérer son compte en ligne",
    "Outil de gestion de caisse et de suivi de la consommation",
    "Rôles et responsabilités entre Emmaüs Connect et la structure",
]
NUMBERS = ["1023", "123", "950", "952", "963", "3179"]


def read(address: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def numbers_on(html: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'class="tel" href="tel:(\d+)"', html)))


@pytest.fixture
def member(db: None) -> Client:
    client = Client()
    client.force_login(MembershipFactory().user)
    return client


def test_resources_hold_the_decks_themes_and_guides(content: int, member: Client) -> None:
    html = read("/ressources/", member)
    assert re.findall(r'<h2 id="[a-z]+">([^<]+)</h2>', html) == [
        "Guides techniques",
        "Guides d’accompagnement",
        "Les numéros utiles",
        "Estimer ma consommation de data",
    ]
    assert re.findall(r'card__title"><a href="[^"]+">([^<]+)<', html)[:6] == SIX_GUIDES


def test_useful_numbers_are_the_same_everywhere(content: int) -> None:
    for address in ("/ressources/", "/faq/", "/aide/", "/ressources/activer-une-carte-sim/"):
        assert numbers_on(read(address)) == NUMBERS


def test_a_changed_number_changes_everywhere(content: int) -> None:
    number = UsefulNumber.objects.get(number="950")
    number.number = "951"
    number.save_revision().publish()
    UsefulNumber.objects.get(number="963").unpublish()
    for address in ("/faq/", "/aide/", "/ressources/maitriser-son-credit/"):
        assert numbers_on(read(address)) == ["1023", "123", "951", "952", "3179"]


def test_every_guide_reads_well(content: int, member: Client) -> None:
    slips = re.compile(r">\s*None\s*<|lorem|TODO|\*\*|\]\(")
    guides = list(GuidePage.objects.order_by("path"))
    pages = [read(guide.url, member) for guide in guides]
    assert [page.count("<h1>") for page in pages] == [1] * 10
    assert [slips.findall(page) for page in pages] == [[]] * 10
    assert {guide.reading_minutes for guide in guides} == {2, 3, 4}


def test_links_of_the_first_content_lead_somewhere(content: int, member: Client) -> None:
    pages = [page.url for page in Page.objects.filter(depth__gte=2)]
    questions = [f"/faq/{slug}/" for slug in FaqQuestion.objects.values_list("slug", flat=True)]
    wrong = set()
    for address in [*pages, *questions]:
        main = read(address, member).split("<main")[1].split("</main>")[0]
        for link in set(re.findall(r'href="(/(?:ressources|faq|aide|donnees)[^"#]*)"', main)):
            if member.get(link.replace("&amp;", "&")).status_code != 200:
                wrong.add((address, link))
    assert wrong == set()


def test_first_content_has_french_typography(content: int) -> None:
    texts = [
        *FaqQuestion.objects.values_list("question", flat=True),
        *FaqQuestion.objects.values_list("answer", flat=True),
        *(str(page.body) for page in GuidePage.objects.all()),
    ]
    loose = re.compile(r"\w'\w|« | »| [;:!?](?!/)")
    bare = [unescape(re.sub(r"<[^>]*>", "", text)) for text in texts]
    assert [found.group() for text in bare if (found := loose.search(text))] == []


def test_faq_is_by_theme_in_the_decks_order(content: int) -> None:
    html = read("/faq/")
    assert re.findall(r'<h2 id="theme-[a-z]+">([^<]+)</h2>', html) == [
        "Questions d’usage",
        "Questions techniques",
        "Dépannage",
    ]
    assert len(re.findall(r"<details class=\"disclosure\"", html)) == 28
    one = read("/faq/?theme=usage")
    assert len(re.findall(r"<details class=\"disclosure\"", one)) == 12


def test_each_answer_has_an_anchor_and_an_address_of_its_own(content: int) -> None:
    html = read("/faq/")
    assert 'id="comment-connaitre-le-solde-de-la-ligne"' in html
    answer = read("/faq/comment-connaitre-le-solde-de-la-ligne/")
    assert "<h1>Comment connaître le solde de la ligne\u00a0?</h1>" in answer


def test_what_does_not_exist_is_not_found(content: int) -> None:
    wrong = ["rien/", "a/b/", "?theme=rien", "?theme=usage&page=99", "?theme=usage&page=x"]
    assert [Client().get(f"/faq/{one}").status_code for one in wrong] == [404] * 5


def test_a_draft_answer_is_not_found(content: int) -> None:
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    question.unpublish()
    assert Client().get("/faq/a-quoi-sert-le-963/").status_code == 404
    assert "a-quoi-sert-le-963" not in read("/faq/?theme=techniques")


def test_a_slug_is_made_from_the_question_and_stays_unique(db: None) -> None:
    theme = FaqTheme.objects.create(name="Usage", slug="usage")
    made = []
    for _ in range(3):
        one = FaqQuestion(theme=theme, question="L’été, ça marche ?", answer="<p>Oui.</p>")
        one.full_clean()
        one.save()
        made.append(one.slug)
    assert made == ["l-ete-ca-marche", "l-ete-ca-marche-2", "l-ete-ca-marche-3"]
