"""What the tests stand on: a clone of the migrated database, a real server, a real browser."""

import psutil
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Page

from tests.support.browser import Axe
from tests.support.database import Databases
from tests.support.server import StartServer
from tests.support.traces import wait_until


@pytest.mark.django_db
def test_the_database_is_this_process_own_clone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()::text")
        name = cursor.fetchone()[0]

    assert name.endswith("_" + settings.REDIS_URL.rsplit("/", 1)[1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_after_it(turn: int) -> None:
    before = Group.objects.filter(name="passant").exists()

    Group.objects.create(name="passant")

    assert not before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_migrations_wrote_is_there_after_a_test_that_commits(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM wagtailcore_page")
        assert cursor.fetchone() == (True,)
        cursor.execute("TRUNCATE wagtailcore_page CASCADE")


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_with_an_empty_cache(turn: int) -> None:
    found = cache.get("kept")

    cache.set("kept", turn)

    assert found is None


def test_each_test_process_has_a_redis_database_of_its_own() -> None:
    assert settings.REDIS_URL.rsplit("/", 1)[1] != "0"
    assert settings.CACHES["default"]["LOCATION"] == settings.REDIS_URL


def servers() -> int:
    commands = [one.cmdline() for one in psutil.Process().children(recursive=True)]
    return sum("gunicorn" in command for command in commands)


def test_a_server_answers_from_the_number_of_processes_asked_for(start_server: StartServer) -> None:
    before = servers()
    with start_server(workers=3, threads=2):
        # It answers as soon as one of them does.
        wait_until(lambda: servers() >= before + 1 + 3, seconds=20)
        assert servers() == before + 1 + 3  # one that leads


def test_the_usual_server_is_lent_from_one_test_to_the_next(start_server: StartServer) -> None:
    with start_server() as one:
        pass
    with start_server() as other, start_server(workers=1) as smaller:
        assert (one == other, other == smaller) == (True, False)


def test_a_server_is_started_anew_where_the_database_is(
    start_server: StartServer, django_db_setup: Databases
) -> None:
    with start_server() as one:
        pass
    django_db_setup.clones += 1
    with start_server() as other:
        assert one != other


def test_the_browser_opens_a_page_of_the_server(server: str, page: Page) -> None:
    answer = page.goto(server)

    assert answer is not None
    assert answer.status == 200


def test_axe_lists_what_it_finds(page: Page, axe: Axe) -> None:
    page.set_content("<html lang='fr'><title>t</title><main><h1>t</h1><img src='x'></main></html>")

    with pytest.raises(pytest.fail.Exception, match=r"axe finds 1 faults .*\n.*image-alt"):
        axe(page)


def test_axe_keeps_quiet_about_a_sound_page(phone_page: Page, axe: Axe) -> None:
    phone_page.set_content("<html lang='fr'><title>t</title><main><h1>t</h1></main></html>")

    axe(phone_page)
