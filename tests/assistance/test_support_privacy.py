"""What stays private: words, files, people; e-mails say nothing; time forgets."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from knowledge.support import files, retention, services, team
from knowledge.support.files import FilesRefused
from knowledge.support.models import (
    SupportAttachment,
    SupportMessage,
    SupportRequest,
)
from knowledge.support.moves import MoveRefused
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures.models import Membership
from tests import factories
from tests.assistance.conftest import (
    ASK,
    DESK,
    MINE,
    SECRET,
    answer,
    ask,
    browser,
    pdf,
    picture,
    typed,
    upload,
)

CANARY = "Zébulonne-de-la-Verte"


def everything_stored() -> str:
    """Return every row of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_word_of_a_thread_is_in_clear_anywhere(
    member: Membership, manager: User, caplog: Any, capsys: Any
) -> None:
    client = browser(member.user)
    form = typed(title=f"Titre {CANARY}", body=f"Corps {CANARY}")
    client.post(f"{ASK}reponses/", form)
    client.post(ASK, form)
    client.post(ASK, form | {"etape": "envoyer", "attached": [upload(picture(), f"{CANARY}.png")]})
    one = SupportRequest.objects.get()
    deliver_due()
    answer(manager, one, f"Réponse {CANARY}")
    team.note(by=manager, request=one, key=uuid.uuid4(), body=f"Note {CANARY}")
    deliver_due()

    printed = capsys.readouterr()
    written = [part for sent in mail.outbox for part in (sent.subject, str(sent.message()))]
    assert len(mail.outbox) == 2
    assert CANARY not in everything_stored()
    assert CANARY not in "".join([*written, caplog.text, printed.out, printed.err])
    assert next(iter(one.messages.all())).body == f"Corps {CANARY}"


def test_each_answer_is_told_by_email_without_its_content(
    member: Membership, manager: User
) -> None:
    one = ask(member)
    deliver_due()
    answer(manager, one)
    team.solve(by=manager, request=one)
    deliver_due()
    services.reopen(by=member, request=one)
    deliver_due()

    subjects = [(sent.to, sent.subject) for sent in mail.outbox]
    assert subjects == [
        ([manager.email], f"Demande d’assistance {one.reference}"),
        ([member.user.email], f"Réponse à votre demande d’assistance {one.reference}"),
        ([member.user.email], f"Votre demande d’assistance {one.reference} est résolue"),
        ([manager.email], f"Nouveau message, demande d’assistance {one.reference}"),
    ]
    assert f"{MINE}{one.uuid}/" in mail.outbox[1].body
    assert f"{DESK}{one.uuid}/" in mail.outbox[0].body


def test_without_a_manager_every_referent_is_told(stranger: Membership) -> None:
    team_of = [factories.UserFactory(role=Role.REFERENT) for _ in range(2)]
    factories.UserFactory(role=Role.REFERENT, is_active=False)
    ask(stranger)

    told = OutboxMessage.objects.filter(topic="support.team_email")
    assert {row.payload["to"] for row in told} == {str(user.uuid) for user in team_of}
    assert told.count() == 2


def test_where_who_asked_is_gone_the_lead_is_told(member: Membership, manager: User) -> None:
    lead = factories.MembershipFactory(structure=member.structure, is_structure_lead=True)
    one = ask(member)
    deliver_due()
    type(member.user).objects.filter(pk=member.user_id).update(is_active=False)
    answer(manager, one)
    deliver_due()

    assert mail.outbox[-1].to == [lead.user.email]


def test_a_request_answered_meanwhile_is_not_announced(member: Membership, manager: User) -> None:
    one = ask(member)
    answer(manager, one)
    deliver_due()

    assert [sent.to for sent in mail.outbox] == [[member.user.email]]
    assert JournalEntry.objects.count() == 1


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "n’est ni un PDF, ni une photo"),
        (b"%PDF-1.7 <html>", "incomplet ou abîmé"),
        (SVG, "n’est ni un PDF, ni une photo"),
        (b"", "vide"),
        (b"x" * (30 * 1024 * 1024), "trop lourd"),
        (picture("GIF"), "n’est ni un PDF, ni une photo"),
    ],
    ids=["html as pdf", "html after a pdf's head", "svg", "empty", "30 MB", "gif"],
)
def test_a_hostile_file_is_refused_and_nothing_is_sent(
    member: Membership, content: bytes, sentence: str
) -> None:
    form = typed(etape="envoyer", attached=[upload(content, "facture.pdf")])

    answer = browser(member.user).post(ASK, form)

    assert (answer.status_code, SupportRequest.objects.count()) == (422, 0)
    assert sentence in answer.content.decode().replace("&nbsp;", " ")


def test_four_files_are_too_many() -> None:
    with pytest.raises(FilesRefused) as refused:
        files.check([upload(picture()) for _ in range(4)])

    assert refused.value.message == "Vous pouvez joindre 3 fichiers au plus à un message."


def test_the_second_of_two_files_is_named_where_it_is_refused() -> None:
    with pytest.raises(FilesRefused) as refused:
        files.check([upload(picture()), upload(b"<html>")])

    assert refused.value.message.startswith("Fichier 2\u00a0: Ce fichier n’est ni un PDF")


def with_file(member: Membership) -> SupportAttachment:
    ask(member, files=files.check([upload(pdf(), "Fatoumata.pdf")]))
    return SupportAttachment.objects.get()


@pytest.mark.parametrize("desk", [False, True])
def test_a_file_is_saved_by_the_browser_and_kept_by_nothing(
    member: Membership, manager: User, desk: bool
) -> None:
    file = with_file(member)
    place = f"{DESK if desk else MINE}fichiers/{file.uuid}/"

    answer = browser(manager if desk else member.user).get(place)

    assert answer.content == pdf()
    assert answer["Content-Disposition"].startswith('attachment; filename="assistance-')
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == (
        "nosniff",
        "application/pdf",
    )
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.filter(action="support.file_downloaded").count() == 1


def test_a_file_is_nobody_elses(member: Membership, stranger: Membership) -> None:
    file = with_file(member)
    seen = [
        browser(stranger.user).get(f"{MINE}fichiers/{file.uuid}/").status_code,
        browser(factories.UserFactory(role=Role.OPERATOR))
        .get(f"{DESK}fichiers/{file.uuid}/")
        .status_code,
    ]

    assert seen == [404, 302]


def solved(member: Membership, by: User, days: int) -> SupportRequest:
    """Return a request that was solved so many days ago."""
    one = ask(member, files=files.check([upload(picture())]))
    answer(by, one)
    services.close(by=member, request=one)
    at = timezone.now() - dt.timedelta(days=days)
    SupportRequest.objects.filter(pk=one.pk).update(solved_at=at)
    return one


def test_what_is_long_solved_says_nothing_of_anybody(member: Membership, manager: User) -> None:
    old, young = solved(member, manager, 366), solved(member, manager, 364)

    done = (retention.anonymise(), retention.anonymise())

    old.refresh_from_db()
    young.refresh_from_db()
    assert done == (1, 0)
    assert (old.title, old.created_by, old.anonymised_at is None) == ("", None, False)
    texts = SupportMessage.objects.filter(request=old)
    assert list(texts.values_list("by", flat=True)) == [None, manager.pk]
    assert {message.body for message in texts} == {""}
    assert (young.title, young.messages.first().body) == ("La carte n’est pas reconnue", SECRET)  # type: ignore[union-attr]
    assert SupportAttachment.objects.get().message.request == young
    (row,) = AuditEntry.objects.filter(action=retention.ACTION)
    assert row.details["count"] == 1


def test_a_forgotten_request_is_still_listed_and_no_longer_opened(
    member: Membership, manager: User
) -> None:
    one = solved(member, manager, 366)
    retention.anonymise()
    client = browser(member.user)

    assert [client.get(place).status_code for place in (MINE, f"{MINE}{one.uuid}/")] == [200, 200]
    assert browser(manager).get(f"{DESK}{one.uuid}/").status_code == 200
    with pytest.raises(MoveRefused):
        services.reopen(by=member, request=one)
    with pytest.raises(MoveRefused):
        team.note(by=manager, request=one, key=uuid.uuid4(), body="x")


def test_an_answer_that_nobody_replies_to_is_taken_for_good(
    member: Membership, manager: User, time_machine: Any
) -> None:
    old = ask(member)
    waiting = ask(member)
    answer(manager, old)
    now = timezone.now()
    time_machine.move_to(now + dt.timedelta(days=29))
    early = retention.close_silent()
    time_machine.move_to(now + dt.timedelta(days=31))

    assert (early, retention.close_silent(), retention.close_silent()) == (0, 1, 0)
    old.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.state, waiting.state) == ("solved", "new")
    assert old.events.latest("pk").by is None
