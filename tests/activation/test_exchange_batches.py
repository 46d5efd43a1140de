"""Batches for SFR, and their files."""

import csv
import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from activation import moves
from activation.exchange import batches
from activation.exchange.batches import NothingReady, make
from activation.exchange.formats import NotWritable, content
from activation.exchange.gateway import gateway
from activation.models import (
    PERSONAL,
    ActivationEvent,
    ActivationRequest,
    Batch,
    CheckOverride,
    ExchangeColumn,
    ExchangeFormat,
    Transmission,
)
from activation.models.follow_up import Check
from activation.states import State
from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.sheets import reading
from portal.ui.errors import NotAllowed
from tests.activation import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> User:
    return factories.operator()


def seen(row: ActivationRequest, check: Check = Check.NOT_DELIVERED) -> ActivationRequest:
    """Go past a check: no delivery brought the tests' cards."""
    CheckOverride.objects.create(
        request=row, check_code=check, reason="Vue", by=factories.operator()
    )
    return row


def ready(state: State = State.SUBMITTED, **fields: object) -> ActivationRequest:
    return seen(factories.request(state, **fields))  # type: ignore[arg-type]


def states(*rows: ActivationRequest) -> list[str]:
    found = ActivationRequest.objects.in_bulk([row.pk for row in rows])
    return [found[row.pk].state for row in rows]


def test_all_that_is_ready_is_what_is_free_or_mine_and_nobody_need_look_at(by: User) -> None:
    free, mine = ready(), ready(State.IN_PROGRESS, taken_by=by)
    others, unseen = ready(State.IN_PROGRESS), factories.request()
    insisted = ready(iccid_insisted=True)
    survey = batches.survey(by)
    assert (survey.clear, survey.aside) == (2, 2)
    assert survey.why == {Check.NOT_DELIVERED: 1, Check.CHECK_DIGIT: 1}
    assert set(survey.first_aside) == {unseen.pk, insisted.pk}

    batch = make(by=by, key=uuid.uuid4()).batch
    assert set(batch.transmissions.values_list("request", flat=True)) == {free.pk, mine.pk}
    assert states(free, mine, others, unseen, insisted) == [
        *("transmitted", "transmitted", "in_progress", "submitted", "submitted"),
    ]
    assert Transmission.objects.filter(accepted_at=None).count() == 0
    assert AuditEntry.objects.get(action="activation.batch_made").details == {"requests": 2}


def test_a_free_request_is_taken_then_transmitted_and_both_are_logged(by: User) -> None:
    row = ready()
    make(by=by, key=uuid.uuid4())
    log = list(row.events.values_list("origin", "to", "by"))
    assert log[1:] == [
        ("submitted", "in_progress", by.pk),
        ("in_progress", "transmitted", by.pk),
    ]
    row.refresh_from_db()
    assert row.taken_by == by
    assert row.treated_at is not None


def test_a_choice_leaves_but_for_what_is_stopped_and_says_why(by: User) -> None:
    cautioned, stopped = factories.request(), seen(factories.request(iccid_insisted=True))
    gone = factories.request(State.CANCELLED)
    rows = [cautioned, stopped, gone]
    made = make(by=by, key=uuid.uuid4(), chosen={row.uuid for row in rows})
    assert states(*rows) == ["transmitted", "submitted", "cancelled"]
    assert made.batch.transmissions.get().request == cautioned
    assert made.left == {
        stopped.reference: "Le chiffre de contrôle de la carte est faux\u00a0; la structure dit "
        "l’avoir relu. Levez ce contrôle, avec un motif, avant de transmettre.",
        gone.reference: "Rien n’a été modifié\u00a0: cette demande est maintenant «\u00a0annulée"
        "\u00a0».",
    }


def test_the_same_key_twice_is_one_batch(by: User) -> None:
    ready()
    key = uuid.uuid4()
    first = make(by=by, key=key).batch
    later = ready()
    assert make(by=by, key=key).batch == first
    assert states(later) == ["submitted"]
    assert Batch.objects.count() == 1


def test_nothing_ready_writes_nothing(by: User) -> None:
    row = factories.request()
    with pytest.raises(NothingReady):
        make(by=by, key=uuid.uuid4())
    with pytest.raises(NothingReady):
        make(by=by, key=uuid.uuid4(), chosen={uuid.uuid4()})
    assert states(row) == ["submitted"]
    assert ActivationEvent.objects.filter(request=row).count() == 1
    assert Batch.objects.count() == 0


def test_only_an_operator_makes_a_batch() -> None:
    row = ready()
    with pytest.raises(NotAllowed):
        make(by=row.created_by, key=uuid.uuid4())


def test_the_most_urgent_come_first_in_the_batch(by: User) -> None:
    rows = [ready() for _ in range(3)]
    for row, hours in zip(rows, (2, 0, 1), strict=True):
        moved = ActivationRequest.objects.filter(pk=row.pk)
        moved.update(due_at=row.submitted_at + (row.due_at - row.submitted_at) * (1 + hours) / 4)
    batch = make(by=by, key=uuid.uuid4()).batch
    found = list(batch.transmissions.order_by("position").values_list("position", "request"))
    assert found == [(1, rows[1].pk), (2, rows[2].pk), (3, rows[0].pk)]


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(
    by: User,
) -> None:
    counts = []
    for size in (1, 2, 12):
        for _ in range(size):
            ready()
        with CaptureQueriesContext(connection) as captured:
            make(by=by, key=uuid.uuid4())
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_the_file_is_the_gateway_unless_another_is_set_up() -> None:
    assert gateway().name == Batch.Gateway.FILE


# The files

KEPT = {"rio": factories.rio_of("0612345678"), "contact_phone": "+33612345678"}


def batch_of(by: User, *rows: ActivationRequest) -> Batch:
    return make(by=by, key=uuid.uuid4(), chosen={row.uuid for row in rows}).batch


def test_the_csv_is_what_was_set_up_to_the_byte(by: User) -> None:
    row = factories.request(last_name="D’Été", first_name="Noël", birth_date="1985-12-31", **KEPT)
    made = content(batch_of(by, row), "csv")
    rio = KEPT["rio"]
    expected = (
        "\ufeffRéférence;ICCID;Civilité;Nom;Prénom;Date de naissance;Département de naissance;"
        "Pays de naissance;Portabilité;Numéro à garder;RIO\r\n"
        f"{row.reference};{row.iccid};Madame;D’Été;Noël;31/12/1985;59;;oui;0612345678;{rio}\r\n"
    )
    assert made == expected.encode()


def test_columns_separator_encoding_and_dates_follow_the_settings(by: User) -> None:
    layout = ExchangeFormat.load()
    layout.encoding, layout.separator, layout.date_format = "cp1252", "\t", "%d%m%Y"
    layout.save()
    layout.columns.all().delete()
    columns = [("birth_date", "NAISSANCE"), ("contact_phone", "GSM"), ("last_name", "NOM")]
    for rank, (source, heading) in enumerate(columns):
        ExchangeColumn.objects.create(
            settings=layout, source=source, heading=heading, sort_order=rank
        )
    row = factories.request(birth_date="1985-12-31", last_name="Œuvré")
    made = content(batch_of(by, row), "csv")
    assert made == "NAISSANCE\tGSM\tNOM\r\n31121985\t0612345678\tŒuvré\r\n".encode("cp1252")


def test_a_character_that_the_encoding_lacks_is_named_with_its_request(by: User) -> None:
    ExchangeFormat.objects.update(encoding="cp1252")
    row = factories.request(last_name="Ionuț")
    batch = batch_of(by, row)
    with pytest.raises(NotWritable) as refused:
        content(batch, "csv")
    assert refused.value.message == (
        f"La demande {row.reference} contient «\u00a0ț\u00a0», que l’encodage Windows-1252 n’a "
        "pas. Téléchargez le lot en XLSX, ou choisissez UTF-8 dans les réglages de l’échange avec "
        "SFR."
    )


def test_the_workbook_holds_the_same_cells_as_texts(by: User) -> None:
    rows = [factories.request(last_name="Ionuț O'Fils", **KEPT)]
    batch = batch_of(by, *rows)
    book = io.BytesIO(content(batch, "xlsx"))
    cells = [cells for _, cells in reading.read(book, max_bytes=10**6)]
    text = content(batch, "csv").decode("utf-8-sig")
    listed = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [[*line, *[""] * (11 - len(line))] for line in cells] == listed


def test_other_readers_open_the_workbook(by: User) -> None:
    row = factories.request()
    book = load_workbook(io.BytesIO(content(batch_of(by, row), "xlsx")))
    (sheet,) = book.worksheets
    second = [cell.value for cell in list(sheet.rows)[1]]
    assert second[:2] == [row.reference, row.iccid]
    assert {cell.number_format for cell in list(sheet.rows)[1] if cell.value} == {"@"}


def test_no_cell_is_a_formula_for_a_spreadsheet(by: User) -> None:
    row = factories.request(
        birth_department="99", birth_country="=HYPERLINK(0)", last_name="Dupont", **KEPT
    )
    text = content(batch_of(by, row), "csv").decode("utf-8-sig")
    (_, cells) = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert cells[7] == "HYPERLINK(0)"


def test_an_anonymised_request_closes_the_files_of_its_batch(by: User) -> None:
    row = factories.request()
    batch = batch_of(by, row)
    moves.move(row, State.REFUSED, by=by, reason="Carte déjà active")
    ActivationRequest.objects.filter(pk=row.pk).update(
        anonymised_at=timezone.now(), person_fingerprint="", **dict.fromkeys(PERSONAL, "")
    )
    with pytest.raises(NotWritable) as refused:
        content(batch, "csv")
    assert refused.value.message == (
        "Ce lot ne se télécharge plus\u00a0: les données de bénéficiaires en ont été effacées, "
        "comme prévu après la clôture des demandes."
    )
