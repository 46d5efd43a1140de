"""The one login."""

import re

import pytest
from django.conf import settings
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import disable
from tests.accounts.conftest import PASSWORD, MakeUser, is_logged_in, log_in
from tests.accounts.hashers import CountingHasher

pytestmark = pytest.mark.django_db


def answer(client: Client, email: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    """Post the login form and return the status and where it leads."""
    response = client.post("/connexion/", {"login": email, "password": password, **more})
    return response.status_code, response.headers.get("Location", "")


def test_partner_goes_to_the_shop(client: Client, partner: User) -> None:
    assert answer(client, partner.email) == (302, "/offre-solidaire/")


def test_address_is_known_in_any_case(client: Client, partner: User) -> None:
    assert answer(client, " Amina@CCAS.fr") == (302, "/offre-solidaire/")


def test_staff_goes_to_the_back_office(client: Client, editor: User) -> None:
    assert answer(client, editor.email) == (302, "/gestion/")


def test_staff_who_is_a_partner_too_goes_to_the_shop(client: Client, make_user: MakeUser) -> None:
    user = make_user("both@emmaus.fr", Role.PARTNER, Role.EDITOR)
    assert answer(client, user.email) == (302, "/offre-solidaire/")


def test_page_asked_for_comes_after_login(client: Client, partner: User) -> None:
    asked = client.get("/mon-compte/details/")
    assert asked["Location"] == "/connexion/?next=/mon-compte/details/"
    assert answer(client, partner.email, next="/mon-compte/details/") == (
        302,
        "/mon-compte/details/",
    )


def test_another_site_is_never_the_next_page(client: Client, partner: User) -> None:
    assert answer(client, partner.email, next="https://example.org/") == (
        302,
        "/offre-solidaire/",
    )


def test_unknown_address_and_wrong_password_get_the_same_answer(
    client: Client, partner: User
) -> None:
    pages = [
        client.post("/connexion/", {"login": email, "password": "faux faux faux faux"})
        for email in (partner.email, "nobody@ccas.fr")
    ]
    bodies = [
        re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", page.content.decode()).replace(
            email, ""
        )
        for page, email in zip(pages, (partner.email, "nobody@ccas.fr"), strict=True)
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert bodies[0] == bodies[1]
    assert "L’adresse ou le mot de passe n’est pas le bon." in pages[1].content.decode()


@pytest.mark.parametrize("kind", ["known", "unknown", "invited", "disabled"])
def test_one_password_hash_is_computed_whoever_is_asked_for(
    client: Client, make_user: MakeUser, settings: object, kind: str
) -> None:
    counted = "tests.accounts.hashers.CountingHasher"
    settings.PASSWORD_HASHERS = [counted]  # type: ignore[attr-defined]
    if kind != "unknown":
        password = None if kind == "invited" else PASSWORD
        make_user("who@ccas.fr", password=password, is_active=kind != "disabled")
    CountingHasher.count = 0
    assert answer(client, "who@ccas.fr", "faux faux faux faux")[0] == 200
    assert CountingHasher.count == 1


def test_session_key_changes_at_login(client: Client, partner: User) -> None:
    session = client.session
    session["seen"] = "before"
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    log_in(partner.email, client=client)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = before
    assert (is_logged_in(client), is_logged_in(stolen)) == (True, False)


def test_disabled_person_is_out_at_the_next_request(partner: User, administrator: User) -> None:
    client = log_in(partner.email)
    assert is_logged_in(client)
    disable(by=administrator, user=partner)
    assert not is_logged_in(client)
    assert answer(Client(), partner.email) == (302, "/connexion/compte-desactive/")


def test_logging_out_takes_a_post(client: Client, partner: User) -> None:
    log_in(partner.email, client=client)
    page = client.get("/deconnexion/")
    assert (page.status_code, is_logged_in(client)) == (200, True)
    assert client.post("/deconnexion/").status_code == 302
    assert not is_logged_in(client)


def test_nobody_signs_up(client: Client) -> None:
    answers = [client.get("/connexion/inscription/"), client.post("/connexion/inscription/", {})]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/connexion/")] * 2


@pytest.mark.parametrize("path", ["/accounts/login/", "/mon-compte/email/", "/admin/login/"])
def test_no_other_door(client: Client, partner: User, path: str) -> None:
    client.force_login(partner)
    assert client.get(path).status_code == 404


def test_wagtail_login_leads_to_ours(client: Client) -> None:
    assert client.get("/gestion/login/?next=/gestion/pages/")["Location"] == (
        "/connexion/?next=/gestion/pages/"
    )
    assert client.post("/gestion/login/", {"username": "a", "password": "b"}).status_code == 405
    assert client.get("/gestion/")["Location"] == "/connexion/?next=/gestion/"


def test_wagtail_resets_no_password(client: Client) -> None:
    assert client.get("/gestion/password_reset/").status_code == 404
    assert client.post("/gestion/password_reset/", {"email": "a@b.fr"}).status_code == 404


def test_wagtail_account_page_changes_neither_address_nor_password(
    client: Client, editor: User
) -> None:
    client.force_login(editor)
    before = editor.password
    client.post(
        "/gestion/account/",
        {
            "name_email-first_name": "Élise",
            "name_email-last_name": "Roux",
            "name_email-email": "other@emmaus.fr",
            "password-old_password": PASSWORD,
            "password-new_password1": "une autre phrase secrète",
            "password-new_password2": "une autre phrase secrète",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
        },
    )
    editor.refresh_from_db()
    assert (editor.email, editor.password) == ("elise@emmaus.fr", before)


def test_partner_is_refused_at_the_back_office_without_a_loop(
    client: Client, partner: User
) -> None:
    client.force_login(partner)
    response = client.get("/gestion/", follow=True)
    assert response.status_code == 403
    assert response.redirect_chain == [("/gestion/login/?next=/gestion/", 302)]
