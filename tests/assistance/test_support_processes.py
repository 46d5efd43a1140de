"""Real processes: two référents at once, two clicks at once, and ``kill -9`` around a commit."""

import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core import mail

from knowledge.support.models import SupportAttachment, SupportEvent, SupportMessage, SupportRequest
from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.structures.models import Membership
from tests import factories
from tests.assistance.conftest import ask, referent
from tests.support.server import variables

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
#: Says that it is ready, then waits for a line to begin.
BEGIN = """
import os, signal, sys, uuid
import django
django.setup()
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from knowledge.support import services, team
from knowledge.support.models import SupportRequest
from portal.accounts.models import User
from portal.structures.agreements.uploads import Checked
from portal.structures.models import Membership
from portal.ui.errors import DomainError

who, what, moment = sys.argv[1:]
connection.ensure_connection()
print("ready", flush=True)
sys.stdin.readline()
"""
TAKE = """
try:
    team.take(by=User.objects.get(pk=who), request=SupportRequest.objects.get(pk=what))
    print("taken")
except DomainError as error:
    print(error.message)
"""
ASK = """
question = services.Question(subject="other", title="Une carte", body="Elle est perdue")
member = Membership.objects.get(pk=who)
print(services.ask(by=member, key=uuid.UUID(what), question=question).pk)
"""
ANSWER_AND_DIE = """
commit = BaseDatabaseWrapper.commit

def deadly(self):
    if moment == "after":
        commit(self)
    os.kill(os.getpid(), signal.SIGKILL)

by, request = User.objects.get(pk=who), SupportRequest.objects.get(pk=what)
BaseDatabaseWrapper.commit = deadly
team.answer(by=by, request=request, key=uuid.UUID(int=7), body="Essayez une autre carte.",
            files=[Checked(b"%PDF-1.4", "application/pdf")])
"""


def run(script: str, *given: tuple[object, object], moment: str = "") -> list[tuple[int, str]]:
    """Run a script in as many processes as it is given arguments, all let loose together.

    Returns:
        How each ended and what it printed.
    """
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN + script, str(who), str(what), moment],
            env=variables() | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who, what in given
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[0].strip().splitlines() for one in started]
    return [
        (one.returncode, lines[-1] if lines else "")
        for one, lines in zip(started, said, strict=True)
    ]


def partner() -> Membership:
    made: Membership = factories.MembershipFactory()
    return made


def test_two_referents_in_two_processes_take_a_request_and_one_has_it() -> None:
    one, people = ask(partner()), [referent(), referent()]

    ended = run(TAKE, *[(by.pk, one.pk) for by in people])

    one.refresh_from_db()
    winner = [said for _, said in ended].index("taken")
    assert one.assigned_to == people[winner]
    loser = ended[1 - winner]
    assert loser[0] == 0
    assert f"suivie par {people[winner]}" in loser[1]
    assert SupportEvent.objects.filter(to="in_progress").count() == 1


def test_two_clicks_in_two_processes_send_one_request_and_one_message() -> None:
    member, key = partner(), uuid.uuid4()
    referent()

    ended = run(ASK, (member.pk, key), (member.pk, key))

    one = SupportRequest.objects.get()
    assert ended == [(0, str(one.pk))] * 2
    assert (one.messages.count(), one.events.count()) == (1, 1)
    # The process that sent it also delivered it, on its commit.
    assert OutboxMessage.objects.filter(topic="support.team_email").count() == 1


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("after", 1)])
def test_a_process_that_dies_at_the_commit_of_an_answer_loses_no_email(
    moment: str, kept: int
) -> None:
    by: User = referent()
    one = ask(partner())
    deliver_due()
    mail.outbox.clear()

    ((code, _),) = run(ANSWER_AND_DIE, (by.pk, one.pk), moment=moment)

    assert code == -signal.SIGKILL
    waiting = OutboxMessage.objects.filter(topic="support.partner_email")
    answers = SupportMessage.objects.filter(request=one, from_team=True)
    assert (answers.count(), SupportAttachment.objects.count(), waiting.count()) == (kept,) * 3
    one.refresh_from_db()
    assert one.state == ("answered" if kept else "new")
    deliver_due()
    deliver_due()
    assert len(mail.outbox) == kept
