"""The screens of the exchange with SFR, and the files of answers that they take."""

import datetime as dt
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook

from activation import tasks
from activation.exchange import imports, reading
from activation.exchange.batches import make
from activation.models import (
    ActivationRequest,
    AnswerColumn,
    AnswerSheet,
    AnswerWord,
    Batch,
    ExchangeFormat,
)
from activation.states import State
from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.sheets.reading import UnreadableFile
from tests.activation import factories
from tests.activation.test_exchange_batches import ready

pytestmark = pytest.mark.django_db
ROOT = "/gestion/sfr/"


@pytest.fixture
def by() -> User:
    return factories.operator()


@pytest.fixture
def desk(client: Client, by: User) -> Client:
    client.force_login(by)
    return client


def sent(count: int) -> list[ActivationRequest]:
    return [factories.request(State.TRANSMITTED) for _ in range(count)]


def deposited(desk: Client, text: str, name: str = "reponses.csv") -> str:
    """Deposit a file and return the address of its preview."""
    file = SimpleUploadedFile(name, text.encode())
    return str(desk.post(f"{ROOT}reponses/", {"file": file})["Location"])


def lines(*rows: ActivationRequest) -> str:
    return "ICCID;Statut;MSISDN\n" + "".join(f"{row.iccid};OK;0755667788\n" for row in rows)


# Batches


def test_one_click_transmits_all_that_is_ready_and_a_second_finds_the_same_batch(
    desk: Client,
) -> None:
    ready(), ready()
    form = {"key": str(uuid.uuid4()), "all": "1"}
    for _ in range(2):
        answer = desk.post(f"{ROOT}preparer/", form)
        assert answer["Location"] == f"{ROOT}preparer/{form['key']}/"
        assert desk.get(answer["Location"])["Location"] == f"{ROOT}lots/{Batch.objects.get().uuid}/"
    assert Batch.objects.get().transmissions.count() == 2


def test_what_keeps_a_batch_from_being_made_is_said(desk: Client) -> None:
    answer = desk.post(f"{ROOT}preparer/", {"key": str(uuid.uuid4()), "all": "1"})
    assert answer.status_code == 409
    assert "Aucune demande n’est prête" in answer.content.decode()
    answer = desk.post(f"{ROOT}preparer/", {"key": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "Cochez au moins une demande à transmettre." in answer.content.decode()


def test_a_worker_that_finds_nothing_tells_it_on_the_page(desk: Client, by: User) -> None:
    key = uuid.uuid4()
    waiting = desk.get(f"{ROOT}preparer/{key}/")
    assert "Lot en préparation" in waiting.content.decode()
    tasks.make_batch(by.pk, str(key))
    answer = desk.get(f"{ROOT}preparer/{key}/", follow=True)
    assert "Aucune demande n’est prête" in answer.content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_each_download_is_recorded_kept_by_no_cache_and_named_without_data(
    desk: Client, by: User, form: str
) -> None:
    row = factories.request()
    batch = make(by=by, key=uuid.uuid4(), chosen={row.uuid}).batch
    answer = desk.get(f"{ROOT}lots/{batch.uuid}/fichier.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="lot-sfr-{batch.pk}.{form}"'
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action="activation.batch_downloaded")
    assert (entry.by, entry.target_id, entry.details) == (by, str(batch.pk), {"form": form})


def test_the_page_of_a_batch_shows_no_data_of_a_beneficiary(desk: Client, by: User) -> None:
    row = factories.request(last_name="Zorglubine")
    batch = make(by=by, key=uuid.uuid4(), chosen={row.uuid}).batch
    page = desk.get(f"{ROOT}lots/{batch.uuid}/").content.decode()
    assert row.reference in page
    for secret in ("Zorglubine", row.iccid, "0612345678"):
        assert secret not in page


def test_lists_cost_the_same_number_of_queries_whatever_their_length(
    desk: Client, by: User
) -> None:
    counts: dict[str, list[int]] = {}
    for size in (1, 1, 6):
        for _ in range(size):
            rows = [factories.request() for _ in range(size)]
            batch = make(by=by, key=uuid.uuid4(), chosen={row.uuid for row in rows}).batch
            ready(), factories.request()
        for path in ("", f"lots/{batch.uuid}/", "preparer/"):
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(f"{ROOT}{path}").status_code == 200
            counts.setdefault(path[:5], []).append(len(captured))
    assert {name: found[1] - found[2] for name, found in counts.items()} == dict.fromkeys(counts, 0)


# Answers


def test_a_file_is_shown_then_applied_then_emptied_and_its_counts_stay(desk: Client) -> None:
    rows = sent(2)
    path = deposited(desk, lines(*rows) + f"{factories.card()};KO;\n")
    page = desk.get(path).content.decode()
    assert "Appliquer 2 réponses" in page
    assert "Le motif manque" in page
    assert set(ActivationRequest.objects.values_list("state", flat=True)) == {State.TRANSMITTED}

    assert desk.post(path)["Location"] == path
    assert "Ce fichier est appliqué" in desk.get(path).content.decode()
    sheet = AnswerSheet.objects.get()
    wanted = {"applied": 2, "already": 0, "unknown": 0, "contradictory": 0, "invalid": 1}
    assert (sheet.content, sheet.counts) == ("", {"lines": 3, "done": 3, **wanted})
    assert set(ActivationRequest.objects.values_list("state", flat=True)) == {State.ACTIVATED}
    again = desk.get(deposited(desk, lines(*rows))).content.decode()
    assert "Aucune ligne de ce fichier ne change quelque chose." in again


def test_the_lines_of_a_file_are_encrypted_and_its_preview_shows_none_of_their_data(
    desk: Client,
) -> None:
    (row,) = sent(1)
    path = deposited(desk, lines(row))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM activation_answersheet")
        (kept,) = cursor.fetchone()
    for text in (kept, desk.get(path).content.decode(), path):
        for secret in (row.iccid, "0755667788", "+33755667788"):
            assert secret not in text


def test_the_report_has_every_line_and_nobodys_data(desk: Client) -> None:
    rows = sent(2)
    path = deposited(desk, lines(*rows))
    report = desk.get(f"{path}rapport.csv")
    text = b"".join(report).decode("utf-8-sig")  # type: ignore[call-overload]
    said = "Appliquée;La ligne est activée\u00a0; le bénéficiaire et la structure sont prévenus."
    head, tail = said.split(";", 1)
    assert text.splitlines() == ["Ligne;Demande;Résultat;Explication"] + [
        f'{number};{row.reference};{head};"{tail}"' for number, row in enumerate(rows, start=2)
    ]


def test_a_long_file_is_applied_by_a_worker_and_its_page_says_how_far_it_is(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    path = deposited(desk, lines(*sent(2)))
    AnswerSheet.objects.update(counts={"lines": 2, "done": 0})
    assert "0 lignes sur 2" in desk.get(path).content.decode()
    desk.post(path)
    assert desk.get(path, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert AnswerSheet.objects.get().counts["applied"] == 2


def test_nobody_else_opens_a_file_and_it_can_be_given_up(desk: Client) -> None:
    path = deposited(desk, lines(*sent(1)))
    other = Client()
    other.force_login(factories.operator())
    assert other.get(path).status_code == 404
    desk.post(f"{path}abandonner/")
    assert AnswerSheet.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Ce fichier est vide."),
        ("ICCID;Statut\n", "Ce fichier n’a aucune ligne sous ses titres de colonnes."),
        (
            "ICCID;Etat\n1;OK\n",
            "Il manque la colonne «\u00a0Statut\u00a0» à la première ligne du fichier. Titres "
            "reconnus\u00a0: Statut. Renommez la colonne, ou ajoutez son titre aux réglages de "
            "l’échange avec SFR.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        reading.read(io.BytesIO(content.encode()))
    assert refused.value.message == sentence


def test_a_file_that_is_too_big_is_refused_and_not_kept(desk: Client) -> None:
    file = SimpleUploadedFile("gros.csv", b"x" * (reading.MAX_BYTES + 1))
    answer = desk.post(f"{ROOT}reponses/", {"file": file})
    assert answer.status_code == 413
    assert "Ce fichier dépasse 10\u00a0Mo." in answer.content.decode()
    assert AnswerSheet.objects.count() == 0


def test_headings_and_words_are_those_that_are_set_up_accents_and_case_forgiven() -> None:
    layout = ExchangeFormat.load()
    AnswerColumn.objects.create(settings=layout, heading="Carte SIM", target="iccid")
    AnswerWord.objects.create(settings=layout, word="Ligne ouverte", meaning="activated")
    text = (
        "inconnu,CARTE SIM,STATÛT,numero de ligne,msisdn,MOTIF,date de portabilite\n"
        "x,1,LIGNE OUVERTE,,0755667788,,\n"
        ",,,,,,\n"
        "x,2,refusee,,,Déjà active,\n"
        "x,3,en cours de portabilité,,,,31/12/2026\n"
        "x,4,bof,,,,\n"
        "x,5,portabilité en cours,,,,demain\n"
    )
    found = reading.read(io.BytesIO(text.encode("cp1252")))
    assert [
        (one.number, one.answer.iccid, one.answer.meaning, one.answer.line_number) for one in found
    ] == [
        (2, "1", "activated", "0755667788"),
        (4, "2", "refused", ""),
        (5, "3", "porting", ""),
        (6, "4", "", ""),
        (7, "5", "porting", ""),
    ]
    assert found[2].answer.porting_on == dt.date(2026, 12, 31)
    assert [one.answer.problem for one in found[3:]] == [
        "Le statut «\u00a0bof\u00a0» n’est pas connu\u00a0: corrigez-le, ou ajoutez ce mot aux "
        "réglages de l’échange avec SFR.",
        "La date «\u00a0demain\u00a0» ne se lit pas\u00a0: écrivez-la comme 31/12/2026.",
    ]


def test_a_workbook_is_read_with_its_dates() -> None:
    book = Workbook()
    book.active.append(["ICCID", "Statut", "Date de portabilité"])
    book.active.append(["8933", "Portabilité en cours", dt.date(2026, 12, 3)])
    out = io.BytesIO()
    book.save(out)
    (line,) = reading.read(out)
    assert (line.answer.iccid, line.answer.porting_on) == ("8933", dt.date(2026, 12, 3))


def test_a_file_that_a_dead_worker_left_is_finished_by_the_next(by: User) -> None:
    (row,) = sent(1)
    sheet = imports.deposit(io.BytesIO(lines(row).encode()), by=by)
    assert imports.unfinished() == []
    AnswerSheet.objects.update(counts={"lines": 1, "done": 0})
    tasks.resume_answers()
    sheet.refresh_from_db()
    assert (sheet.counts["applied"], sheet.content) == (1, "")


def test_a_file_that_nobody_applied_goes_after_a_day(by: User) -> None:
    for age in (1, 30):
        sheet = imports.deposit(io.BytesIO(lines(*sent(1)).encode()), by=by)
        old = timezone.now() - dt.timedelta(hours=age)
        AnswerSheet.objects.filter(pk=sheet.pk).update(created_at=old)
    imports.purge()
    assert AnswerSheet.objects.exclude(pk=sheet.pk).count() == AnswerSheet.objects.count() == 1
