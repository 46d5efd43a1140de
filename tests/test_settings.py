"""Production's settings: they start whole, or say by name what is missing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.check import ROOT, production_environment

REQUIRED = {
    "SECRET_KEY",
    "FIELD_KEYS",
    "FINGERPRINT_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
    "BASE_URL",
    "EMAIL_HOST",
}
#: 32 bytes in url-safe base64, as `Fernet.generate_key` gives them.
KEY = "Y2xlLWQtZXNzYWktZGUtdHJlbnRlLWRldXgtb2N0ZXQ="
OTHER = "YXV0cmUtY2xlLWQtZXNzYWktZGUtMzItb2N0ZXRzLi4="
IMPORT = [sys.executable, "-c", "import portal.settings.production"]
CHECK = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]


def run(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command at the root of the checkout, with PATH and these variables alone."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", "")} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def named_as_missing(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the variables that the error names."""
    sentence = r"ImproperlyConfigured: Missing environment variables: ([A-Z_, ]+)\."
    found = re.search(sentence, done.stderr)
    return set(found[1].split(", ")) if found else set()


def test_without_any_variable_each_one_is_named() -> None:
    done = run(IMPORT)

    assert (done.returncode, named_as_missing(done)) == (1, REQUIRED)


@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_variable_that_is_unset_or_empty_is_named_alone(
    tmp_path: Path, value: str | None
) -> None:
    variables = production_environment(tmp_path)
    del variables["FIELD_KEYS"]
    if value is not None:
        variables["FIELD_KEYS"] = value

    done = run(IMPORT, **variables)

    assert (done.returncode, named_as_missing(done)) == (1, {"FIELD_KEYS"})


def test_the_error_quotes_no_value(tmp_path: Path) -> None:
    variables = production_environment(tmp_path)
    del variables["EMAIL_HOST"]

    done = run(IMPORT, **variables)

    secrets = ("SECRET_KEY", "FIELD_KEYS", "FINGERPRINT_KEY", "DATABASE_URL", "REDIS_URL")
    assert [name for name in secrets if variables[name] in done.stderr] == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECURE_SSL_REDIRECT", "peut-être", "is not a boolean: write 1 or 0."),
        ("EMAIL_PORT", "vingt-cinq", "is not a whole number."),
    ],
)
def test_a_value_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = run(IMPORT, **production_environment(tmp_path), **{name: value})

    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name}={value!r} {sentence}" in done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"FIELD_KEYS": "dHJvcCBjb3VydA=="}, "FIELD_KEYS: key 1 is not 32 bytes"),
        ({"FIELD_KEYS": f"{KEY},pas une clé"}, "FIELD_KEYS: key 2 is not 32 bytes"),
        ({"FIELD_KEYS": f"{KEY},{KEY}"}, "FIELD_KEYS holds the same key twice."),
        ({"FIELD_KEYS": ","}, "FIELD_KEYS holds no key."),
        ({"FINGERPRINT_KEY": "0123456789"}, "FINGERPRINT_KEY is shorter than 32 characters."),
        ({"FIELD_KEYS": KEY, "FINGERPRINT_KEY": KEY}, "a key has one use alone."),
        ({"FIELD_KEYS": f"{OTHER},{KEY}", "SECRET_KEY": KEY}, "a key has one use alone."),
        ({"SECRET_KEY": KEY, "FINGERPRINT_KEY": KEY}, "a key has one use alone."),
    ],
)
def test_a_key_that_is_weak_or_serves_twice_stops_the_start_without_being_quoted(
    tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    done = run(IMPORT, **(production_environment(tmp_path) | changed))

    last = done.stderr.strip().splitlines()[-1]
    assert (done.returncode, sentence in last) == (1, True)
    assert [value for value in changed.values() if len(value) > 1 and value in last] == []


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        (
            "SMS_BACKEND",
            "portal.outbox.sms.HttpSmsBackend",
            {"SMS_HTTP_URL", "SMS_HTTP_TOKEN", "SMS_HTTP_SENDER", "SMS_REPORT_SECRET"},
        ),
        (
            "OPERATOR_GATEWAY",
            "activation.exchange.http.HttpGateway",
            {"OPERATOR_HTTP_URL", "OPERATOR_HTTP_TOKEN", "OPERATOR_CALLBACK_SECRET"},
        ),
    ],
)
def test_a_provider_that_is_chosen_needs_its_variables(
    tmp_path: Path, name: str, value: str, missing: set[str]
) -> None:
    done = run(IMPORT, **production_environment(tmp_path), **{name: value})

    assert (done.returncode, named_as_missing(done)) == (1, missing)


@pytest.mark.parametrize("name", ["SMS_HTTP_URL", "OPERATOR_HTTP_URL"])
def test_no_provider_is_reached_over_plain_http(tmp_path: Path, name: str) -> None:
    variables = production_environment(tmp_path)

    refused = run(IMPORT, **variables, **{name: "http://provider.example/"})
    taken = run(IMPORT, **variables, **{name: "https://provider.example/"})

    assert (refused.returncode, taken.returncode) == (1, 0)
    assert f"ImproperlyConfigured: {name} must begin with https:// in production." in refused.stderr


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "import portal.wsgi"],
        [sys.executable, "-m", "celery", "--app", "portal", "report"],
    ],
    ids=["web", "worker"],
)
def test_servers_are_of_production_and_do_not_start_without_its_variables(
    command: list[str],
) -> None:
    done = run(command)

    assert (done.returncode, named_as_missing(done)) == (1, REQUIRED)


def test_with_every_variable_djangos_deployment_checks_find_nothing(tmp_path: Path) -> None:
    done = run(CHECK, **production_environment(tmp_path))

    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    ), done.stderr
