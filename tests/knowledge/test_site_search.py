"""The search of the whole site: FAQ, pages and documents that the visitor may see."""

import json
import re

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from knowledge import site_index
from knowledge.models import GuidePage, ResourceIndexPage, SearchEntry
from tests.factories import MembershipFactory

ACTIVATE = "/ressources/activer-une-carte-sim/"


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    cache.clear()


@pytest.fixture
def member(content: int) -> Client:
    client = Client()
    client.force_login(MembershipFactory().user)
    return client


def found(query: str, client: Client | None = None) -> dict[str, list[str]]:
    """Return the addresses found, by the title of their part."""
    answer = (client or Client()).get("/recherche/", {"q": query})
    assert answer.status_code == 200
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    parts = re.findall(r"<h2 id=\"\w+\">([^<]+)</h2>(.*?)</section>", main, re.DOTALL)
    return {title: re.findall(r'found__title"><a href="([^"]+)"', hits) for title, hits in parts}


def guide(title: str, **fields: object) -> GuidePage:
    made = GuidePage(title=title, theme="techniques", summary="x", **fields)
    ResourceIndexPage.objects.get().add_child(instance=made)
    made.save_revision().publish()
    return made


def document(title: str, collection: Collection | None = None) -> str:
    fields = {"collection": collection} if collection else {}
    made = get_document_model().objects.create(
        title=title, file=ContentFile(b"texte", "fichier.txt"), **fields
    )
    return str(made.url)


@pytest.mark.parametrize("typed", ["activer une carte sim", "activé carte", "CARTES SIM activer"])
def test_it_finds_answers_and_guides_as_people_type(member: Client, typed: str) -> None:
    parts = found(typed, member)
    assert "/faq/comment-activer-une-carte-sim/" in parts["Réponses de la FAQ"]
    assert ACTIVATE in parts["Guides et pages"][:3]


def test_a_typing_mistake_in_a_title_is_forgiven(content: int) -> None:
    page = guide("Le xylophone pas à pas")
    assert found("xylofone") == {"Guides et pages": [page.url]}


def test_what_a_page_says_is_found_and_marked(content: int) -> None:
    page = guide("Un guide", search_description="Tout sur le xylophone <b>")
    html = Client().get("/recherche/?q=xyloph").content.decode()
    assert found("xyloph") == {"Guides et pages": [page.url]}
    assert "Tout sur le <mark>xylophone</mark>" in html


def test_only_what_readers_see_of_a_page_is_known(content: int) -> None:
    step = {"title": "Tapez le code", "text": "<h3>Où ?</h3><p>Au dos</p>", "drawing": "gift"}
    steps = {"title": "Le xylophone", "steps": [step | {"picture": None, "tip": None}]}
    notice = {"kind": "info", "title": "", "text": "Gratuit"}
    blocks = [{"type": "steps", "value": steps}, {"type": "notice", "value": notice}]
    page = guide("Un guide", search_description="x", body=json.dumps(blocks))
    SearchEntry.objects.all().delete()
    site_index.catch_up()
    entry = SearchEntry.objects.get(page_id=page.pk)
    assert entry.body == "x. Le xylophone. Tapez le code. Où ? Au dos. Gratuit."


def test_a_page_kept_for_members_is_found_by_members_alone(member: Client) -> None:
    page = guide("Le xylophone")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert found("xylophone") == {}
    assert found("xylophone", member) == {"Guides et pages": [page.url]}


def test_a_page_that_is_not_published_is_not_found(content: int) -> None:
    page = guide("Le xylophone")
    page.unpublish()
    draft = GuidePage(title="Xylophone", theme="techniques", summary="x", live=False)
    ResourceIndexPage.objects.get().add_child(instance=draft)
    draft.save_revision()
    assert found("xylophone") == {}
    page.delete()
    assert SearchEntry.objects.filter(title="Le xylophone").count() == 0


def test_documents_obey_their_collection(member: Client) -> None:
    team = Collection.get_first_root_node().add_child(name="Équipe")
    CollectionViewRestriction.objects.create(
        collection=team, restriction_type=CollectionViewRestriction.LOGIN
    )
    free, kept = document("Affiche xylophone"), document("Note xylophone", team)
    assert found("xylophone") == {"Documents": [free]}
    assert found("xylophone", member) == {"Documents": [free, kept]}
    get_document_model().objects.all().delete()
    assert found("xylophone", member) == {}


def test_the_index_catches_up_with_what_it_missed(content: int) -> None:
    page = guide("Le xylophone")
    document("Xylophone")
    SearchEntry.objects.all().delete()
    written = site_index.catch_up()
    assert (written, site_index.catch_up()) == (SearchEntry.objects.count(), 0)
    assert found("xylophone")["Guides et pages"] == [page.url]


@pytest.mark.parametrize(
    "typed",
    ["", " ", "%_'\"\\", "' & | ! :* <->", "\x00", "a" * 10_000, "solde " * 2_000, "<script>", "é"],
)
def test_hostile_searches_are_answered(member: Client, typed: str) -> None:
    for address in ("/recherche/", "/faq/"):
        answer = member.get(address, {"q": typed})
        assert answer.status_code == 200
        assert "<script>" not in answer.content.decode().split("<main")[1].split("</main>")[0]


def test_nothing_found_says_so_and_offers_help(content: int) -> None:
    html = Client().get("/recherche/?q=xylophone").content.decode()
    assert "Aucun résultat pour «&nbsp;xylophone&nbsp;»" in html
    assert 'href="/aide/"' in html


def test_the_number_of_queries_does_not_depend_on_the_results(member: Client) -> None:
    costs = []
    for number in range(1, 7):
        guide(f"Le xylophone {number}", slug=f"x{number}")
        document(f"Xylophone {number}")
        if number in {1, 6}:
            found("xylophone", member)
            with CaptureQueriesContext(connection) as queries:
                found("xylophone", member)
            costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_faq_leads_to_the_search_of_the_site(content: int) -> None:
    html = Client().get("/faq/?q=carte").content.decode()
    assert '<a href="/recherche/?q=carte">' in html
