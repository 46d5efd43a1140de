"""Two people at once: one request, one follower, one draft."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from knowledge.models import FaqQuestion
from knowledge.support import faq as drafts
from knowledge.support import services, team
from knowledge.support.models import SupportEvent, SupportRequest
from portal.structures.models import Membership
from portal.ui.errors import DomainError
from tests import factories
from tests.assistance.conftest import answer, ask, faq, question, referent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that start together; return what each returned or raised."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(rank: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[rank] = calls[rank]()
        except DomainError as error:
            results[rank] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def partner() -> Membership:
    made: Membership = factories.MembershipFactory()
    return made


def test_two_referents_take_a_request_and_one_has_it() -> None:
    one, people = ask(partner()), [referent(), referent()]

    results = at_once(*[lambda by=by: team.take(by=by, request=one) for by in people])  # type: ignore[misc]

    one.refresh_from_db()
    refused = [rank for rank, result in enumerate(results) if isinstance(result, DomainError)]
    assert len(refused) == 1
    assert one.assigned_to == people[1 - refused[0]]
    assert SupportEvent.objects.filter(to="in_progress").count() == 1


def test_the_two_clicks_of_a_double_one_send_one_request() -> None:
    member, key = partner(), uuid.uuid4()
    referent()

    def send() -> int:
        return services.ask(by=member, key=key, question=question()).pk

    results = at_once(send, send)

    assert set(results) == {SupportRequest.objects.get().pk}
    assert SupportRequest.objects.get().messages.count() == 1


def test_two_clicks_make_one_draft_of_the_faq() -> None:
    faq("Une autre question")
    by, one = referent(), ask(partner())
    answer(by, one)
    message = one.messages.latest("pk")

    def draft() -> int:
        return drafts.draft(by=by, message=message).pk

    results = at_once(draft, draft)

    assert set(results) == {FaqQuestion.objects.get(live=False).pk}
