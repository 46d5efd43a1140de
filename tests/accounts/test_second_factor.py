"""TOTP and recovery codes, and when they are required. Passkeys are tested in a browser."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from tests.accounts.conftest import PASSWORD, is_logged_in, log_in

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOME = "/mon-compte/securite/"


def code(secret: str = SECRET) -> str:
    """Return the code of this half minute."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def required(settings: object) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]


def confirm(client: Client) -> None:
    """Confirm one's identity with the password."""
    client.post("/connexion/verification/mot-de-passe/", {"password": PASSWORD})


def test_staff_without_a_factor_reach_the_set_up_and_nothing_else(
    required: None, editor: User
) -> None:
    client = log_in(editor.email)
    for path in ("/gestion/", "/offre-solidaire/", "/mon-compte/details/", "/"):
        response = client.get(path)
        assert (path, response.status_code, response.headers.get("Location")) == (path, 302, HOME)
    page = client.get(HOME)
    assert (page.status_code, "obligatoire pour l’équipe" in page.content.decode()) == (200, True)
    assert client.post("/deconnexion/").status_code == 302


def test_partners_are_asked_for_nothing(required: None, partner: User) -> None:
    assert is_logged_in(log_in(partner.email))


def test_the_rule_costs_partners_no_query(settings: object, partner: User) -> None:
    client = log_in(partner.email)
    client.get("/mon-compte/details/")
    counts = []
    for flag in (False, True):
        settings.STAFF_SECOND_FACTOR_REQUIRED = flag  # type: ignore[attr-defined]
        with CaptureQueriesContext(connection) as queries:
            client.get("/mon-compte/details/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_setting_up_an_application_opens_the_door_and_gives_recovery_codes(
    required: None, editor: User
) -> None:
    client = log_in(editor.email)
    path = "/mon-compte/securite/application/"
    assert client.get(path)["Location"].startswith("/connexion/verification/mot-de-passe/")
    confirm(client)
    page = client.get(path).content.decode()
    secret = client.session["mfa.totp.secret"]
    shown = re.search(r"<code>(.*?)</code>", page)
    assert shown is not None
    assert shown[1].replace(" ", "") == secret
    assert 'src="data:image/svg+xml;base64,' in page
    assert client.post(path, {"code": "000000"}).status_code == 200
    done = client.post(path, {"code": code(secret)})
    assert done["Location"] == "/mon-compte/securite/codes/"
    codes = client.get("/mon-compte/securite/codes/").content.decode()
    assert codes.count('<code class="chip') == 10
    assert client.get("/mon-compte/details/").status_code == 200


def test_secrets_are_encrypted_in_the_database(editor: User) -> None:
    totp = TOTP.activate(editor, SECRET)
    stored = Authenticator.objects.get().data["secret"]
    assert (SECRET in stored, totp.validate_code(code())) == (False, True)


def test_login_asks_for_the_code(editor: User) -> None:
    TOTP.activate(editor, SECRET)
    client = Client()
    response = client.post("/connexion/", {"login": editor.email, "password": PASSWORD})
    assert (response["Location"], is_logged_in(client)) == ("/connexion/verification/", False)
    wrong = client.post("/connexion/verification/", {"code": "000000"})
    assert (wrong.status_code, is_logged_in(client)) == (200, False)
    right = client.post("/connexion/verification/", {"code": code()})
    assert (right["Location"], is_logged_in(client)) == ("/gestion/", True)


def test_a_code_serves_once(editor: User) -> None:
    TOTP.activate(editor, SECRET)
    now = code()
    for expected in (302, 200):
        client = log_in(editor.email)
        assert client.post("/connexion/verification/", {"code": now}).status_code == expected


def test_five_wrong_codes_lock_the_second_step(editor: User) -> None:
    TOTP.activate(editor, SECRET)
    client = log_in(editor.email)
    for _ in range(5):
        client.post("/connexion/verification/", {"code": "000000"})
    page = client.post("/connexion/verification/", {"code": code()})
    assert (page.status_code, "Trop d’essais…" in page.content.decode()) == (200, True)


def test_a_new_password_by_link_does_not_skip_the_second_factor(editor: User) -> None:
    TOTP.activate(editor, SECRET)
    editor.set_password("orage bleu sans parapluie")
    editor.save()
    client = log_in(editor.email, "orage bleu sans parapluie")
    assert not is_logged_in(client)


def test_recovery_code_replaces_the_telephone_once(editor: User) -> None:
    client = log_in(editor.email)
    confirm(client)
    path = "/mon-compte/securite/application/"
    client.get(path)
    client.post(path, {"code": code(client.session["mfa.totp.secret"])})
    download = client.get("/mon-compte/securite/codes/telecharger/")
    first = download.content.decode().splitlines()[1]
    for expected in (True, False):
        other = log_in(editor.email)
        other.post("/connexion/verification/", {"code": first})
        assert is_logged_in(other) is expected


def test_removing_the_last_factor_closes_the_door_again(required: None, editor: User) -> None:
    TOTP.activate(editor, SECRET)
    client = log_in(editor.email)
    client.post("/connexion/verification/", {"code": code()})
    assert client.get("/mon-compte/details/").status_code == 200
    confirm(client)
    assert client.post("/mon-compte/securite/application/retirer/").status_code == 302
    assert client.get("/mon-compte/details/")["Location"] == HOME
    (message,) = OutboxMessage.objects.filter(topic="accounts.security_change")
    assert message.payload == {"user": str(editor.uuid), "event": "totp_deactivated"}


def test_passkey_login_offers_a_challenge_to_anybody(client: Client) -> None:
    answer = client.get("/connexion/cle/", headers={"accept": "application/json"})
    options = answer.json()["request_options"]["publicKey"]
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
