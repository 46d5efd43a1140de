"""What becomes of each of SFR's answers."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activation import moves, services
from activation.exchange.answers import Answer, Meaning, Outcome, Verdict, apply_each, judge
from activation.models import ActivationEvent, ActivationRequest
from activation.states import State
from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from tests.activation import factories

pytestmark = pytest.mark.django_db
KEPT = "+33612345678"


def ported(state: State = State.TRANSMITTED) -> ActivationRequest:
    """Return a request that keeps its number."""
    return factories.request(state, rio=factories.rio_of("0612345678"))


def activated(row: ActivationRequest, number: str = "07 55 66 77 88") -> Answer:
    return Answer(row.iccid, Meaning.ACTIVATED, line_number=number)


def refused(row: ActivationRequest, reason: str = "Carte déjà active") -> Answer:
    return Answer(row.iccid, Meaning.REFUSED, reason=reason)


def to_correct(row: ActivationRequest, reason: str = "Nom illisible") -> Answer:
    return Answer(row.iccid, Meaning.TO_CORRECT, reason=reason)


def porting(row: ActivationRequest, days: int | None = 5) -> Answer:
    day = None if days is None else timezone.localdate() + dt.timedelta(days=days)
    return Answer(row.iccid, Meaning.PORTING, porting_on=day)


def told(verdicts: list[Verdict]) -> list[Outcome]:
    return [one.outcome for one in verdicts]


def state_of(row: ActivationRequest) -> str:
    return ActivationRequest.objects.values_list("state", flat=True).get(pk=row.pk)


@pytest.fixture
def by() -> User:
    return factories.operator()


def test_each_clear_answer_brings_its_request_where_it_says(by: User) -> None:
    rows = [factories.request(State.TRANSMITTED) for _ in range(3)]
    kept = ported()
    answers = [
        activated(rows[0], "33755667788"),
        refused(rows[1]),
        to_correct(rows[2]),
        porting(kept),
    ]
    assert told(judge(answers)) == [Outcome.APPLIED] * 4
    assert {state_of(row) for row in [*rows, kept]} == {State.TRANSMITTED}

    assert told(apply_each(answers, by=by)) == [Outcome.APPLIED] * 4
    found = [ActivationRequest.objects.get(pk=row.pk) for row in [*rows, kept]]
    assert [row.state for row in found] == ["activated", "refused", "to_correct", "porting"]
    assert found[0].line_number == "+33755667788"
    assert [found[1].reason, found[2].reason] == ["Carte déjà active", "Nom illisible"]
    assert found[3].porting_on == timezone.localdate() + dt.timedelta(days=5)


def test_the_same_answers_twice_change_nothing_the_second_time(by: User) -> None:
    rows = [factories.request(State.TRANSMITTED) for _ in range(3)]
    kept = ported()
    answers = [activated(rows[0]), refused(rows[1]), to_correct(rows[2]), porting(kept)]
    apply_each(answers, by=by)
    before = list(ActivationRequest.objects.order_by("pk").values())
    counts = (ActivationEvent.objects.count(), OutboxMessage.objects.count())

    assert told(apply_each(answers, by=by)) == [Outcome.ALREADY] * 4
    assert list(ActivationRequest.objects.order_by("pk").values()) == before
    assert (ActivationEvent.objects.count(), OutboxMessage.objects.count()) == counts


def test_an_old_answer_does_not_touch_the_request_that_was_sent_again(by: User) -> None:
    row = factories.request(State.TRANSMITTED)
    old = to_correct(row)
    apply_each([old], by=by)
    row.refresh_from_db()
    services.resubmit(row, factories.application(iccid=row.iccid), by=row.created_by)
    assert told(apply_each([old], by=by)) == [Outcome.ALREADY]
    services.take(row, by=by)
    moves.move(row, State.TRANSMITTED, by=by)

    assert told(apply_each([old], by=by)) == [Outcome.ALREADY]
    assert state_of(row) == State.TRANSMITTED
    assert told(apply_each([activated(row)], by=by)) == [Outcome.APPLIED]


def test_an_old_refusal_does_not_touch_the_next_request_of_the_card(by: User) -> None:
    first = factories.request(State.TRANSMITTED)
    apply_each([refused(first)], by=by)
    again = factories.request(State.TRANSMITTED, iccid=first.iccid)
    assert told(apply_each([refused(first)], by=by)) == [Outcome.ALREADY]
    assert state_of(again) == State.TRANSMITTED


def test_another_portability_date_replaces_the_first_and_is_logged(by: User) -> None:
    row = ported()
    apply_each([porting(row, 5)], by=by)
    assert told(apply_each([porting(row, 9)], by=by)) == [Outcome.APPLIED]
    row.refresh_from_db()
    assert (row.state, row.porting_on) == (
        "porting",
        timezone.localdate() + dt.timedelta(days=9),
    )
    assert row.events.filter(origin="porting", to="porting").count() == 1
    assert told(apply_each([porting(row, 5)], by=by)) == [Outcome.ALREADY]
    assert told(apply_each([activated(row, KEPT)], by=by)) == [Outcome.APPLIED]
    assert state_of(row) == State.ACTIVATED


def test_a_card_that_is_not_at_sfr_is_unknown(by: User) -> None:
    waiting, taken = factories.request(), factories.request(State.IN_PROGRESS)
    stranger = Answer(factories.card(), Meaning.ACTIVATED, line_number="0755667788")
    answers = [activated(waiting), refused(taken), stranger]
    assert told(apply_each(answers, by=by)) == [Outcome.UNKNOWN] * 3
    assert [state_of(waiting), state_of(taken)] == ["submitted", "in_progress"]


@pytest.mark.parametrize(
    "meant",
    [
        lambda row: activated(row, "0611223344"),
        refused,
        to_correct,
    ],
)
def test_another_answer_for_a_closed_request_is_contradictory(by: User, meant: object) -> None:
    row = factories.request(State.ACTIVATED)
    assert callable(meant)
    assert told(apply_each([meant(row)], by=by)) == [Outcome.CONTRADICTORY]
    assert state_of(row) == State.ACTIVATED


def test_the_line_of_a_portability_is_the_number_that_is_kept(by: User) -> None:
    row = ported(State.PORTING)
    (verdict,) = apply_each([activated(row, "0755667788")], by=by)
    assert (verdict.outcome, verdict.sentence) == (
        Outcome.CONTRADICTORY,
        "Le numéro de la ligne n’est pas celui que le bénéficiaire garde. Vérifiez auprès de SFR.",
    )
    assert state_of(row) == State.PORTING


def test_a_portability_answers_no_new_line_and_needs_no_correction_once_begun(by: User) -> None:
    new, kept = factories.request(State.TRANSMITTED), ported(State.PORTING)
    answers = [porting(new), to_correct(kept)]
    assert told(apply_each(answers, by=by)) == [Outcome.CONTRADICTORY] * 2


def test_two_lines_that_differ_are_left_alone_and_two_that_agree_are_one(by: User) -> None:
    torn, sure = factories.request(State.TRANSMITTED), factories.request(State.TRANSMITTED)
    answers = [activated(torn), activated(sure), refused(torn), activated(sure, "+33755667788")]
    assert told(apply_each(answers, by=by)) == [
        Outcome.CONTRADICTORY,
        Outcome.APPLIED,
        Outcome.CONTRADICTORY,
        Outcome.ALREADY,
    ]
    assert [state_of(torn), state_of(sure)] == ["transmitted", "activated"]
    assert OutboxMessage.objects.filter(topic=moves.SMS_TOPIC).count() == 1


def test_an_answer_that_cannot_be_read_says_what_to_mend() -> None:
    row, kept = factories.request(State.TRANSMITTED), ported()
    far = porting(kept, 400)
    answers = [
        Answer("", Meaning.ACTIVATED),
        Answer("8,93310E+19", Meaning.ACTIVATED),
        Answer("123", Meaning.ACTIVATED),
        activated(row, ""),
        activated(row, "0123456789"),
        refused(row, " "),
        Answer(row.iccid, ""),
        Answer(row.iccid, "", problem="Le statut « Bof » n’est pas connu."),
        porting(kept, -1),
        far,
    ]
    found = [judge([one])[0] for one in answers]
    assert told(found) == [Outcome.INVALID] * len(answers)
    assert [one.sentence for one in found] == [
        "Le numéro de la carte (ICCID) manque.",
        "Le tableur a arrondi le numéro de la carte (ICCID)\u00a0: mettez la colonne au format "
        "Texte, puis recopiez les numéros.",
        "Le numéro de la carte (ICCID) compte 20 chiffres\u00a0: vérifiez-le.",
        "Le numéro de la ligne activée manque\u00a0: complétez-le.",
        "Numéro de la ligne\u00a0: Ce numéro n’est pas celui d’un portable. Indiquez un numéro qui "
        "commence par 06 ou 07.",
        "Le motif manque\u00a0: complétez-le, la structure en a besoin pour avancer.",
        "Le statut manque\u00a0: indiquez ce que SFR répond.",
        "Le statut « Bof » n’est pas connu.",
        "La date de portabilité est passée\u00a0: vérifiez-la.",
        "La date de portabilité est à plus d’un an\u00a0: vérifiez-la.",
    ]


def test_only_an_operator_or_the_gateway_brings_answers() -> None:
    row = factories.request(State.TRANSMITTED)
    with pytest.raises(NotAllowed):
        apply_each([activated(row)], by=row.created_by)
    assert told(apply_each([activated(row)], by=None)) == [Outcome.APPLIED]
    last = AuditEntry.objects.filter(action="activation.activated").get()
    assert (last.by, last.target_id) == (None, str(row.pk))


def test_verdicts_hold_no_data_of_a_beneficiary(by: User) -> None:
    row, other = factories.request(State.TRANSMITTED), factories.request(State.TRANSMITTED)
    answers = [activated(row), refused(other, "Madame Zébulonne est connue")]
    said = " ".join(one.sentence for one in [*judge(answers), *apply_each(answers, by=by)])
    for secret in (row.iccid, "55667788", "55 66", "Zébulonne"):
        assert secret not in said
    assert row.iccid not in repr(answers[0])


def test_answers_cost_the_same_number_of_queries_whatever_their_number(by: User) -> None:
    by.has_perm("activation.process_activationrequest")  # read once, and kept
    counts = []
    for size in (1, 5):
        answers = []
        for _ in range(size):
            rows = [factories.request(State.TRANSMITTED) for _ in range(2)]
            answers += [activated(rows[0]), refused(rows[1]), porting(ported())]
        with CaptureQueriesContext(connection) as captured:
            apply_each(answers, by=by)
        counts.append(sum("outbox" not in one["sql"] for one in captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_came_before_the_same_file_twice_changes_nothing_the_second_time(
    by: User, seed: int
) -> None:
    chance = random.Random(seed)
    rows = [factories.request(State.TRANSMITTED), ported(), ported(State.PORTING)]
    files: list[list[Answer]] = []
    for _ in range(4):
        answers = []
        for row in rows:
            number = KEPT if row.portability else "0755667788"
            answers.append(
                chance.choice([activated(row, number), refused(row), to_correct(row), porting(row)])
            )
        files.append(answers)
        apply_each(answers, by=by)
        for row in rows:
            _send_again(row, by)
        for known in files:
            before = _everything()
            told(apply_each(known, by=by))
            assert _everything() == before


def _send_again(row: ActivationRequest, by: User) -> None:
    """Send a request again that was to be corrected."""
    row.refresh_from_db()
    if row.state == State.TO_CORRECT:
        kept = {"rio": row.rio, "contact_phone": KEPT} if row.portability else {}
        again = factories.application(iccid=row.iccid, **kept)
        services.resubmit(row, again, by=row.created_by)
        services.take(row, by=by)
        moves.move(row, State.TRANSMITTED, by=by)


def _everything() -> tuple[list[dict[str, object]], int, int]:
    rows = list(ActivationRequest.objects.order_by("pk").values())
    return rows, ActivationEvent.objects.count(), OutboxMessage.objects.count()
