"""Importing a lot: whole or not at all, and unreadable at rest."""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.recharges.imports import ImportRefused, commit, preview, upload
from shop.recharges.models import CodeLot, LotDraft, RechargeCode
from tests import factories

pytestmark = pytest.mark.django_db

CODES = ["0123456789", "0000000042", "9876543210"]


@pytest.fixture
def referent() -> User:
    factories.product()
    return factories.UserFactory(role=Role.REFERENT)


def deposit(by: User, content: bytes | None = None) -> LotDraft:
    content = factories.lot_file("monde", CODES) if content is None else content
    return upload(by=by, name=" SFR, novembre ", content=content)


def raw(table: str) -> str:
    """Return every row of a table as the database shows it to raw SQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608
        return cursor.fetchone()[0] or ""


def test_preview_writes_nothing(referent: User) -> None:
    shown = preview(by=referent, draft=deposit(referent).uuid)

    assert shown.importable
    assert [row.code for row in shown.rows] == CODES
    assert shown.by_product == [("Monde", 3)]
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (0, 0)


def test_import_creates_the_lot_its_codes_and_its_trace_and_drops_the_file(referent: User) -> None:
    lot = commit(by=referent, draft=deposit(referent).uuid)

    expiry = factories.today() + factories.YEAR
    assert (lot.name, lot.size, lot.imported_by) == ("SFR, novembre", 3, referent)
    found = RechargeCode.objects.all()
    assert sorted(code.secret for code in found) == sorted(CODES)
    assert {(c.state, c.expires_on, c.order_line_id, c.given_at) for c in found} == {
        ("available", expiry, None, None)
    }
    assert LotDraft.objects.count() == 0
    trace = AuditEntry.objects.get(action="recharges.lot_imported")
    assert (trace.by, trace.target_id, trace.details) == (referent, str(lot.pk), {"codes": 3})


def test_serial_numbers_are_kept(referent: User) -> None:
    content = b"produit;code;expiration;serie\nmonde;0123456789;31/12/2099;SN-7"
    commit(by=referent, draft=deposit(referent, content).uuid)

    assert RechargeCode.objects.get().serial == "SN-7"


def test_raw_sql_shows_no_digits_and_no_bare_hash(referent: User) -> None:
    draft = deposit(referent)
    waiting = raw("recharges_lotdraft")
    commit(by=referent, draft=draft.uuid)
    stored = " ".join(map(raw, ("recharges_rechargecode", "recharges_codelot")))
    trail = raw("privacy_auditentry") + raw("outbox_outboxmessage")

    for code in CODES:
        for text in (waiting, stored, trail):
            assert code not in text
            for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                digest = hashlib.new(name, code.encode())
                assert digest.hexdigest() not in text
    assert "monde" not in waiting


def test_a_lot_with_one_wrong_line_imports_nothing(referent: User) -> None:
    content = factories.lot_file("monde", [*CODES, "123"])
    draft = deposit(referent, content)

    with pytest.raises(ImportRefused) as caught:
        commit(by=referent, draft=draft.uuid)

    assert caught.value.message == (
        "Ce lot contient des lignes refusées\u00a0: corrigez le fichier et déposez-le de nouveau. "
        "Rien n’a été importé."
    )
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (0, 0)
    assert LotDraft.objects.get() == draft


def test_codes_of_another_lot_are_named_by_line(referent: User) -> None:
    factories.lot("illimite-france", [CODES[1]])

    shown = preview(by=referent, draft=deposit(referent).uuid)

    assert [(one.line, one.kind, one.reason) for one in shown.problems] == [
        (3, "known", "ce numéro a déjà été importé dans un autre lot")
    ]
    assert [row.line for row in shown.rows] == [2, 4]
    assert not shown.importable


def test_a_second_import_of_the_same_file_is_refused(referent: User) -> None:
    first = deposit(referent)
    commit(by=referent, draft=first.uuid)

    with pytest.raises(LotDraft.DoesNotExist):
        commit(by=referent, draft=first.uuid)
    with pytest.raises(ImportRefused):
        commit(by=referent, draft=deposit(referent).uuid)

    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (1, 3)


def test_a_new_file_replaces_the_waiting_one(referent: User) -> None:
    first, second = deposit(referent), deposit(referent)

    assert list(LotDraft.objects.all()) == [second]
    with pytest.raises(LotDraft.DoesNotExist):
        preview(by=referent, draft=first.uuid)


def test_a_waiting_file_belongs_to_whom_deposited_it(referent: User) -> None:
    colleague = factories.UserFactory(role=Role.REFERENT)
    draft = deposit(referent)

    for act in (preview, commit):
        with pytest.raises(LotDraft.DoesNotExist):
            act(by=colleague, draft=draft.uuid)


def test_a_waiting_file_lives_one_day(referent: User) -> None:
    draft = deposit(referent)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, seconds=1), tick=False):
        with pytest.raises(LotDraft.DoesNotExist):
            preview(by=referent, draft=draft.uuid)
        newer = deposit(factories.UserFactory(role=Role.REFERENT))

    assert list(LotDraft.objects.all()) == [newer]


def test_sim_cards_are_no_codes(referent: User) -> None:
    shown = preview(
        by=referent, draft=deposit(referent, factories.lot_file("carte-sim", CODES[:1])).uuid
    )
    assert [one.reason for one in shown.problems] == [
        "produit inconnu\u00a0: «\u00a0carte-sim\u00a0»"
    ]


def test_numbers_print_without_their_digits(referent: User) -> None:
    commit(by=referent, draft=deposit(referent).uuid)
    code = RechargeCode.objects.first()
    assert code is not None
    assert str(code) == f"Numéro {code.uuid}"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run each act in a thread with its own connection; return their errors' names, sorted."""
    gate = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
            outcomes.append("")
        except Exception as error:  # noqa: BLE001 (whatever it is, the test compares it)
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_importing_one_file_at_once_one_wins(referent: User) -> None:
    colleague = factories.UserFactory(role=Role.REFERENT)
    codes = factories.codes(3000)
    mine = deposit(referent, factories.lot_file("monde", codes)).uuid
    theirs = deposit(colleague, factories.lot_file("monde", codes[::-1])).uuid

    outcomes = at_once(
        lambda: commit(by=referent, draft=mine), lambda: commit(by=colleague, draft=theirs)
    )

    assert outcomes == ["", "ImportRefused"]
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (1, 3000)


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_on_import_one_wins(referent: User) -> None:
    draft = deposit(referent).uuid

    outcomes = at_once(*[lambda: commit(by=referent, draft=draft)] * 2)

    assert outcomes == ["", "DoesNotExist"]
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (1, 3)
