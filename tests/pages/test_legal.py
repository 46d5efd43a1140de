"""The legal pages: complete, linked everywhere, and true to what the platform does."""

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from wagtail.models import Page, Site

from activation.models import ActivationSettings
from portal.accounts.roles import Role
from portal.pages import first_content, legal
from portal.pages.models import PublisherSettings
from tests.factories import PASSWORD, MembershipFactory
from tests.pages.people import browser_of

LEGAL = [
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/cookies/",
    "/accessibilite/",
    "/conditions-d-utilisation/",
]
SCRIPTS = settings.BASE_DIR / "static" / "js"


def main(address: str) -> str:
    """Return what a page says, without its frame."""
    answer = Client().get(address)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html.split("<main")[1].split("</main>")[0]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def table(html: str) -> dict[str, str]:
    """Return the lines of a table of two columns."""
    lines = re.findall(r"<tr><th scope=\"row\"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>", html)
    return dict(lines)


def test_each_page_is_written_whole(content: int) -> None:
    for address in LEGAL:
        html = main(address)
        parts = [part.partition("</h2>")[2] for part in re.split(r"<h2[^>]*>", html)[1:]]
        assert len(parts) >= 3
        assert [part for part in parts if len(words(part)) < 40] == []
        assert re.findall(r"lorem|à compléter|TODO|\[…\]", html, re.IGNORECASE) == []


def test_every_page_leads_to_the_five(content: int) -> None:
    for address in ("/", "/faq/", "/connexion/", "/aide/", "/introuvable/"):
        foot = Client().get(address).content.decode().split('class="site-footer__links"')[1]
        links = re.findall(r'href="([^"]+)"', foot.split("</ul>")[0])
        assert [one for one in links if one in LEGAL] == LEGAL


def test_an_editors_words_are_never_written_over(content: int) -> None:
    page = Page.objects.get(slug="cookies").specific
    page.introduction = "Nos mots."
    page.save_revision().publish()
    assert first_content.load() == 0
    assert "Nos mots." in main("/cookies/")


def test_the_notice_names_who_publishes_and_who_hosts(content: int) -> None:
    PublisherSettings.objects.update_or_create(
        site=Site.objects.get(),
        defaults={
            "address": "71 rue Archereau, 75019 Paris",
            "phone": "01 00 00 00 00",
            "director": "Camille Martin",
            "host": "Hébergeur, 1 rue du Port, 59100 Roubaix, 01 11 11 11 11",
            "privacy_contact": "dpo@emmaus.example",
        },
    )
    notice, privacy = main("/mentions-legales/"), main("/donnees-personnelles/")
    for fact in ("71 rue Archereau", "01 00 00 00 00", "Camille Martin", "1 rue du Port"):
        assert fact in notice
    assert "Non renseigné" not in notice + privacy
    assert "dpo@emmaus.example" in privacy


def test_the_durations_are_those_of_the_purges(content: int, settings: Any) -> None:
    settings.SUPPORT_KEPT = dt.timedelta(days=200)
    settings.CANDIDATURE_DRAFTS_KEPT = dt.timedelta(days=31)
    settings.JOURNAL_KEPT = dt.timedelta(days=730)
    ActivationSettings.objects.update_or_create(pk=1, defaults={"retention_days": 45})
    shown = table(main("/donnees-personnelles/"))
    assert shown == {row["label"]: row["value"] for row in legal.retention()}
    assert shown["Demande d’activation d’une carte SIM"].startswith("45\u00a0jours après")
    assert shown["Demande d’assistance"].startswith("200\u00a0jours après")
    assert shown["Candidature jamais envoyée"] == "31\u00a0jours"
    assert shown["E-mails et SMS envoyés"] == "2\u00a0ans"


def test_a_duration_that_changes_is_shown_at_once(
    content: int, django_capture_on_commit_callbacks: Any
) -> None:
    assert "90\u00a0jours après" in main("/donnees-personnelles/")
    delays = ActivationSettings.load()
    delays.retention_days = 60
    with django_capture_on_commit_callbacks(execute=True):
        delays.save()
    assert "60\u00a0jours après" in main("/donnees-personnelles/")


def test_the_first_duration_of_an_activation_is_ninety_days(content: int) -> None:
    shown = table(main("/donnees-personnelles/"))
    assert shown["Demande d’activation d’une carte SIM"] == (
        "90\u00a0jours après sa clôture, puis anonymisée"
    )


@pytest.mark.parametrize(
    ("days", "said"), [(1, "un jour"), (90, "90\u00a0jours"), (365, "un an"), (730, "2\u00a0ans")]
)
def test_a_duration_is_said_as_people_say_it(days: int, said: str) -> None:
    assert legal.lasting(dt.timedelta(days=days)) == said


def visited() -> set[str]:
    """Return the cookies of a working visit: login, order, wrong form, log out."""
    client, member = Client(), MembershipFactory(is_structure_lead=True)
    member.user.set_password(PASSWORD)
    member.user.save()
    left: set[str] = set()
    for address in ("/", "/faq/?q=solde", "/connexion/", "/mot-de-passe/oublie/"):
        client.get(address)
        left |= set(client.cookies)
    client.post("/connexion/", {"login": member.user.email, "password": PASSWORD})
    left |= set(client.cookies)
    for address in ("/offre-solidaire/", "/panier/", "/mon-compte/", "/activation-sim/", "/aide/"):
        assert client.get(address).status_code == 200
        left |= set(client.cookies)
    client.post("/deconnexion/")
    return left | set(client.cookies)


def test_the_list_names_every_cookie_of_a_visit(content: int) -> None:
    named = set(table(main("/cookies/")))
    left = visited()
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= left
    assert left - named == set()
    assert named == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"}


def test_reading_leaves_no_cookie(content: int) -> None:
    client = Client()
    for address in ("/", "/ressources/", "/faq/", *LEGAL):
        client.get(address)
    assert set(client.cookies) == set()


def test_what_our_scripts_leave_in_the_browser_is_named(content: int) -> None:
    said = words(main("/cookies/"))
    scripts = [path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.glob("*.js"))]
    assert sum("localStorage." in one or "sessionStorage." in one for one in scripts) == 1
    kept = {name for one in scripts for name in re.findall(r'prefers\("(\w+)"', one)}
    assert kept == {"raccourcis", "direct"}
    assert [name for name in kept if f"« {name} »" not in said] == []


def test_an_editor_may_change_each_page(content: int) -> None:
    editor = browser_of(Role.EDITOR)
    pages = [Page.objects.get(slug=address.strip("/")) for address in LEGAL]
    answers = [editor.get(f"/gestion/pages/{page.pk}/edit/").status_code for page in pages]
    assert answers == [200] * len(LEGAL)
