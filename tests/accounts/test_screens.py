"""The account's screens in a browser: axe, small screens, passkeys."""

import pytest
from playwright.sync_api import Page

from portal.accounts import links
from portal.accounts.models import User
from portal.accounts.roles import Role
from tests.accounts.conftest import PASSWORD, MakeUser
from tests.support.browser import Axe, overflow

DOORS = [
    "/connexion/",
    "/connexion/?fin=1",
    "/connexion/compte-desactive/",
    "/mot-de-passe/oublie/",
    "/mot-de-passe/oublie/envoye/",
    "/mot-de-passe/oublie/change/",
    "/mot-de-passe/oublie/1-abc-def/",
    "/invitation/aaaa/abc-def/",
]
OWN = [
    "/mon-compte/details/",
    "/mon-compte/mot-de-passe/",
    "/mon-compte/sessions/",
    "/mon-compte/securite/",
    "/mon-compte/securite/application/",
    "/mon-compte/securite/cles/",
    "/mon-compte/securite/cles/ajouter/",
    "/deconnexion/",
]


@pytest.fixture
def people(transactional_db: None, make_user: MakeUser) -> tuple[User, User]:
    """Return a member of the team, and somebody invited."""
    return (
        make_user("elise@emmaus.fr", Role.EDITOR, first_name="Élise"),
        make_user("nadia@ccas.fr", Role.PARTNER, password=None),
    )


@pytest.fixture
def site(server: str) -> str:
    """Return the server's address by name: a passkey belongs to a name, never to a number."""
    return server.replace("127.0.0.1", "localhost")


def log_in(page: Page, server: str, target: str = "/mon-compte/details/") -> None:
    page.goto(f"{server}/connexion/?next={target}")
    page.get_by_label("Adresse e-mail").fill("elise@emmaus.fr")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Me connecter", exact=True).click()


def confirm(page: Page) -> None:
    """Confirm one's identity with the password."""
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()


def add_virtual_key(page: Page) -> None:
    """Give the browser a passkey device that always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def check(page: Page, axe: Axe, address: str) -> None:
    """Open a page: axe is silent, nothing is wider than the screen."""
    page.goto(address)
    axe(page)
    assert (address, overflow(page)) == (address, 0)


@pytest.mark.parametrize("size", ["page", "phone_page"])
def test_every_screen_is_accessible(
    people: tuple[User, User],
    server: str,
    axe: Axe,
    size: str,
    request: pytest.FixtureRequest,
) -> None:
    page: Page = request.getfixturevalue(size)
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if "Content Security" in m.text else None)
    for path in DOORS:
        check(page, axe, server + path)
    check(page, axe, server + "/" + links.invitation(people[1]).split("/", 3)[3])
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    axe(page)
    assert page.title().startswith("Erreur\u00a0: ")
    log_in(page, server)
    page.goto(f"{server}/mon-compte/securite/application/")
    axe(page)
    confirm(page)
    for path in OWN:
        check(page, axe, server + path)
    assert problems == []


def test_passkey_is_added_then_logs_in_alone(
    people: tuple[User, User], site: str, page: Page, axe: Axe
) -> None:
    add_virtual_key(page)
    log_in(page, site, "/mon-compte/securite/cles/ajouter/")
    confirm(page)
    page.get_by_label("Me connecter avec cette clé, sans mot de passe").check()
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("heading", name="Codes de secours").wait_for()
    axe(page)
    check(page, axe, f"{site}/mon-compte/securite/cles/")
    page.context.clear_cookies()
    page.goto(f"{site}/connexion/?next=/mon-compte/securite/")
    page.get_by_role("button", name="Me connecter avec une clé d’accès").click()
    page.get_by_role("heading", name="Double authentification").wait_for()
    axe(page)


def test_passkey_is_the_second_step_after_a_password(
    people: tuple[User, User], site: str, phone_page: Page, axe: Axe
) -> None:
    add_virtual_key(phone_page)
    log_in(phone_page, site, "/mon-compte/securite/cles/ajouter/")
    confirm(phone_page)
    phone_page.get_by_role("button", name="Ajouter la clé").click()
    phone_page.get_by_role("heading", name="Codes de secours").wait_for()
    phone_page.context.clear_cookies()
    log_in(phone_page, site)
    phone_page.get_by_role("heading", name="Encore une étape").wait_for()
    axe(phone_page)
    phone_page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    phone_page.get_by_role("heading", name="Détails du compte").wait_for()
