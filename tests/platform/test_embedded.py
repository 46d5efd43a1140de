"""The embedded PostgreSQL and Valkey start, are shared, stop, and survive being killed."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from portal.embedded import EmbeddedServerError, Layout, Servers

pytestmark = pytest.mark.xdist_group("embedded")
ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from pathlib import Path
from portal.embedded import Layout, Servers
print(Servers(Layout(Path(sys.argv[1]))).urls()["postgres"], flush=True)
time.sleep(60)
"""


def use_elsewhere(directory: Path) -> subprocess.Popen[str]:
    """Start another process that uses the servers under ``directory``."""
    command = [sys.executable, "-c", USER, str(directory)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def keeper(servers: Servers) -> psutil.Process:
    return psutil.Process(json.loads(servers.layout.state.read_text())["keeper"])


def child(servers: Servers, name: str) -> psutil.Process:
    return next(p for p in keeper(servers).children() if p.name().startswith(name))


def wait_until(condition, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def kill(process: psutil.Process) -> None:
    process.kill()
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(5)


def query(servers: Servers, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(servers.urls()["postgres"]) as connection:
        return connection.execute(statement).fetchall()


def remember_a_row(servers: Servers) -> None:
    with psycopg.connect(servers.urls()["postgres"]) as connection:
        connection.execute("DROP TABLE IF EXISTS memory")
        connection.execute("CREATE TABLE memory AS SELECT 'kept' AS word")


def row_is_remembered(servers: Servers) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return query(servers, "SELECT word FROM memory") == [("kept",)]
    return False


def test_both_servers_answer(servers: Servers) -> None:
    urls = servers.urls()

    assert query(servers, "SELECT current_database()::text, current_user::text") == [
        ("espace", "espace")
    ]
    assert redis.from_url(urls["valkey"]).ping() is True
    assert servers.urls() == urls


def test_postgresql_is_set_up_for_our_queries(servers: Servers) -> None:
    shown = query(
        servers,
        "SELECT current_setting('random_page_cost'), current_setting('jit'),"
        " current_setting('max_connections'), current_setting('fsync'), lower('ÉLÈVE'),"
        " to_tsvector('french', 'Élèves connectés')::text, 'É' ILIKE 'é'",
    )

    assert shown == [("1.1", "off", "200", "on", "élève", "'connect':2 'élev':1", True)]


def test_the_application_role_may_create_what_migrations_need(servers: Servers) -> None:
    for extension in ("unaccent", "pg_trgm", "btree_gist"):
        with psycopg.connect(servers.urls()["postgres"]) as connection:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")

    assert query(servers, "SELECT rolsuper FROM pg_roles WHERE rolname = 'espace'") == [(False,)]


def test_valkey_wants_its_password_and_hides_it(servers: Servers) -> None:
    url = servers.urls()["valkey"]
    secret = (servers.layout.valkey / "password").read_text()

    with pytest.raises(redis.AuthenticationError):
        redis.from_url(url.replace(secret, "")).ping()
    assert stat.S_IMODE((servers.layout.valkey / "password").stat().st_mode) == 0o600
    assert secret not in " ".join(child(servers, "valkey").cmdline())


def test_processes_that_start_at_once_share_one_pair_of_servers(servers: Servers) -> None:
    users = [use_elsewhere(servers.layout.directory) for _ in range(3)]
    try:
        answers = {user.stdout.readline().strip() for user in users if user.stdout}

        assert answers == {servers.urls()["postgres"]}
    finally:
        for user in users:
            user.kill()
            user.wait()


def test_servers_stop_once_every_user_is_gone_even_killed_ones(place: Path) -> None:
    watcher = Servers(Layout(place / "var"))
    user = use_elsewhere(watcher.layout.directory)
    assert user.stdout is not None
    assert user.stdout.readline().startswith("postgresql://")
    family = [keeper(watcher), *keeper(watcher).children()]

    user.kill()
    user.wait()

    assert wait_until(lambda: not watcher.is_kept())
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_killed_postmaster_is_started_again_with_its_data(servers: Servers) -> None:
    remember_a_row(servers)
    before = child(servers, "postgres")

    kill(before)

    assert wait_until(lambda: row_is_remembered(servers))
    assert child(servers, "postgres").pid != before.pid


def test_a_killed_valkey_is_started_again_at_the_same_address(servers: Servers) -> None:
    url = servers.urls()["valkey"]

    kill(child(servers, "valkey"))

    def answers() -> bool:
        with contextlib.suppress(redis.ConnectionError):
            return bool(redis.from_url(url).ping())
        return False

    assert wait_until(answers)
    assert servers.urls()["valkey"] == url


def test_a_killed_keeper_takes_its_servers_along_and_the_next_call_starts_all(
    servers: Servers,
) -> None:
    remember_a_row(servers)
    children = keeper(servers).children()

    kill(keeper(servers))

    assert row_is_remembered(servers)
    if sys.platform == "linux":
        assert [p.pid for p in children if p.is_running()] == []


def test_all_killed_at_once_start_again(servers: Servers) -> None:
    remember_a_row(servers)
    family = [keeper(servers), *keeper(servers).children(recursive=True)]

    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

    assert wait_until(lambda: row_is_remembered(servers))


def test_a_stale_lock_file_with_a_number_given_to_another_process_is_seen_through(
    servers: Servers,
) -> None:
    remember_a_row(servers)
    pid_file = servers.layout.postgres / "data" / "postmaster.pid"
    content = pid_file.read_text().splitlines()
    assert servers.shut_down()
    owner = pid_file.parent.stat()
    innocent = subprocess.Popen(
        ["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None
    )  # the same account: PostgreSQL itself would believe that it is running
    try:
        pid_file.write_text("\n".join([str(innocent.pid), *content[1:]]) + "\n")

        assert row_is_remembered(servers)
        assert innocent.poll() is None
    finally:
        innocent.send_signal(signal.SIGKILL)
        innocent.wait()


def test_a_half_made_data_directory_is_made_again(place: Path) -> None:
    handle = Servers(Layout(place / "half", durable=False))
    (handle.layout.postgres / "data.new").mkdir(parents=True)
    (handle.layout.postgres / "data.new" / "PG_VERSION").write_text("18\n")

    assert query(handle, "SHOW fsync") == [("off",)]
    assert handle.shut_down()


def test_a_checkout_too_deep_for_a_socket_works(place: Path) -> None:
    handle = Servers(Layout(place / ("deep-" * 25) / "var", durable=False))

    assert query(handle, "SELECT 1") == [(1,)]
    short = handle.layout.socket_directory()
    assert handle.layout.postgres not in short.parents
    assert handle.shut_down()
    assert not short.exists()


def test_data_of_another_version_is_refused_with_advice(servers: Servers) -> None:
    servers.urls()
    assert servers.shut_down()
    version = servers.layout.postgres / "data" / "PG_VERSION"
    right = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(EmbeddedServerError, match=r"made by PostgreSQL 9 and(.|\n)*delete it"):
            servers.urls()
    finally:
        version.write_text(right)
