"""The back office: the inbox, answering, ready texts, drafts of the FAQ, delays."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import FaqQuestion
from knowledge.support import faq as drafts
from knowledge.support import figures, team, waiting
from knowledge.support.models import CannedAnswer, FoundAnswer, SupportRequest
from knowledge.support.moves import MoveRefused
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.structures import file
from portal.structures.models import Membership
from tests import factories
from tests.assistance.conftest import (
    DESK,
    SECRET,
    answer,
    ask,
    browser,
    faq,
    referent,
    said,
)


@pytest.fixture
def desk(manager: User) -> Client:
    return browser(manager)


def act(desk: Client, request: SupportRequest, name: str, **fields: Any) -> Any:
    return desk.post(f"{DESK}{request.uuid}/{name}/", fields)


def asked(request: SupportRequest, days: int) -> SupportRequest:
    """Make a request older."""
    at = timezone.now() - dt.timedelta(days=days)
    SupportRequest.objects.filter(pk=request.pk).update(created_at=at, waiting_since=at)
    request.refresh_from_db()
    return request


def test_my_portfolio_comes_first_then_who_has_waited_longest(
    member: Membership, stranger: Membership, manager: User, desk: Client
) -> None:
    other = asked(ask(stranger, title="Autre structure"), 9)
    late = asked(ask(member, title="Ancienne"), 8)
    fresh = ask(member, title="Récente")
    done = ask(member, title="Répondue")
    answer(manager, done)

    page = desk.get(DESK)

    assert [one.pk for one in page.context["object_list"]] == [
        late.pk,
        fresh.pk,
        other.pk,
        done.pk,
    ]
    assert "en retard" in said(page)


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"state": "answered"}, ["Répondue"]),
        ({"whose": "mine"}, ["Répondue"]),
        ({"whose": "portfolio"}, ["La mienne", "Répondue"]),
        ({"structure": "lormont"}, ["La mienne", "Répondue"]),
        ({"subject": "money"}, ["Ailleurs"]),
    ],
)
def test_the_inbox_is_filtered(
    member: Membership,
    stranger: Membership,
    manager: User,
    desk: Client,
    filters: dict[str, str],
    titles: list[str],
) -> None:
    ask(member, title="La mienne")
    answer(manager, ask(member, title="Répondue"))
    ask(stranger, title="Ailleurs", subject="money")

    page = desk.get(DESK, filters)

    assert [one.title for one in page.context["object_list"]] == titles


def test_the_inbox_costs_the_same_whatever_its_length(
    member: Membership, manager: User, desk: Client
) -> None:
    counts = []
    desk.get(DESK)
    for _ in range(2):
        answer(manager, ask(member))
        ask(member)
        with CaptureQueriesContext(connection) as queries:
            desk.get(DESK)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_referent_takes_answers_notes_and_closes(member: Membership, desk: Client) -> None:
    one = ask(member)
    keys = [str(uuid.uuid4()) for _ in range(2)]

    statuses = [
        act(desk, one, "prendre").status_code,
        act(desk, one, "repondre", key=keys[0], body="Éteignez-le.").status_code,
        act(desk, one, "noter", key=keys[1], body="Déjà vu ailleurs.").status_code,
        act(desk, one, "resoudre").status_code,
        act(desk, one, "rouvrir").status_code,
        act(desk, one, "remettre").status_code,
    ]

    page = said(desk.get(f"{DESK}{one.uuid}/"))
    mine = said(browser(member.user).get(f"/mon-compte/assistance/{one.uuid}/"))
    assert statuses == [302] * 6
    assert ("Déjà vu ailleurs." in page, "Déjà vu ailleurs." in mine) == (True, False)
    assert ("Éteignez-le." in page, "Éteignez-le." in mine) == (True, True)


def test_an_empty_answer_shows_its_form_again(member: Membership, desk: Client) -> None:
    one = ask(member)

    page = act(desk, one, "repondre", key=str(uuid.uuid4()), body=" ")

    assert (page.status_code, "Écrivez votre message." in said(page)) == (422, True)
    assert one.messages.count() == 1


def test_a_ready_text_is_put_below_what_is_typed_without_sending(
    member: Membership, desk: Client
) -> None:
    one = ask(member)
    ready = CannedAnswer.objects.create(title="Éteindre", body="Éteignez puis rallumez.")

    page = act(desk, one, "repondre", body="Bonjour,", canned=str(ready.pk), insert="1")

    assert page.context["answer_form"].initial["body"] == "Bonjour,\n\nÉteignez puis rallumez."
    assert (page.status_code, one.messages.count()) == (200, 1)


def test_ready_texts_are_written_by_referents_only(desk: Client) -> None:
    form = {"title": "Éteindre", "body": "Éteignez.", "position": "1"}

    desk.post("/gestion/reponses-types/new/", form)
    refused = browser(factories.UserFactory(role=Role.OPERATOR)).get("/gestion/reponses-types/")

    assert list(CannedAnswer.objects.values_list("title", flat=True)) == ["Éteindre"]
    assert refused.status_code == 302


def test_a_request_is_handed_to_a_colleague_who_is_told(member: Membership, desk: Client) -> None:
    one, colleague = ask(member), referent()

    act(desk, one, "confier", to=str(colleague.uuid))

    one.refresh_from_db()
    told = OutboxMessage.objects.latest("pk")
    assert one.assigned_to == colleague
    assert told.payload == {
        "request": str(one.uuid),
        "to": str(colleague.uuid),
        "what": "assigned",
    }


@pytest.mark.parametrize("name", ["prendre", "repondre", "noter", "faq"])
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.EDITOR, Role.ADMINISTRATOR])
def test_other_roles_stay_out(member: Membership, role: Role, name: str) -> None:
    one, client = ask(member), browser(factories.UserFactory(role=role))

    seen = client.get(f"{DESK}{one.uuid}/")
    done = act(client, one, name, key=str(uuid.uuid4()), body="x")

    one.refresh_from_db()
    assert [(said_no.status_code, said_no["Location"]) for said_no in (seen, done)] == [
        (302, "/gestion/")
    ] * 2
    assert (one.state, one.messages.count()) == ("new", 1)


def test_an_answer_becomes_a_draft_once_and_the_editors_are_told(
    member: Membership, manager: User, desk: Client
) -> None:
    faq("Une autre question")
    editor = factories.UserFactory(role=Role.EDITOR)
    one = ask(member, title="La carte du 06 12 34 56 78 est muette")
    answer(manager, one, "Éteignez <b>le</b> téléphone.\r\n\r\nAppelez le 0123456789.")
    message = one.messages.latest("pk")

    for _ in range(2):
        done = act(desk, one, "faq", message=str(message.pk))

    made = FaqQuestion.objects.get(live=False)
    assert done["Location"] == f"{DESK}{one.uuid}/"
    assert made.question == "La carte du [numéro] est muette"
    assert made.answer == (
        "<p>Éteignez &lt;b&gt;le&lt;/b&gt; téléphone.</p><p>Appelez le [numéro].</p>"
    )
    assert made.latest_revision is not None
    told = OutboxMessage.objects.filter(topic="support.faq_draft_email")
    assert [row.payload for row in told] == [{"question": made.pk, "to": str(editor.uuid)}]


def test_who_writes_the_faq_too_lands_in_the_editor(member: Membership) -> None:
    faq("Une autre question")
    both = referent()
    both.groups.add(*factories.UserFactory(role=Role.EDITOR).groups.all())
    one = ask(member)
    answer(both, one)

    done = act(browser(both), one, "faq", message=str(one.messages.latest("pk").pk))

    made = FaqQuestion.objects.get(live=False)
    assert done["Location"] == f"/gestion/faq/questions/edit/{made.pk}/"


@pytest.mark.parametrize("which", ["question", "note"])
def test_only_an_answer_becomes_a_draft(member: Membership, manager: User, which: str) -> None:
    faq("Une autre question")
    one = ask(member)
    if which == "note":
        team.note(by=manager, request=one, key=uuid.uuid4(), body="Secret")

    with pytest.raises(MoveRefused):
        drafts.draft(by=manager, message=one.messages.latest("pk"))

    assert FaqQuestion.objects.filter(live=False).count() == 0


def test_delays_are_counted_by_week(member: Membership, manager: User, desk: Client) -> None:
    for hours in (1, 3, 9):
        one = ask(member)
        answer(manager, one)
        one.refresh_from_db()
        assert one.first_answer_at is not None
        at = one.first_answer_at - dt.timedelta(hours=hours)
        SupportRequest.objects.filter(pk=one.pk).update(created_at=at)
    ask(member)
    FoundAnswer.objects.create(question=faq("Une question"))

    report = figures.read(4)

    total = report.total
    assert (total.asked, total.answered, total.in_time, report.found) == (4, 3, 3, 1)
    assert (total.median, len(report.weeks)) == (dt.timedelta(hours=3), 4)
    page = said(desk.get(f"{DESK}delais/"))
    assert "4 demandes, première réponse en 3 h 00 (médiane)" in page
    assert "La FAQ a évité 1 demande." in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_delays_are_exported(member: Membership, desk: Client, form: str) -> None:
    ask(member)

    file = desk.get(f"{DESK}delais/export/", {"format": form, "semaines": "4"})

    assert file["Content-Disposition"] == f'attachment; filename="assistance-delais.{form}"'
    content = b"".join(file) if file.streaming else file.content
    assert SECRET.encode() not in content
    if form == "csv":
        assert len(content.decode().splitlines()) == 5


def test_an_unknown_period_is_refused(desk: Client) -> None:
    for place in ("delais/", "delais/export/"):
        assert desk.get(f"{DESK}{place}", {"semaines": "999"}).status_code == 400


@pytest.mark.parametrize(
    ("asked_on", "today", "words", "late"),
    [
        ("2026-11-20", "2026-11-20", "Depuis aujourd’hui", False),
        ("2026-11-20", "2026-11-23", "1\u00a0jour ouvré", False),
        ("2026-11-20", "2026-11-24", "2\u00a0jours ouvrés", False),
        ("2026-11-20", "2026-11-25", "3\u00a0jours ouvrés, en retard", True),
    ],
)
def test_the_wait_is_counted_in_working_days(
    time_machine: Any, asked_on: str, today: str, words: str, late: bool
) -> None:
    at = timezone.make_aware(dt.datetime.fromisoformat(f"{asked_on}T10:00"))
    one = SupportRequest(waiting_since=at)

    time_machine.move_to(timezone.make_aware(dt.datetime.fromisoformat(f"{today}T09:00")))

    assert (waiting.in_words(one), waiting.is_late(one)) == (words, late)


def test_the_structures_page_shows_what_waits(
    member: Membership, manager: User, desk: Client
) -> None:
    one = ask(member, title="Une question ouverte")
    page = said(desk.get(f"/gestion/structures/{member.structure.uuid}/"))
    before = file.waiting()[member.structure_id]
    answer(manager, one)

    assert "Une question ouverte" in page
    assert f"Demande d’assistance {one.reference} : réponse attendue" in page
    assert before - file.waiting().get(member.structure_id, 0) == 1
