"""A number that does not work: set aside, replaced at once, claimed from SFR."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from openpyxl import load_workbook

from portal.accounts.roles import Role
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from shop.ordering.models import PlacedOrder
from shop.recharges.faulty import replacements_left
from shop.recharges.models import FaultyReport, RechargeCode
from tests import factories
from tests.shop.conftest import Counter, numbers

Text = Callable[[Any], str]
State = FaultyReport.State
LIMIT = settings.RECHARGES_DAILY_REPLACEMENTS


@pytest.fixture
def placed(partner: Counter) -> PlacedOrder:
    """An order of five numbers, all seen, with five more in stock."""
    factories.lot("monde", factories.codes(10))
    placed = partner.order(monde=5)
    partner.get(f"/commande/{placed.uuid}/")
    return placed


def codes(placed: PlacedOrder) -> list[RechargeCode]:
    return list(RechargeCode.objects.filter(order_line__order=placed.order).order_by("pk"))


def report(counter: Counter, code: RechargeCode, **fields: str) -> Any:
    return counter.client.post(
        f"/mon-compte/recharges/{code.uuid}/signaler/", {"symptom": "used", **fields}, follow=True
    )


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(factories.UserFactory(role=Role.REFERENT))
    return client


def test_a_faulty_number_is_set_aside_and_replaced_on_the_same_line(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    faulty = codes(placed)[0]
    page = report(partner, faulty, note="Deux essais au 952")

    row = FaultyReport.objects.get()
    assert row.code_id == faulty.pk
    assert row.state == State.REPLACED
    assert row.note == "Deux essais au 952"
    assert row.replacement is not None
    assert row.replacement.order_line_id == faulty.order_line_id
    assert row.replacement.replaces == row  # the lineage, both ways
    faulty.refresh_from_db()
    assert faulty.state == RechargeCode.State.QUARANTINED
    assert "Un autre le remplace" in text(page)
    assert len(numbers(page)) == 5  # the faulty one is not among them
    assert faulty.secret not in numbers(page)
    assert AuditEntry.objects.filter(action="recharges.reported").count() == 1


def test_nothing_more_is_billed_nor_drawn(partner: Counter, placed: PlacedOrder) -> None:
    before = placed.order.total_incl_tax
    report(partner, codes(placed)[0])
    placed.refresh_from_db()
    assert placed.due == before
    assert placed.order.lines.get().quantity == 5


def test_reporting_twice_gives_one_replacement(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    faulty = codes(placed)[0]
    report(partner, faulty)
    assert "déjà été signalé" in text(report(partner, faulty))
    assert FaultyReport.objects.count() == 1
    assert RechargeCode.objects.filter(state=RechargeCode.State.GIVEN).count() == 5


def test_a_number_that_nobody_saw_cannot_be_faulty(partner: Counter, text: Text) -> None:
    factories.lot("monde", factories.codes(2))
    partner.add("monde")
    partner.post("/commande/", **partner.form(), hidden=1)
    unseen = RechargeCode.objects.get(state=RechargeCode.State.GIVEN)
    assert "Affichez-le et essayez-le" in text(report(partner, unseen))
    assert FaultyReport.objects.count() == 0


def test_the_symptom_is_asked_for(partner: Counter, placed: PlacedOrder, text: Text) -> None:
    code = codes(placed)[0]
    page = partner.post(f"/mon-compte/recharges/{code.uuid}/signaler/", symptom="")
    assert page.status_code == 422
    assert "Choisissez ce que répond le 952" in text(page)
    assert FaultyReport.objects.count() == 0


def test_a_strangers_number_is_not_found(stranger: Counter, placed: PlacedOrder) -> None:
    code = codes(placed)[0]
    path = f"/mon-compte/recharges/{code.uuid}/signaler/"
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, symptom="used").status_code == 404


def test_beyond_the_days_limit_a_referent_decides(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    for code in codes(placed)[:LIMIT]:
        report(partner, code)
    assert replacements_left(partner.member.structure) == 0
    page = report(partner, codes(placed)[LIMIT])
    assert "décide de son remplacement" in text(page)
    states = list(FaultyReport.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.REPLACED] * LIMIT + [State.WAITING]


def test_with_an_empty_stock_the_report_waits(partner: Counter, text: Text) -> None:
    factories.lot("monde", factories.codes(1))
    placed = partner.order(monde=1)
    partner.get(f"/commande/{placed.uuid}/")
    report(partner, codes(placed)[0])
    assert FaultyReport.objects.get().state == State.WAITING
    assert "En attente de remplacement" in text(partner.get(f"/commande/{placed.uuid}/"))


@pytest.fixture
def waiting(partner: Counter) -> FaultyReport:
    """A report that waits for a référent, with one more number in stock since."""
    factories.lot("monde", factories.codes(1))
    placed = partner.order(monde=1)
    partner.get(f"/commande/{placed.uuid}/")
    report(partner, codes(placed)[0])
    factories.lot("monde", factories.codes(1, start=50))
    return FaultyReport.objects.get()


def decide(staff: Client, row: FaultyReport, answer: str, decision: str = "Vérifié") -> Any:
    return staff.post(
        f"/gestion/defectueux/{row.uuid}/decider/",
        {"answer": answer, "decision": decision},
        follow=True,
    )


def test_the_referent_gives_another_number_and_the_structure_is_told(
    staff: Client, waiting: FaultyReport, django_capture_on_commit_callbacks: Any
) -> None:
    decide(staff, waiting, "replace")
    waiting.refresh_from_db()
    assert waiting.state == State.REPLACED
    assert waiting.replacement is not None
    deliver_due()
    assert [one.to for one in mail.outbox] == [[waiting.reported_by.email]]
    assert "remplacé" in mail.outbox[0].subject
    assert waiting.replacement.secret not in str(mail.outbox[0].message())


def test_the_referent_finds_the_number_good(staff: Client, waiting: FaultyReport) -> None:
    decide(staff, waiting, "keep", "Le 952 l’accepte")
    waiting.refresh_from_db()
    assert waiting.state == State.REFUSED
    assert waiting.decision == "Le 952 l’accepte"
    assert waiting.code.state == RechargeCode.State.GIVEN
    assert RechargeCode.objects.filter(state=RechargeCode.State.AVAILABLE).count() == 1


@pytest.mark.parametrize(("answer", "decision"), [("", "Vérifié"), ("replace", " "), ("x", "y")])
def test_a_decision_needs_an_answer_and_its_reason(
    staff: Client, waiting: FaultyReport, answer: str, decision: str, text: Text
) -> None:
    assert "dites pourquoi" in text(decide(staff, waiting, answer, decision))
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING


def test_a_report_is_decided_once(staff: Client, waiting: FaultyReport, text: Text) -> None:
    decide(staff, waiting, "keep")
    assert "déjà reçu une réponse" in text(decide(staff, waiting, "replace"))
    waiting.refresh_from_db()
    assert waiting.state == State.REFUSED


def test_the_claim_holds_the_numbers_and_leaves_a_trace_of_each(
    staff: Client, partner: Counter, placed: PlacedOrder, tmp_path: Any
) -> None:
    faulty = codes(placed)[0]
    report(partner, faulty)
    answer = staff.post("/gestion/defectueux/reclamer/", {"reason": "Réclamation de novembre"})
    assert "no-store" in answer["Cache-Control"]
    (tmp_path / "claim.xlsx").write_bytes(answer.content)
    rows = list(load_workbook(tmp_path / "claim.xlsx").active.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == [faulty.secret]
    trail = AuditEntry.objects.get(action="recharges.shown_to_staff")
    assert trail.target_id == str(faulty.pk)
    assert trail.details == {"reason": "Réclamation de novembre"}
    assert FaultyReport.objects.get().claimed_at is not None

    again = staff.post("/gestion/defectueux/reclamer/", {"reason": "Réclamation de novembre"})
    assert again.status_code == 302
    assert AuditEntry.objects.filter(action="recharges.shown_to_staff").count() == 1


def test_no_claim_without_a_reason(
    staff: Client, partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    report(partner, codes(placed)[0])
    page = staff.post("/gestion/defectueux/reclamer/", {"reason": "oui"}, follow=True)
    assert "Dites pourquoi" in text(page)
    assert FaultyReport.objects.get().claimed_at is None
    assert AuditEntry.objects.filter(action="recharges.shown_to_staff").count() == 0
