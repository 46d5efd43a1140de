"""Whole pages kept in Redis: never somebody else's name, never an old text, never a closed page."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from knowledge.models import FaqQuestion, GuidePage, UsefulNumber
from portal.accounts.roles import Role
from portal.pages import cache as page_cache
from portal.pages.models import HomePage, PublisherSettings
from shop.ordering.baskets import add, empty
from tests.factories import MembershipFactory, UserFactory, product
from tests.pages.people import browser_of, logged_in

GUIDE = "/ressources/acheter-des-recharges/"
CLOSED = "/ressources/roles-et-responsabilites/"
PUBLIC_PAGES = ["/", "/ressources/", GUIDE, "/faq/", "/aide/", "/mentions-legales/"]

Commits = Callable[..., AbstractContextManager[Any]]
Queries = Callable[..., CaptureQueriesContext]


def kept() -> int:
    """Return the number of pages in Redis."""
    return sum(1 for _ in cache._cache.get_client().scan_iter("espace:1:pages:*/*"))  # type: ignore[attr-defined]


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_kept_page_shows_each_visitor_their_own_name_alone(content: int) -> None:
    amina = logged_in(MembershipFactory(user=UserFactory(first_name="Amina")).user)
    bruno = logged_in(MembershipFactory(user=UserFactory(first_name="Bruno")).user)
    for number, address in enumerate(PUBLIC_PAGES, start=1):
        seen = [text(one, address) for one in (amina, bruno, Client(), amina)]
        assert [("Amina" in one, "Bruno" in one) for one in seen] == [
            (True, False),
            (False, True),
            (False, False),
            (True, False),
        ]
        assert [one.count("personal__login") for one in seen] == [0, 0, 1, 0]
        assert kept() == 2 * number  # one for members, one for strangers


def test_a_kept_page_holds_no_token_and_each_answer_its_own(content: int) -> None:
    client = logged_in(MembershipFactory().user)
    first, second = (text(client, GUIDE) for _ in range(2))
    tokens = [page.split('csrfmiddlewaretoken" value="')[1][:64] for page in (first, second)]
    assert len(set(tokens)) == 2
    assert [first.count(tokens[0]), second.count(tokens[0])] == [1, 0]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post("/deconnexion/", {"csrfmiddlewaretoken": tokens[1]})
    assert answer.status_code == 302


def test_a_kept_page_costs_a_partner_two_queries_and_a_stranger_none(
    content: int, django_assert_num_queries: Queries
) -> None:
    partner, stranger = logged_in(MembershipFactory().user), Client()
    for client in (partner, stranger):
        for address in (GUIDE, "/faq/"):
            client.get(address)
    for address in (GUIDE, "/faq/"):
        with django_assert_num_queries(2):  # user; memberships and basket
            partner.get(address)
        with django_assert_num_queries(0):
            stranger.get(address)


def test_a_kept_page_shows_the_basket_of_the_current_structure(content: int) -> None:
    first = MembershipFactory()
    second = MembershipFactory(user=first.user)
    product("monde")
    add(by=first, upc="monde", quantity=3)
    add(by=second, upc="monde", quantity=2)
    client = logged_in(first.user)

    def count() -> str:
        found = re.search(r'id="basket-count">(\d+)', text(client, GUIDE))
        return found[1] if found else ""

    seen = [count(), count()]
    client.post("/changer-de-structure/", {"structure": str(second.structure.uuid)})
    empty(by=second)
    assert [*seen, count()] == ["3", "3", "0"]


def test_a_publication_shows_at_once(
    content: int, django_capture_on_commit_callbacks: Commits
) -> None:
    client = logged_in(MembershipFactory().user)
    guide = GuidePage.objects.get(slug="acheter-des-recharges")
    text(client, GUIDE)
    guide.title = "Un nouveau titre"
    with django_capture_on_commit_callbacks(execute=True):
        revision = guide.save_revision()
    assert "Un nouveau titre" not in text(client, GUIDE)
    with django_capture_on_commit_callbacks(execute=True):
        revision.publish()
    assert "<h1>Un nouveau titre</h1>" in text(client, GUIDE)
    with django_capture_on_commit_callbacks(execute=True):
        guide.unpublish()
    assert client.get(GUIDE).status_code == 404


def test_every_thing_that_pages_show_makes_them_new(
    content: int, django_capture_on_commit_callbacks: Commits
) -> None:
    def number() -> None:
        one = UsefulNumber.objects.get(number="950")
        one.label = "pour le solde"
        one.save_revision().publish()

    changes = {
        "a useful number": number,
        "an answer taken away": lambda: FaqQuestion.objects.first().delete(),
        "who publishes": lambda: PublisherSettings.objects.update_or_create(
            site_id=HomePage.objects.get().get_site().pk, defaults={"director": "Ada"}
        ),
        "a restriction": lambda: PageViewRestriction.objects.get().delete(),
        "a page moved": lambda: Page.objects.get(slug="accessibilite").move(
            Page.objects.get(slug="mentions-legales"), "last-child"
        ),
    }
    unchanged = []
    for name, change in changes.items():
        Client().get("/aide/")
        before = cache.get(page_cache.VERSION)
        with django_capture_on_commit_callbacks(execute=True):
            change()
        if cache.get(page_cache.VERSION) == before:
            unchanged.append(name)
    assert unchanged == []


def test_a_closed_page_never_leaks(content: int) -> None:
    member = logged_in(MembershipFactory().user)
    assert member.get(CLOSED).status_code == 200
    for _ in range(2):
        answer = Client().get(CLOSED)
        assert (answer.status_code, answer.url) == (302, f"/connexion/?next={CLOSED}")
    assert ["Rôles et resp" in text(one, "/ressources/") for one in (member, Client())] == [
        True,
        False,
    ]


def test_a_page_of_some_groups_is_hidden_from_the_others(
    content: int, django_capture_on_commit_callbacks: Commits
) -> None:
    partner, referent = browser_of(Role.PARTNER), browser_of(Role.REFERENT)
    assert [one.get(GUIDE).status_code for one in (referent, partner)] == [200, 200]
    guide = Page.objects.get(slug="acheter-des-recharges")
    with django_capture_on_commit_callbacks(execute=True):
        groups = PageViewRestriction.GROUPS
        rule = PageViewRestriction.objects.create(page=guide, restriction_type=groups)
        rule.groups.add(Group.objects.get(name=str(Role.REFERENT)))
    for _ in range(2):
        assert [one.get(GUIDE).status_code for one in (referent, partner)] == [200, 404]
        assert ["Acheter des rech" in text(one, "/ressources/") for one in (referent, partner)] == [
            True,
            False,
        ]
    assert Client().get(GUIDE).status_code == 302


def test_a_role_taken_away_counts_at_the_next_request(
    content: int, django_capture_on_commit_callbacks: Commits
) -> None:
    user = UserFactory(role=Role.REFERENT)
    client = logged_in(user)
    guide = Page.objects.get(slug="acheter-des-recharges")
    with django_capture_on_commit_callbacks(execute=True):
        groups = PageViewRestriction.GROUPS
        rule = PageViewRestriction.objects.create(page=guide, restriction_type=groups)
        rule.groups.add(Group.objects.get(name=str(Role.REFERENT)))
    assert client.get(GUIDE).status_code == 200
    user.groups.clear()
    assert client.get(GUIDE).status_code == 404


def test_a_page_that_shows_a_message_is_neither_kept_nor_taken_from_what_is_kept(
    content: int, settings: Any
) -> None:
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    client = logged_in(MembershipFactory().user)
    client.get("/aide/")
    session = client.session
    note = Message(constants.SUCCESS, "Commande validée pour Amina")
    storage = SessionStorage(SimpleNamespace(session=session))  # type: ignore[arg-type]
    session["_messages"] = storage.serialize_messages([note])
    session.save()
    before = kept()
    assert "Commande validée pour Amina" in text(client, "/aide/")
    assert kept() == before
    assert "Commande validée" not in text(client, "/aide/")


def test_invented_addresses_are_not_kept(content: int) -> None:
    for query in ("utm_source=x", "q=solde&x=1", f"q={'a' * 300}"):
        logged_in(MembershipFactory().user).get(f"/faq/?{query}")
    Client().get("/faq/?q=solde")
    assert kept() == 0


def test_only_good_answers_are_kept(content: int) -> None:
    client = logged_in(MembershipFactory().user)
    answers = [client.get("/rien/"), client.get("/faq/?theme=rien"), client.post("/aide/")]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert kept() == 0


def test_an_answer_is_for_the_visitor_alone(content: int) -> None:
    client = logged_in(MembershipFactory().user)
    for _ in range(2):
        answer = client.get("/faq/")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        vary = {name.strip() for name in answer.headers["Vary"].split(",")}
        assert {"Cookie", "HX-Request"} <= vary


def test_a_page_is_drawn_live_while_redis_is_away(settings: Any) -> None:
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}  # type: ignore[attr-defined]
    request._messages = []  # type: ignore[attr-defined]
    answer = page_cache.cached(lambda request: HttpResponse("vivant"))(request)
    assert (answer.status_code, answer.content) == (200, b"vivant")
    page_cache.bump()  # says so in the log and lets the publication pass


def test_the_words_of_the_page_are_the_same_kept_or_not(content: int) -> None:
    client = logged_in(MembershipFactory().user)
    fresh, again = (text(client, GUIDE) for _ in range(2))
    cut = 'id="personal"'
    assert fresh.split(cut)[0] == again.split(cut)[0]
    assert fresh.split("</header>")[1] == again.split("</header>")[1]
