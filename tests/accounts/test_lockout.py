"""Five failures in five minutes lock an address for five minutes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine
from django.conf import settings
from django.test import Client

from portal.accounts import lockout
from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from tests.accounts.conftest import PASSWORD, is_logged_in, log_in

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SENTENCE = "Trop d’essais… Réessayez dans cinq minutes ou choisissez un nouveau mot de passe."
WRONG = "faux faux faux faux"


def is_locked(email: str) -> bool:
    """Whether an attempt is refused; it counts as a failure where it is not."""
    try:
        lockout.begin(email)
    except lockout.Locked:
        return True
    return False


def fail(email: str, *, times: int = 5) -> None:
    for _ in range(times):
        lockout.begin(email)


def test_sixth_attempt_is_refused_whatever_the_case() -> None:
    fail("Amina@ccas.fr ")
    assert (is_locked("amina@ccas.fr"), is_locked("other@ccas.fr")) == (True, False)


def test_lock_lasts_five_minutes_from_the_fifth_failure() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for minute in range(5):
            clock.move_to(NOON + timedelta(minutes=minute))
            lockout.begin("a@ccas.fr")
        fifth = NOON + timedelta(minutes=4)
        clock.move_to(fifth + timedelta(minutes=5, seconds=-1))
        assert is_locked("a@ccas.fr")
        clock.move_to(fifth + timedelta(minutes=5))
        assert not is_locked("a@ccas.fr")


def test_refused_attempts_do_not_prolong_the_lock() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail("a@ccas.fr")
        clock.move_to(NOON + timedelta(minutes=4))
        assert [is_locked("a@ccas.fr") for _ in range(20)] == [True] * 20
        clock.move_to(NOON + timedelta(minutes=5))
        assert not is_locked("a@ccas.fr")


def test_slow_failures_never_lock() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for step in range(30):
            clock.move_to(NOON + timedelta(seconds=76 * step))
            assert not is_locked("a@ccas.fr")


def test_five_attempts_pass_of_forty_at_once() -> None:
    with ThreadPoolExecutor(max_workers=20) as pool:
        refused = list(pool.map(is_locked, ["a@ccas.fr"] * 40))
    assert refused.count(False) == 5


def test_no_address_is_in_redis() -> None:
    fail("secret.person@ccas.fr")
    client = redis.Redis.from_url(settings.REDIS_URL)
    stored = b"".join(key + repr(client.type(key)).encode() for key in client.keys("*"))
    assert b"lockout" in stored
    assert b"secret" not in stored


def test_key_goes_away_by_itself() -> None:
    lockout.begin("a@ccas.fr")
    client = redis.Redis.from_url(settings.REDIS_URL)
    (key,) = client.keys("espace:lockout:*")
    assert client.ttl(key) == 600


def test_without_redis_nobody_logs_in(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    with pytest.raises(lockout.Unavailable):
        lockout.begin("a@ccas.fr")
    with pytest.raises(Exception, match="ne marche pas pour le moment"):
        AccountAdapter().pre_authenticate(None, email="a@ccas.fr")  # type: ignore[arg-type]
    lockout.clear("a@ccas.fr")  # says nothing: what was done is done


@pytest.mark.django_db
def test_right_password_is_refused_while_locked_known_address_or_not(partner: User) -> None:
    for email in (partner.email, "nobody@ccas.fr"):
        for _ in range(5):
            log_in(email, WRONG)
        page = Client().post("/connexion/", {"login": email, "password": PASSWORD})
        assert (page.status_code, SENTENCE in page.content.decode()) == (200, True)


@pytest.mark.django_db
def test_right_password_forgives_the_failures(partner: User) -> None:
    for _ in range(3):
        for _ in range(4):
            log_in(partner.email, WRONG)
        assert is_logged_in(log_in(partner.email))


@pytest.mark.django_db
def test_confirming_ones_identity_is_counted_too(partner: User) -> None:
    client = log_in(partner.email)
    path = "/connexion/verification/mot-de-passe/"
    for _ in range(5):
        client.post(path, {"password": WRONG})
    page = client.post(path, {"password": PASSWORD})
    assert (page.status_code, SENTENCE in page.content.decode()) == (200, True)


@pytest.mark.django_db
def test_an_office_behind_one_address_logs_in(partner: User) -> None:
    answers = [
        Client().post("/connexion/", {"login": partner.email, "password": PASSWORD}).status_code
        for _ in range(40)
    ]
    assert answers == [302] * 40


@pytest.mark.django_db
def test_one_network_address_tries_sixty_passwords_a_minute_and_no_more() -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [
            Client().post("/connexion/", {"login": f"p{n}@ccas.fr", "password": WRONG}).status_code
            for n in range(61)
        ]
    assert answers == [200] * 60 + [429]
