"""What happens by itself: planned publication and expiry, and the address that follows a page."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from knowledge.models import FaqQuestion, GuidePage
from portal.accounts.roles import Role
from portal.pages.tasks import publish_scheduled
from tests.knowledge.test_workflow import PUBLISH, edit_url, guide_form
from tests.pages.people import browser_of

GUIDE = "/ressources/acheter-des-recharges/"


def at(when: Any) -> str:
    """Write a moment as the editor's form does."""
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M")


def test_the_clock_looks_every_five_minutes() -> None:
    entry = configured.CELERY_BEAT_SCHEDULE["pages-publish"]
    assert entry == {"task": "portal.pages.tasks.publish_scheduled", "schedule": 300.0}


def test_a_page_is_published_at_its_hour_and_expires_at_its_own(
    content: int, django_capture_on_commit_callbacks: Any
) -> None:
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    now = timezone.now()
    form = guide_form(
        title="À l’heure dite",
        slug=page.slug,
        go_live_at=at(now + timedelta(hours=2)),
        expire_at=at(now + timedelta(days=2)),
    )
    browser_of(Role.MODERATOR).post(edit_url(page), form | PUBLISH)
    seen = []
    for moment in (now, now + timedelta(hours=3), now + timedelta(days=3)):
        with time_machine.travel(moment), django_capture_on_commit_callbacks(execute=True):
            publish_scheduled()
        answer = Client().get(GUIDE)
        seen.append((answer.status_code, "À l’heure dite" in answer.content.decode()))
    assert seen == [(200, False), (200, True), (404, False)]


def test_an_answer_expires_too(content: int, django_capture_on_commit_callbacks: Any) -> None:
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    question.expire_at = timezone.now() + timedelta(hours=1)
    question.save_revision().publish()
    address = "/faq/a-quoi-sert-le-963/"
    assert Client().get(address).status_code == 200
    later = timezone.now() + timedelta(hours=2)
    with time_machine.travel(later), django_capture_on_commit_callbacks(execute=True):
        publish_scheduled()
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("address", [GUIDE, f"{GUIDE}?a=1", GUIDE.rstrip("/")])
def test_an_old_address_leads_to_the_new_one(
    content: int, django_capture_on_commit_callbacks: Any, address: str
) -> None:
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    form = guide_form(title=page.title, slug="acheter-en-ligne") | PUBLISH
    with django_capture_on_commit_callbacks(execute=True):
        browser_of(Role.MODERATOR).post(edit_url(page), form)
    answer = Client().get(address, follow=True)
    assert (answer.status_code, answer.request["PATH_INFO"]) == (
        200,
        "/ressources/acheter-en-ligne/",
    )


def test_a_page_that_is_moved_keeps_its_old_address(
    content: int, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Page.objects.get(slug="accessibilite").move(
            Page.objects.get(slug="mentions-legales"), "last-child"
        )
    answer = Client().get("/accessibilite/")
    assert (answer.status_code, answer["Location"]) == (301, "/mentions-legales/accessibilite/")


@pytest.mark.parametrize("width", ["375", ""])
def test_the_editor_offers_previews_in_phone_and_desktop_width(content: int, width: str) -> None:
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    html = browser_of(Role.EDITOR).get(edit_url(page)).content.decode()
    widths = [size["device_width"] for size in page.preview_sizes]
    assert (len(widths), f'data-device-width="{width or widths[-1]}"' in html) == (3, True)


def test_the_editor_offers_comments_and_content_checks(content: int) -> None:
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    html = browser_of(Role.EDITOR).get(edit_url(page)).content.decode()
    found = ['id="comments"' in html, 'data-side-panel="checks"' in html]
    assert found == [True, True]
