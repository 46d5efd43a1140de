"""RESSOURCES: search, themes, favourites, what was read lately, and what strangers never see."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from knowledge.models import FaqQuestion, FaqTheme, GuidePage, ResourceIndexPage
from knowledge.reading import services, tasks
from knowledge.reading.models import Favourite, Reading
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.factories import MembershipFactory, UserFactory

HTMX = {"HX-Request": "true"}
RESOURCES = "/ressources/"
SHELF = "/ressources/mes-fiches/"
ROLES = "/ressources/roles-et-responsabilites/"  # for members: so the first content says


@pytest.fixture
def person(db: None) -> User:
    user: User = MembershipFactory().user
    return user


@pytest.fixture
def member(person: User) -> Client:
    return browser_of(person)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(address: str, client: Client | None = None, **headers: str) -> str:
    answer = (client or Client()).get(address, headers=headers or None)
    assert answer.status_code == 200
    return str(answer.content.decode())


def guide(slug: str) -> GuidePage:
    return GuidePage.objects.get(slug=slug)


def found(query: str, client: Client | None = None, theme: str = "") -> list[str]:
    html = read(f"{RESOURCES}?q={query}&theme={theme}", client, **HTMX)
    return re.findall(r'found__title"><a href="/ressources/([^"/]+)/">', html)


def listed(html: str) -> list[str]:
    return re.findall(r'card__title"><a href="/ressources/([^"/]+)/">', html)


def add_guides(count: int, theme: str = "techniques") -> None:
    index = ResourceIndexPage.objects.get()
    for number in range(count):
        slug = f"g-{theme}-{number}"
        page = GuidePage(title=f"Guide {slug}", slug=slug, theme=theme, summary="Court")
        index.add_child(instance=page)
        page.save_revision().publish()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("activer", "activer-une-carte-sim"),
        ("activ", "activer-une-carte-sim"),
        ("ACTIVÉR une carte", "activer-une-carte-sim"),
        ("achetter", "acheter-des-recharges"),
        ("caisses", "caisse-et-suivi"),
        ("acheter", "acheter-des-recharges"),
        ("estimer", "estimer-ma-consommation"),
    ],
)
def test_search_forgives_accents_plurals_first_letters_and_slips(
    content: int, typed: str, expected: str
) -> None:
    assert expected in found(typed)[:3]


def test_a_search_stays_within_the_theme(content: int) -> None:
    everywhere = found("recharge")
    technical = found("recharge", theme="techniques")
    themes = dict(GuidePage.objects.values_list("slug", "theme"))
    assert set(technical) < set(everywhere)
    assert {themes[slug] for slug in technical} == {"techniques"}


@pytest.mark.parametrize("typed", ["%25_'\"", "a" * 10_000, "xylophone", "%00", "(((", "<b>"])
def test_a_search_that_finds_nothing_says_where_to_look(content: int, typed: str) -> None:
    html = read(f"{RESOURCES}?q={typed}")
    assert ("Aucune fiche" in html) or ("Guides techniques" in html)
    assert "<b>" not in html


def test_what_htmx_asks_for_is_the_list_alone(content: int) -> None:
    answer = Client().get(f"{RESOURCES}?q=carte", headers=HTMX)
    assert "HX-Request" in answer["Vary"]
    assert answer.content.decode().count("<html") == 0
    assert read(f"{RESOURCES}?q=carte").count("<html") == 1


def test_a_theme_is_a_filter_and_wrong_ones_are_not_found(content: int) -> None:
    html = read(f"{RESOURCES}?theme=accompagnement")
    themes = dict(GuidePage.objects.values_list("slug", "theme"))
    assert {themes[slug] for slug in listed(html)} == {"accompagnement"}
    wrong = ["theme=rien", "theme=techniques&page=9", "theme=techniques&page=x"]
    assert [Client().get(f"{RESOURCES}?{one}").status_code for one in wrong] == [404] * 3


def test_a_card_says_how_long_it_takes_and_when_it_was_updated(content: int) -> None:
    GuidePage.objects.update(last_published_at=dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC))
    page = guide("activer-une-carte-sim")
    html = read(RESOURCES).split(f'href="{page.url}"')[1].split("</li>")[0]
    assert f"{page.reading_minutes}&nbsp;min" in html
    assert 'Mis à jour le <time datetime="2026-03-04">4 mars 2026</time>' in html


def test_a_long_theme_is_cut_and_paged(content: int) -> None:
    add_guides(40)
    total = GuidePage.objects.filter(theme="techniques", live=True).count() - 1  # one is closed
    html = read(RESOURCES)
    assert len([slug for slug in listed(html) if slug.startswith("g-")]) == 7
    assert f"{total - 12} autres fiches" in html
    assert len(listed(read(f"{RESOURCES}?theme=techniques"))) == 24
    assert len(listed(read(f"{RESOURCES}?theme=techniques&page=2"))) == total - 24


def restrict(page: GuidePage, *roles: Role) -> None:
    kind = PageViewRestriction.GROUPS if roles else PageViewRestriction.LOGIN
    PageViewRestriction.objects.filter(page=page).delete()
    one = PageViewRestriction.objects.create(page=page, restriction_type=kind)
    one.groups.set(Group.objects.filter(name__in=roles))


def test_a_restricted_guide_is_nowhere_for_whoever_may_not_open_it(
    content: int, member: Client
) -> None:
    page = guide("activer-une-carte-sim")
    restrict(page, Role.EDITOR)
    editor = UserFactory()
    editor.groups.add(Group.objects.get(name=Role.EDITOR))
    places = [
        RESOURCES,
        f"{RESOURCES}?theme=techniques",
        f"{RESOURCES}?q=activer+carte+sim",
        "/recherche/?q=activer+carte+sim",
        "/sitemap.xml",
        "/ressources/nouveautes.xml",
        "/ressources/acheter-des-recharges/",
    ]
    cut = [read(place).split("<aside")[-1] for place in places]
    assert [page.url in text for text in cut] == [False] * 7
    assert page.slug not in read(f"{RESOURCES}?q=activer", member)
    assert page.slug in read(RESOURCES, browser_of(editor))
    assert page.slug in found("activer", browser_of(editor))
    assert page.url not in read("/sitemap.xml", browser_of(editor))
    for place in (f"{SHELF}{page.pk}/", f"{page.url}pdf/"):
        assert Client().get(place)["Location"].startswith("/connexion/")
    assert member.get(f"{SHELF}{page.pk}/").status_code == 404
    assert member.post(f"{SHELF}{page.pk}/", {"keep": "1"}).status_code == 404
    assert member.post(f"{SHELF}{page.pk}/lue/").status_code == 404


def test_members_find_what_is_for_members_and_strangers_do_not(
    content: int, member: Client
) -> None:
    restrict(guide("roles-et-responsabilites"))
    assert [ROLES in read(RESOURCES), ROLES in read(RESOURCES, member)] == [False, True]
    slug = "roles-et-responsabilites"
    assert [slug in found("rôles"), slug in found("rôles", member)] == [False, True]


def test_a_guide_is_kept_and_let_go(content: int, member: Client, person: User) -> None:
    page = guide("activer-une-carte-sim")
    address = f"{SHELF}{page.pk}/"
    for _ in range(2):  # again changes nothing
        assert member.post(address, {"keep": "1"})["Location"] == SHELF
    assert [one.page_id for one in Favourite.objects.filter(user=person)] == [page.pk]
    assert page.title in read(SHELF, member)
    member.post(address, {"keep": "0"})
    assert Favourite.objects.count() == 0
    assert "Aucune fiche gardée" in read(SHELF, member)


def test_a_star_is_swapped_and_the_top_of_the_page_told(content: int, member: Client) -> None:
    page = guide("activer-une-carte-sim")
    answer = member.post(f"{SHELF}{page.pk}/", {"keep": "1"}, headers=HTMX)
    assert answer["HX-Trigger"] == "fiches"
    assert 'aria-pressed="true"' in answer.content.decode()
    assert page.title in read(f"{SHELF}apercu/", member)


def test_stars_are_those_of_the_person_who_asks(content: int, member: Client) -> None:
    pages = list(GuidePage.objects.order_by("path")[:3])
    member.post(f"{SHELF}{pages[1].pk}/", {"keep": "1"})
    asked = "&".join(f"sur={page.pk}" for page in pages)
    html = read(f"{SHELF}etoiles/?{asked}&sur=x&sur=-1&sur=99999999999", member)
    assert re.findall(r'aria-pressed="(\w+)"', html) == ["false", "true", "false"]
    other = browser_of(MembershipFactory().user)
    assert 'aria-pressed="true"' not in read(f"{SHELF}etoiles/?{asked}", other)
    assert [Client().get(f"{SHELF}{part}/").status_code for part in ("etoiles", "apercu")] == [
        204
    ] * 2


def test_the_kept_pages_hold_no_favourite_of_anybody(content: int, member: Client) -> None:
    page = guide("activer-une-carte-sim")
    member.post(f"{SHELF}{page.pk}/", {"keep": "1"})
    for address in (RESOURCES, page.url, f"{RESOURCES}?theme=techniques"):
        for _ in range(2):
            html = read(address, member).split("<main")[1]
            assert ("aria-pressed" in html, "csrfmiddlewaretoken" in html) == (False, False)
            assert f'href="{SHELF}{page.pk}/"' in html


def test_what_was_read_comes_last_first_and_no_more_than_is_kept(
    content: int, member: Client, person: User
) -> None:
    add_guides(25)
    pages = list(GuidePage.objects.filter(slug__startswith="g-").order_by("path"))
    for page in [*pages, pages[20]]:
        assert member.post(f"{SHELF}{page.pk}/lue/").status_code == 204
    assert Reading.objects.filter(user=person).count() == services.KEPT
    titles = [page.title for page in services.shelf_of(person).recent]
    assert titles == [pages[n].title for n in (20, 24, 23, 22, 21, 19, 18, 17)]


def test_what_is_closed_or_drafted_leaves_the_shelf(
    content: int, member: Client, person: User
) -> None:
    kept = [guide("activer-une-carte-sim"), guide("acheter-des-recharges")]
    for page in kept:
        services.keep(by=person, page=page)
        services.note(by=person, page=page)
    restrict(kept[0], Role.EDITOR)
    kept[1].unpublish()
    shelf = services.shelf_of(person)
    assert (shelf.favourites, shelf.recent) == ([], [])
    assert kept[0].title not in read(SHELF, member)


def test_readings_are_forgotten_after_a_year_and_with_the_account(content: int) -> None:
    person = UserFactory()
    page, other = GuidePage.objects.order_by("path")[:2]
    closed = UserFactory(is_active=False)
    for one in (person, closed):
        services.note(by=one, page=page)
    services.note(by=person, page=other)
    services.keep(by=person, page=page)
    Reading.objects.filter(page=other).update(at=timezone.now() - dt.timedelta(days=366))
    tasks.purge()
    assert list(Reading.objects.values_list("user", "page")) == [(person.pk, page.pk)]
    person.delete()
    assert (Reading.objects.count(), Favourite.objects.count()) == (0, 0)


def queries(address: str, client: Client, **headers: str) -> int:
    cache.clear()
    client.get(address, headers=headers or None)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers or None).status_code == 200
    return len(captured)


def test_lists_cost_the_same_whatever_their_length(
    content: int, member: Client, person: User
) -> None:
    def costs() -> list[int]:
        return [
            queries(RESOURCES, member),
            queries(f"{RESOURCES}?theme=techniques", member),
            queries(f"{RESOURCES}?q=guide", member, **HTMX),
            queries(SHELF, member),
            queries(f"{SHELF}apercu/", member),
            queries(f"{SHELF}etoiles/?" + "&".join(f"sur={one}" for one in keys()), member),
            queries("/sitemap.xml", Client()),
            queries("/ressources/nouveautes.xml", Client()),
        ]

    def keys() -> list[int]:
        return list(GuidePage.objects.values_list("pk", flat=True)[:40])

    for page in GuidePage.objects.all()[:3]:
        services.keep(by=person, page=page)
        services.note(by=person, page=page)
    few = costs()
    add_guides(8, "accompagnement")
    for page in GuidePage.objects.all():
        services.keep(by=person, page=page)
        services.note(by=person, page=page)
    assert costs() == few


def test_the_map_lists_public_pages_and_answers(content: int) -> None:
    restrict(guide("roles-et-responsabilites"))
    guide("caisse-et-suivi").unpublish()
    xml = read("/sitemap.xml")
    found = re.findall(
        r"<loc>http://testserver(/[^<]*)</loc>", xml.replace("localhost", "testserver")
    )
    assert "/" in found
    assert "/ressources/activer-une-carte-sim/" in found
    assert "/faq/comment-connaitre-le-solde-de-la-ligne/" in found
    assert ROLES not in found
    assert "/ressources/caisse-et-suivi/" not in found
    assert "example.com" not in xml
    assert len(found) == len(set(found)) == xml.count("<lastmod>")


def test_the_map_leaves_no_answer_out_of_thousands(content: int) -> None:
    theme = FaqTheme.objects.earliest("pk")
    before = read("/sitemap.xml").count("<loc>")
    FaqQuestion.objects.bulk_create(
        FaqQuestion(theme=theme, question="x", answer="<p>x</p>", slug=f"x-{number}")
        for number in range(2_100)
    )
    assert read("/sitemap.xml").count("<loc>") == before + 2_100


def test_the_feed_is_of_public_guides_last_published_first(content: int) -> None:
    restrict(guide("roles-et-responsabilites"))
    guide("gerer-son-compte").save_revision().publish()
    answer = Client().get("/ressources/nouveautes.xml")
    xml = answer.content.decode()
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    links = re.findall(r"<id>([^<]+)</id>", xml)[1:]
    assert links[0].endswith("/ressources/gerer-son-compte/")
    assert len(links) == 9
    assert [link for link in links if ROLES in link] == []
    assert "nouveautes.xml" in read(RESOURCES)


def test_robots_are_told_of_the_map_and_kept_from_the_rest(content: int) -> None:
    lines = read("/robots.txt").splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /gestion/" in lines
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"


def test_an_unknown_guide_is_not_found(content: int, member: Client) -> None:
    home = ResourceIndexPage.objects.get()
    assert [member.get(f"{SHELF}{pk}/").status_code for pk in (home.pk, 999_999)] == [404] * 2
