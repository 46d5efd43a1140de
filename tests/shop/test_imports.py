"""Importing a lot: whole or not at all, and unreadable at rest."""

import datetime as dt
import hashlib
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone
from openpyxl import Workbook

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.sheets.reading import UnreadableFile
from shop.recharges import imports, staging
from shop.recharges.drafts import PIECE, LotDraft, LotPiece, StagedCode, StagedProblem
from shop.recharges.imports import ImportRefused, commit, start_import, upload
from shop.recharges.models import CodeLot, RechargeCode
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


def refused(draft: LotDraft) -> list[tuple[int, str]]:
    return list(StagedProblem.objects.filter(draft=draft).values_list("line", "kind"))


def test_reading_makes_no_codes(referent: User) -> None:
    draft = deposit(referent)

    assert draft.importable
    assert draft.accepted == {str(factories.product().pk): 3}
    assert list(StagedCode.objects.values_list("line", flat=True)) == [2, 3, 4]
    assert [code.secret for code in StagedCode.objects.order_by("line")] == CODES
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (0, 0)
    assert LotPiece.objects.count() == 0  # the file goes as soon as it is read


def test_import_creates_the_lot_its_codes_and_its_trace_and_drops_the_file(referent: User) -> None:
    lot = commit(by=referent, draft=deposit(referent).uuid)

    expiry = factories.today() + factories.YEAR
    assert (lot.name, lot.size, lot.imported_by) == ("SFR, novembre", 3, referent)
    found = RechargeCode.objects.all()
    assert sorted(code.secret for code in found) == sorted(CODES)
    assert {(c.state, c.expires_on, c.order_line_id, c.given_at) for c in found} == {
        ("available", expiry, None, None)
    }
    assert LotDraft.objects.get().lot == lot
    assert StagedCode.objects.count() == 0
    trace = AuditEntry.objects.get(action="recharges.lot_imported")
    assert (trace.by, trace.target_id, trace.details) == (referent, str(lot.pk), {"codes": 3})


def test_serial_numbers_are_kept(referent: User) -> None:
    content = b"produit;code;expiration;serie\nmonde;0123456789;31/12/2099;SN-7"
    commit(by=referent, draft=deposit(referent, content).uuid)

    assert RechargeCode.objects.get().serial == "SN-7"


def test_raw_sql_shows_no_digits_and_no_bare_hash(referent: User) -> None:
    arriving = imports.begin(by=referent)
    imports.fill(arriving, [factories.lot_file("monde", CODES)])
    pieces = raw("recharges_lotpiece")
    draft = deposit(referent)
    waiting = raw("recharges_lotdraft") + raw("recharges_stagedcode") + pieces
    commit(by=referent, draft=draft.uuid)
    stored = " ".join(map(raw, ("recharges_rechargecode", "recharges_codelot")))
    trail = raw("privacy_auditentry") + raw("outbox_outboxmessage")

    for code in CODES:
        for text in (waiting, stored, trail):
            assert code not in text
            for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                digest = hashlib.new(name, code.encode())
                assert digest.hexdigest() not in text
    assert b"monde".hex() not in pieces


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

    draft = deposit(referent)

    problem = StagedProblem.objects.get()
    assert (problem.line, problem.kind) == (3, "known")
    assert problem.reason == "ce numéro a déjà été importé dans un autre lot"
    assert list(StagedCode.objects.values_list("line", flat=True)) == [2, 4]
    assert not draft.importable


def test_a_code_twice_in_the_file_is_refused_the_second_time(referent: User) -> None:
    content = "\n".join(
        [
            "produit;code;expiration",
            "monde;0123456789;31/12/2099",
            "illimite-france;0123 456 789;31/12/2099",
            "monde;0123456789;31/12/2099",
        ]
    ).encode()

    draft = deposit(referent, content)

    assert [(one.line, one.reason) for one in draft.problems.all()] == [
        (3, "déjà à la ligne 2 de ce fichier"),
        (4, "déjà à la ligne 2 de ce fichier"),
    ]
    assert (draft.accepted_count, draft.refused) == (1, {"duplicate": 2})


def test_refused_lines_beyond_a_thousand_are_counted_and_not_kept(referent: User) -> None:
    draft = deposit(referent, factories.lot_file("monde", ["x"] * 1003))
    assert (draft.problems.count(), draft.refused) == (1000, {"malformed": 1003})


def test_codes_are_given_in_the_order_of_the_file_within_one_expiry(referent: User) -> None:
    commit(by=referent, draft=deposit(referent).uuid)
    assert [code.secret for code in RechargeCode.objects.order_by("pk")] == CODES


def test_a_second_import_of_the_same_file_is_refused(referent: User) -> None:
    first = deposit(referent)
    lot = commit(by=referent, draft=first.uuid)

    assert commit(by=referent, draft=first.uuid) == lot  # a repeat gets what the first one made
    with pytest.raises(ImportRefused):
        commit(by=referent, draft=deposit(referent).uuid)
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (1, 3)


def test_what_became_known_since_the_preview_is_named_and_nothing_imported(referent: User) -> None:
    draft = deposit(referent)
    factories.lot("monde", [CODES[1]])

    with pytest.raises(ImportRefused) as caught:
        commit(by=referent, draft=draft.uuid)

    assert caught.value.message.endswith("Rien n’a été importé.")
    assert refused(draft) == [(3, "known")]
    assert RechargeCode.objects.count() == 1


def test_what_expired_since_the_preview_is_named_and_nothing_imported(referent: User) -> None:
    content = factories.lot_file("monde", CODES, expires_on=factories.today())
    draft = deposit(referent, content)
    later = timezone.now() + dt.timedelta(hours=23, minutes=59)
    with time_machine.travel(later, tick=False), pytest.raises(ImportRefused):
        commit(by=referent, draft=draft.uuid)
    assert refused(draft) == [(2, "expired"), (3, "expired"), (4, "expired")]


def test_a_new_file_replaces_the_waiting_one(referent: User) -> None:
    first, second = deposit(referent), deposit(referent)

    assert list(LotDraft.objects.all()) == [second]
    assert set(StagedCode.objects.values_list("draft", flat=True)) == {second.pk}
    with pytest.raises(LotDraft.DoesNotExist):
        start_import(by=referent, draft=first.uuid)


def test_a_waiting_file_belongs_to_whom_deposited_it(referent: User) -> None:
    colleague = factories.UserFactory(role=Role.REFERENT)
    draft = deposit(referent)

    with pytest.raises(LotDraft.DoesNotExist):
        commit(by=colleague, draft=draft.uuid)


def test_a_waiting_file_lives_one_day(referent: User) -> None:
    draft = deposit(referent)
    assert imports.purge() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, seconds=1), tick=False):
        with pytest.raises(LotDraft.DoesNotExist):
            commit(by=referent, draft=draft.uuid)
        assert imports.purge() == 1

    assert (LotDraft.objects.count(), StagedCode.objects.count()) == (0, 0)


def test_a_workbook_is_imported_as_a_csv_is(referent: User) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Produit", "Code", "Expiration", "Série"])
    sheet.append(["Monde", "0123456789", dt.date(2099, 12, 31), "SN-7"])
    sheet.append(["Monde", 123456789, "31/12/2099", None])
    out = io.BytesIO()
    book.save(out)

    draft = deposit(referent, out.getvalue())

    (staged,) = StagedCode.objects.all()
    assert (staged.line, staged.secret, staged.serial) == (2, "0123456789", "SN-7")
    assert staged.expires_on == dt.date(2099, 12, 31)
    (problem,) = draft.problems.all()
    assert (problem.line, problem.reason.split("\u00a0")[0]) == (3, "9 chiffres au lieu de 10")


def test_sim_cards_are_no_codes(referent: User) -> None:
    draft = deposit(referent, factories.lot_file("carte-sim", CODES[:1]))
    assert [one.reason for one in draft.problems.all()] == [
        "produit inconnu\u00a0: «\u00a0carte-sim\u00a0»"
    ]


@pytest.mark.parametrize("content", [b"a;b\n1;2", b"PK\x03\x04", b"\0" * 40, b""])
def test_of_a_file_that_is_no_lot_nothing_is_kept(referent: User, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        deposit(referent, content)
    assert (LotDraft.objects.count(), LotPiece.objects.count()) == (0, 0)


def test_a_file_of_several_pieces_is_read_as_one(referent: User) -> None:
    count = PIECE // 30 + 2000
    draft = deposit(referent, factories.lot_file("monde", factories.codes(count)))
    assert draft.size > PIECE
    assert (draft.accepted_count, draft.refused) == (count, {})


def test_a_work_that_dies_three_times_says_so_and_can_be_begun_again(referent: User) -> None:
    draft = deposit(referent)
    LotDraft.objects.filter(pk=draft.pk).update(state="importing", attempts=staging.ATTEMPTS)

    staging.run(draft.pk)

    draft.refresh_from_db()
    assert draft.importable
    assert draft.sentence == (
        "L’importation s’est interrompue 3 fois. Rien n’a été importé\u00a0: recommencez."
    )
    assert commit(by=referent, draft=draft.uuid).size == 3


def test_a_reading_that_died_three_times_keeps_the_file_for_another(referent: User) -> None:
    draft = imports.begin(by=referent)
    imports.fill(draft, [factories.lot_file("monde", CODES)])
    LotDraft.objects.filter(pk=draft.pk).update(state="reading", attempts=staging.ATTEMPTS)
    staging.run(draft.pk)
    draft.refresh_from_db()
    assert draft.state == "failed"
    assert draft.sentence.startswith("La lecture s’est interrompue 3 fois.")

    assert imports.retry(by=referent, draft=draft.uuid).accepted_count == 3


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

    assert set(outcomes) <= {"", "ImportRefused"}
    assert outcomes[0] == ""
    assert (CodeLot.objects.count(), RechargeCode.objects.count()) == (1, 3)
