"""The home page, the standard pages, pictures, documents and the choice of a structure."""

import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.models import Collection, CollectionViewRestriction, Page, Site, Workflow

from portal.accounts.roles import Role
from portal.pages import first_content
from portal.pages.models import HomePage, Paper, PublisherSettings
from tests.factories import MembershipFactory
from tests.pages.people import browser_of, logged_in

PAGES = [
    *("/", "/ressources/", "/faq/", "/aide/"),
    *("/mentions-legales/", "/donnees-personnelles/", "/accessibilite/"),
]


def test_a_new_database_has_our_site_and_none_of_wagtails_examples(db: None) -> None:
    assert [str(page.specific_class) for page in Page.objects.filter(depth=2)] == [str(HomePage)]
    site = Site.objects.get()
    assert (site.hostname, site.is_default_site, site.root_page.title) == (
        "localhost",
        True,
        "Accueil",
    )
    assert [workflow.name for workflow in Workflow.objects.all()] == ["Relecture"]
    assert Page.find_problems() == ([], [], [], [], [])


def test_home_answers_before_any_content_is_loaded(db: None) -> None:
    assert Client().get("/").status_code == 200


def test_public_pages_open_without_login(content: int) -> None:
    answers = [Client().get(address) for address in PAGES]
    assert [answer.status_code for answer in answers] == [200] * len(PAGES)
    assert [answer.content.decode().count("<h1>") for answer in answers] == [1] * len(PAGES)


def test_home_leads_to_the_six_parts(content: int) -> None:
    html = Client().get("/").content.decode()
    cards = re.findall(r'card__title"><a href="([^"]+)">([^<]+)<', html)
    assert cards == [
        ("/offre-solidaire/", "Offre solidaire"),
        ("/activation-sim/", "Activation SIM"),
        ("/mon-compte/", "Mon compte"),
        ("/ressources/", "Ressources"),
        ("/faq/", "FAQ"),
        ("/aide/", "Aide"),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [(None, None, True), (1, None, False), (None, -1, False), (0, 0, True)],
)
def test_the_alert_shows_between_its_dates(begin: Any, end: Any, shown: bool) -> None:
    today = dt.date(2026, 11, 20)
    page = HomePage(alert_text="Le service SFR est en panne.")
    page.alert_from = None if begin is None else today + dt.timedelta(days=begin)
    page.alert_until = None if end is None else today + dt.timedelta(days=end)
    assert page.alert_shown(today) is shown
    assert HomePage().alert_shown(today) is False


def test_the_legal_notice_shows_the_settings_and_says_what_is_missing(content: int) -> None:
    settings = PublisherSettings.for_site(Site.objects.get())
    assert settings.missing() == [
        "adresse du siège",
        "téléphone",
        "directeur ou directrice de la publication",
        "hébergeur",
    ]
    html = Client().get("/mentions-legales/").content.decode()
    assert html.count("Non renseigné") == 4
    dashboard = browser_of(Role.ADMINISTRATOR).get("/gestion/").content.decode()
    assert "Les mentions légales sont incomplètes" in dashboard


def test_first_content_is_loaded_once_and_leaves_edits_alone(content: int) -> None:
    home = HomePage.objects.get()
    home.title = "Notre accueil"
    home.save_revision().publish()
    Page.objects.get(slug="faq").delete()
    assert (content, first_content.load()) == (75, 1)
    assert HomePage.objects.get().title == "Notre accueil"


def test_a_member_of_two_structures_chooses(db: None) -> None:
    first = MembershipFactory()
    second = MembershipFactory(user=first.user)
    client = logged_in(first.user)
    answer = client.post("/changer-de-structure/", {"structure": str(second.structure.uuid)})
    assert (answer.status_code, answer.url) == (302, "/offre-solidaire/")
    assert client.session["structure"] == str(second.structure.uuid)


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/faq/", "/faq/"), ("https://ailleurs.example/", "/offre-solidaire/")],
)
def test_the_choice_goes_back_to_a_page_of_ours_only(db: None, target: str, expected: str) -> None:
    member = MembershipFactory()
    fields = {"structure": str(member.structure.uuid), "next": target}
    assert logged_in(member.user).post("/changer-de-structure/", fields).url == expected


def test_another_structure_is_not_found(db: None) -> None:
    client, other = logged_in(MembershipFactory().user), MembershipFactory().structure
    wrong = [str(other.uuid), str(uuid.uuid4()), "abc", ""]
    answers = [client.post("/changer-de-structure/", {"structure": one}) for one in wrong]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert client.get("/changer-de-structure/").status_code == 405
    assert Client().post("/changer-de-structure/").status_code == 302


def test_renditions_are_served_and_nothing_else(settings: Any, tmp_path: Path, db: None) -> None:
    settings.MEDIA_ROOT = tmp_path
    for name in ("images/a.jpg", "documents/secret.pdf", "secret.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    addresses = ["images/a.jpg", "images/../secret.txt", "images/%2e%2e/secret.txt"]
    addresses += ["documents/secret.pdf", "images/", "images/none.jpg"]
    found = [Client().get(f"/media/{address}").status_code for address in addresses]
    assert found == [200, 404, 404, 404, 404, 404]


def test_a_document_obeys_the_privacy_of_its_collection(
    settings: Any, tmp_path: Path, db: None
) -> None:
    settings.MEDIA_ROOT = tmp_path
    closed = Collection.get_first_root_node().add_child(name="Partenaires")
    login = CollectionViewRestriction.LOGIN
    CollectionViewRestriction.objects.create(collection=closed, restriction_type=login)
    public, private = (
        Paper.objects.create(
            title=name, file=ContentFile(b"x", name=f"{name}.txt"), collection=collection
        )
        for name, collection in (("a", Collection.get_first_root_node()), ("b", closed))
    )
    member = browser_of(Role.PARTNER)
    seen = [
        (Client().get(one.url).status_code, member.get(one.url).status_code)
        for one in (public, private)
    ]
    assert seen == [(200, 200), (302, 200)]


@pytest.mark.parametrize("address", ["/_util/login/", "/gestion/login/"])
def test_wagtails_own_login_is_closed(db: None, address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/connexion/")
