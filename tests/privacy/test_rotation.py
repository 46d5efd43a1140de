"""Keys rotate: a command brings every stored secret under the newest, whatever happens to it."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from portal.outbox.models import JournalEntry
from portal.privacy import rotation
from portal.privacy.crypto import decrypt, encrypt, encrypt_bytes, newest_key
from portal.privacy.fields import EncryptedTextField
from portal.privacy.rotation import Place
from shop.recharges.drafts import LotPiece
from tests.activation import factories
from tests.support.server import ROOT, variables

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SOURCES = ("activation", "knowledge", "portal", "shop")


@pytest.fixture(autouse=True)
def _under_the_old_key(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]


def write(count: int) -> None:
    """Keep some messages, encrypted."""
    JournalEntry.objects.bulk_create(
        JournalEntry(key=str(rank), channel="sms", recipient=f"+336{rank}", text=f"texte {rank}")
        for rank in range(count)
    )


def texts() -> list[str]:
    return list(JournalEntry.objects.order_by("pk").values_list("text", flat=True))


def reencrypt(*options: str) -> list[str]:
    """Run the command and return its lines."""
    out = StringIO()
    call_command("reencrypt", *options, stdout=out)
    return out.getvalue().splitlines()


def left() -> str:
    """Return what ``--check`` says of what is left, nothing where all is done."""
    try:
        reencrypt("--check")
    except CommandError as error:
        return str(error)
    return ""


@pytest.mark.django_db
def test_everything_goes_under_the_newest_key_and_the_old_one_may_go(
    settings: Any,
) -> None:
    write(7)
    request = factories.request(rio=factories.rio_of("0612345678"))
    settings.FIELD_KEYS = [NEW, OLD]
    assert left() == "8 rows of 9 are under older keys."  # the event has no reason

    lines = reencrypt("--batch", "3")

    settings.FIELD_KEYS = [NEW]
    assert texts() == [f"texte {rank}" for rank in range(7)]
    request.refresh_from_db()
    assert (request.last_name, request.rio[:2]) == ("Zébulonne", "01")
    assert f"all under key {newest_key()}." in lines[-2]
    assert lines[-1].startswith("Older keys may now be removed from FIELD_KEYS")
    assert "outbox.journalentry: 7 rows, 7 under older keys, 7 done." in lines
    assert [one for one in lines if "texte" in one or "gAAAA" in one] == []
    assert left() == ""


@pytest.mark.django_db
def test_files_and_the_secrets_of_second_factors_are_turned_too(
    settings: Any,
) -> None:
    user = factories.user()
    codes = {"migrated_codes": [encrypt("12345678"), encrypt("87654321")], "used_mask": 3}
    kept = Authenticator.objects.create(
        user=user, type=Authenticator.Type.RECOVERY_CODES, data=codes
    )
    totp = Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt("graine")}
    )
    place = Place(LotPiece, ("encrypted",))
    settings.FIELD_KEYS = [NEW, OLD]

    reencrypt()

    settings.FIELD_KEYS = [NEW]
    kept.refresh_from_db()
    totp.refresh_from_db()
    assert [decrypt(one) for one in kept.data["migrated_codes"]] == ["12345678", "87654321"]
    assert (kept.data["used_mask"], decrypt(totp.data["secret"])) == (3, "graine")
    assert place in rotation.places()
    assert place.batch(500) == rotation.FILES


def test_a_file_is_turned_whole(settings: Any) -> None:
    token = encrypt_bytes(b"\x00\xff" * 1000)
    settings.FIELD_KEYS = [NEW, OLD]

    turned = rotation.turn(memoryview(token))

    assert Fernet(NEW).decrypt(turned) == b"\x00\xff" * 1000
    assert rotation.turn(turned) is None
    assert [rotation.turn(nothing) for nothing in ("", b"", {}, None)] == [None] * 4


def test_every_place_that_holds_something_encrypted_is_known() -> None:
    known = {(one.model._meta.label, name) for one in rotation.places() for name in one.columns}
    fields = {
        (model._meta.label, one.name)
        for model in apps.get_models()
        if not model._meta.proxy and model.__module__.split(".")[0] in SOURCES
        for one in model._meta.local_fields
        if isinstance(one, EncryptedTextField | models.BinaryField)
    }
    assert known - fields == {("mfa.Authenticator", "data")}
    assert fields - known == {
        ("portfolio.PlacesFile", "content"),  # places, and no person
        ("knowledge.FaqFile", "content"),  # questions for everybody; it goes when imported
        ("billing.InvoiceDocument", "pdf"),  # what a structure owes, and no beneficiary
        ("billing.InvoiceDocument", "xml"),
    }


def test_nothing_else_calls_the_cipher() -> None:
    callers = set()
    for source in (path for name in SOURCES for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in {"encrypt", "encrypt_bytes"}:
                    callers.add(str(source.relative_to(ROOT)))
    assert callers == {
        "portal/privacy/crypto.py",
        "portal/privacy/fields.py",
        "portal/accounts/adapters.py",  # mfa.Authenticator
        "knowledge/support/files.py",  # support.SupportAttachment
        "portal/structures/agreements/documents.py",  # structures.AgreementDocument
        "shop/recharges/drafts.py",  # recharges.LotPiece
        "shop/recharges/staging.py",  # recharges.StagedCode, copied into the table
    }


@pytest.mark.django_db
def test_what_no_key_opens_is_named_and_no_key_is_given_up(settings: Any) -> None:
    write(3)
    lost = JournalEntry.objects.order_by("pk")[1]
    settings.FIELD_KEYS = [NEW]

    with pytest.raises(CommandError) as caught:
        reencrypt()

    sentence = str(caught.value)
    assert sentence.startswith("6 values open under no key of FIELD_KEYS")
    assert f"outbox.journalentry {lost.pk}.text" in sentence
    assert "remove no key now" in sentence
    settings.FIELD_KEYS = [OLD]
    assert texts() == ["texte 0", "texte 1", "texte 2"]


@pytest.mark.django_db
@pytest.mark.parametrize("options", [("--batch", "0"), ("--pause", "-1")])
def test_options_that_make_no_sense_are_refused(options: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="at least"):
        reencrypt(*options)


# With real processes.


@contextlib.contextmanager
def command(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the command in a process of its own, which knows both keys."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "reencrypt", *options],
        cwd=ROOT,
        env=os.environ
        | variables()
        | {"DJANGO_SETTINGS_MODULE": "tests.privacy.rotating", "FIELD_KEYS": f"{NEW},{OLD}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_progress(process: "subprocess.Popen[str]") -> str:
    """Wait until the command says how far it is."""
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith("outbox.journalentry"))


@pytest.mark.django_db(transaction=True)
def test_killed_and_started_again_it_finishes_and_nothing_is_lost(
    settings: Any,
) -> None:
    write(400)
    with command("--batch", "5", "--pause", "5") as process:
        assert first_progress(process) == (
            "outbox.journalentry: 100 rows, 100 under older keys, 100 done…\n"
        )
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    settings.FIELD_KEYS = [NEW, OLD]
    assert texts() == [f"texte {rank}" for rank in range(400)]
    place = Place(JournalEntry, ("recipient", "subject", "text"))
    begun = [step.old for step in rotation.passes(place, rows=400, write=False)]
    assert 0 < begun[0] <= 300

    with command("--batch", "50") as process:
        written, _ = process.communicate(timeout=60)

    assert (process.returncode, "all under key" in written) == (0, True)
    settings.FIELD_KEYS = [NEW]
    assert texts() == [f"texte {rank}" for rank in range(400)]


@pytest.mark.django_db(transaction=True)
def test_what_others_write_meanwhile_is_kept(settings: Any) -> None:
    write(200)
    settings.FIELD_KEYS = [NEW, OLD]
    stop, last = threading.Event(), dict.fromkeys(range(200), "")

    def edit() -> None:
        for turn in range(1000):
            rank = turn * 7 % 200
            last[rank] = f"tour {turn}"
            JournalEntry.objects.filter(key=str(rank)).update(text=last[rank])
            if stop.wait(0.002):
                break
        connection.close()

    writer = threading.Thread(target=edit)
    writer.start()
    try:
        with command("--batch", "10", "--pause", "10") as process:
            written, _ = process.communicate(timeout=60)
    finally:
        stop.set()
        writer.join()

    assert (process.returncode, "all under key" in written) == (0, True)
    assert len([one for one in last.values() if one]) > 20
    settings.FIELD_KEYS = [NEW]
    assert texts() == [last[rank] or f"texte {rank}" for rank in range(200)]


@pytest.mark.django_db(transaction=True)
def test_it_neither_waits_for_a_locked_row_nor_forgets_it(settings: Any) -> None:
    write(3)
    settings.FIELD_KEYS = [NEW, OLD]
    first = JournalEntry.objects.order_by("pk")[:1]
    with command() as process:
        with transaction.atomic():
            held: Any = JournalEntry.objects.select_for_update().get(pk=first[0].pk)
            assert first_progress(process) == (
                "outbox.journalentry: 3 rows, 3 under older keys, 2 done.\n"
            )
            held.text = "écrit entre-temps"
            held.save()
        written, _ = process.communicate(timeout=60)

    assert (process.returncode, "all under key" in written) == (0, True)
    settings.FIELD_KEYS = [NEW]
    assert texts() == ["écrit entre-temps", "texte 1", "texte 2"]
