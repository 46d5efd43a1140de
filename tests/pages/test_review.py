"""What nobody has read again for six months: the list, the button, the e-mail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from wagtail.models import Page

from knowledge.models import FaqQuestion, UsefulNumber
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.pages.models import Review
from portal.pages.tasks import remind_reviews
from portal.pages.watch import review
from tests.factories import UserFactory
from tests.pages.people import browser_of

LIST = "/gestion/reports/a-relire/"


def aged(thing: Any, *, days: int) -> Any:
    """Have the thing published that many days ago."""
    when = timezone.now() - timedelta(days=days)
    type(thing).objects.filter(pk=thing.pk).update(last_published_at=when)
    return thing


@pytest.fixture
def old(content: int) -> list[Any]:
    """A page, an answer and a number that nobody read for seven months."""
    things = [
        Page.objects.get(slug="acheter-des-recharges"),
        FaqQuestion.objects.get(slug="a-quoi-sert-le-963"),
        UsefulNumber.objects.get(number="950"),
    ]
    return [aged(thing, days=210 + number) for number, thing in enumerate(things)]


def due() -> list[tuple[str, int]]:
    return [(row["kind"], row["key"]) for row in review.due()]


def names(things: list[Any]) -> list[tuple[str, int]]:
    kinds = ("wagtailcore.page", "knowledge.faqquestion", "knowledge.usefulnumber")
    return [(kind, thing.pk) for kind, thing in zip(kinds, things, strict=True)]


def address(thing: Any, kind: str = "wagtailcore.page") -> str:
    return f"{LIST}{kind}/{thing.pk}/"


def test_what_was_published_six_months_ago_is_due_the_oldest_first(old: list[Any]) -> None:
    assert due() == names(old)[::-1]
    aged(old[0], days=180)
    assert due() == names(old)[:0:-1]


def test_what_is_not_published_is_never_due(old: list[Any]) -> None:
    old[0].specific.unpublish()
    assert due() == names(old)[:0:-1]


def test_the_list_says_what_where_and_since_when(old: list[Any]) -> None:
    html = browser_of(Role.EDITOR).get(LIST).content.decode()
    found = [f'href="/gestion/pages/{old[0].pk}/edit/"' in html, "À quoi sert le 963" in html]
    assert [*found, html.count("J’ai relu<")] == [True, True, 3]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MODERATOR])
def test_one_button_takes_it_off_the_list_for_six_months(old: list[Any], role: Role) -> None:
    client = browser_of(role)
    assert "tout est-il encore juste" in client.get(address(old[0])).content.decode()
    assert client.post(address(old[0])).status_code == 302
    assert due() == names(old)[:0:-1]
    row = Review.objects.get()
    assert (row.reviewed_by.groups.get().name, row.object_id) == (str(role), old[0].pk)
    Review.objects.update(reviewed_at=timezone.now() - timedelta(days=184))
    assert len(due()) == 3


def test_the_page_in_the_editor_offers_the_button(old: list[Any]) -> None:
    html = browser_of(Role.EDITOR).get(f"/gestion/pages/{old[0].pk}/edit/").content.decode()
    assert (address(old[0]) in html, "J’ai relu cette page" in html) == (True, True)


@pytest.mark.parametrize("role", [Role.REFERENT, Role.OPERATOR, Role.ADMINISTRATOR])
def test_other_roles_read_nothing_again(old: list[Any], role: Role) -> None:
    client = browser_of(role)
    answers = [client.get(LIST), client.get(address(old[0])), client.post(address(old[0]))]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert Review.objects.count() == 0


@pytest.mark.parametrize("name", ["wagtailcore.page/99999", "accounts.user/1", "knowledge.rien/1"])
def test_what_is_not_there_cannot_be_read_again(old: list[Any], name: str) -> None:
    assert browser_of(Role.EDITOR).post(f"{LIST}{name}/").status_code == 404


def test_the_list_costs_the_same_however_long(
    content: int, django_assert_max_num_queries: Any
) -> None:
    client = browser_of(Role.EDITOR)
    client.get(LIST)
    for model in (Page, FaqQuestion, UsefulNumber):
        model.objects.update(last_published_at=timezone.now() - timedelta(days=300))
    with django_assert_max_num_queries(16):
        html = client.get(LIST).content.decode()
    assert html.count("J’ai relu<") == 50
    assert "Page 1 sur" in html


def test_editeurs_and_moderateurs_get_one_list_once(old: list[Any]) -> None:
    people = [UserFactory(role=role) for role in (Role.EDITOR, Role.MODERATOR, Role.OPERATOR)]
    UserFactory(role=Role.EDITOR, is_active=False)
    assert [review.remind(), review.remind()] == [3, 0]
    deliver_due()
    assert sorted(one.to[0] for one in mail.outbox) == sorted(one.email for one in people[:2])
    body = mail.outbox[0].body
    assert "3 textes du site n’ont pas été relus depuis six mois" in body
    assert ["Acheter des recharges" in body, "/gestion/reports/a-relire/" in body] == [True, True]


def test_what_becomes_due_later_is_said_then(old: list[Any]) -> None:
    UserFactory(role=Role.EDITOR)
    review.remind()
    aged(Page.objects.get(slug="accessibilite"), days=200)
    assert review.remind() == 1

    browser_of(Role.MODERATOR).post(address(old[0]))
    assert review.remind() == 0
    long_ago = timezone.now() - timedelta(days=200)
    Review.objects.filter(object_id=old[0].pk).update(
        reviewed_at=long_ago, reminded_at=long_ago - timedelta(days=1)
    )
    remind_reviews()
    assert OutboxMessage.objects.filter(topic="pages.review_due").count() > 1


def test_nobody_is_written_to_when_all_is_read(content: int) -> None:
    UserFactory(role=Role.EDITOR)
    Page.objects.update(last_published_at=timezone.now())
    assert (review.remind(), OutboxMessage.objects.count()) == (0, 0)
