"""The moves of a candidature: all of them, and every one that is refused."""

from collections.abc import Callable
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.candidatures import review, services
from portal.candidatures.models import Candidature, State
from portal.candidatures.states import MOVES, MoveRefused, locked, move
from portal.privacy.models import AuditEntry
from tests.candidatures.conftest import draft, filled, submitted

pytestmark = pytest.mark.django_db


def to_complete(by: User) -> Candidature:
    return review.ask_to_complete(submitted(), by=by, reason="Le SIRET est celui du siège.")


BRINGS: dict[State, Callable[[User], Candidature]] = {
    State.DRAFT: lambda by: filled(),
    State.SUBMITTED: lambda by: submitted(),
    State.TO_COMPLETE: to_complete,
    State.ACCEPTED: lambda by: review.accept(submitted(), by=by, account_manager=by),
    State.REFUSED: lambda by: review.refuse(submitted(), by=by, reason="Hors de France."),
    State.WITHDRAWN: lambda by: services.withdraw(submitted()),
}
ACTS: dict[State, Callable[[Candidature, User], Candidature]] = {
    State.SUBMITTED: lambda one, by: services.submit(one),
    State.TO_COMPLETE: lambda one, by: review.ask_to_complete(one, by=by, reason="Précisez."),
    State.ACCEPTED: lambda one, by: review.accept(one, by=by, account_manager=by),
    State.REFUSED: lambda one, by: review.refuse(one, by=by, reason="Non."),
    State.WITHDRAWN: lambda one, by: services.withdraw(one),
}


@pytest.mark.parametrize(("was", "to"), list(product(State, ACTS)))
def test_every_move_is_allowed_or_refused_as_the_table_says(
    was: State, to: State, referent: User
) -> None:
    candidature = BRINGS[was](referent)
    rows = candidature.events.count()

    if (was, to) in MOVES:
        ACTS[to](candidature, referent)
        expected = (to, rows + 1)
    else:
        with pytest.raises(MoveRefused):
            ACTS[to](candidature, referent)
        expected = (was, rows)

    assert (Candidature.objects.get().state, candidature.events.count()) == expected


def test_nothing_goes_back_to_a_draft() -> None:
    assert [to for _, to in MOVES if to == State.DRAFT] == []


@pytest.mark.parametrize("to", [to for (was, to), reason in MOVES.items() if reason])
def test_what_the_structure_must_understand_needs_a_reason(to: State, referent: User) -> None:
    candidature = submitted()

    with transaction.atomic(), pytest.raises(MoveRefused) as refusal:
        move(locked(candidature), to, by=referent, reason="  ")

    assert refusal.value.message == "Dites pourquoi\u00a0: la structure lira ce motif."
    assert Candidature.objects.get().state == State.SUBMITTED


def test_a_move_leaves_a_row_with_actor_and_reason(referent: User) -> None:
    candidature = to_complete(referent)

    rows = [(row.was, row.now, row.by, row.reason) for row in candidature.events.all()]
    assert rows == [
        ("", "draft", None, ""),
        ("draft", "submitted", None, ""),
        ("submitted", "to_complete", referent, "Le SIRET est celui du siège."),
    ]
    trail = AuditEntry.objects.filter(action__startswith="candidatures.").order_by("pk")
    assert [(row.action, row.by) for row in trail] == [
        ("candidatures.draft", None),
        ("candidatures.submitted", None),
        ("candidatures.to_complete", referent),
    ]


def test_the_database_refuses_a_sent_candidature_without_its_promise() -> None:
    candidature = draft()

    with pytest.raises(IntegrityError, match="candidatures_sent_is_dated"):
        Candidature.objects.filter(pk=candidature.pk).update(state=State.SUBMITTED)


def test_the_database_refuses_an_accepted_candidature_without_structure() -> None:
    candidature = submitted()

    with pytest.raises(IntegrityError, match="candidatures_accepted_has_structure"):
        Candidature.objects.filter(pk=candidature.pk).update(state=State.ACCEPTED)
