"""Attendance opens ordering, for each person by themselves; so does a waiver."""

import datetime as dt
from typing import Any

import pytest

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.structures.models import Membership, Structure
from portal.structures.services import add_member, ordering_obstacles
from portal.training import attendance, seats, sessions
from portal.training.attendance import WaiverRefused
from portal.training.models import Registration, TrainingSession
from portal.training.sessions import SessionRefused
from tests import factories
from tests.training.conftest import began, newcomer, past_session, session

pytestmark = pytest.mark.django_db

TRAINING = (
    "Vous n’avez pas encore suivi la formation à la plateforme. Inscrivez-vous à une session dans "
    "Mon compte, page «\u00a0Formation\u00a0»."
)


def fresh(member: Membership) -> Membership:
    """Return the member as the database has them."""
    return Membership.objects.select_related("structure").get(pk=member.pk)


def obstacles(member: Membership) -> list[tuple[str, str]]:
    """Return what keeps a member from ordering, and where it is done."""
    return [(one.text, one.href) for one in ordering_obstacles(fresh(member))]


def place(made: TrainingSession, person: User) -> Registration:
    """Give somebody a seat in a session, whenever it is."""
    return Registration.objects.create(
        session=made, user=person, state="registered", seated_at=made.created_at
    )


def attended(by: User, person: User, **changed: Any) -> tuple[TrainingSession, Registration]:
    """Let somebody have been in a past session."""
    made = past_session(by=by, **changed)
    there = place(made, person)
    attendance.mark(by=by, session=made, present=[there.uuid])
    return made, there


def test_without_training_ordering_says_where_to_go() -> None:
    assert obstacles(newcomer()) == [(TRAINING, "/mon-compte/formation/")]


def test_being_there_opens_ordering_in_each_of_ones_structures(referent: User) -> None:
    member = newcomer()
    second = newcomer(user=member.user)
    other = newcomer()
    made, _ = attended(referent, member.user)

    assert [obstacles(one) for one in (member, second)] == [[], []]
    assert fresh(member).trained_at == made.starts_at
    assert obstacles(other) == [(TRAINING, "/mon-compte/formation/")]
    made.refresh_from_db()
    assert made.state == TrainingSession.State.DONE


def test_a_structure_joined_later_finds_one_trained(referent: User) -> None:
    member = newcomer()
    made, _ = attended(referent, member.user)
    later = add_member(
        by=None, structure=factories.StructureFactory(may_order=True), user=member.user
    )

    assert (later.trained_at, obstacles(later)) == (made.starts_at, [])


def test_absence_and_other_kinds_open_nothing(referent: User) -> None:
    member, absent = newcomer(), newcomer()
    attended(referent, member.user, kind=TrainingSession.Kind.WEBINAR)
    made = past_session(by=referent)
    there = place(made, absent.user)
    attendance.mark(by=referent, session=made, present=[])
    there.refresh_from_db()

    assert there.attended is False
    assert [fresh(one).trained_at for one in (member, absent)] == [None, None]


def test_a_presence_is_taken_back_with_a_reason_only(referent: User) -> None:
    member = newcomer()
    made, _ = attended(referent, member.user)
    with pytest.raises(SessionRefused, match="dites pourquoi"):
        attendance.mark(by=referent, session=made, present=[], reason=" ")
    assert obstacles(member) == []

    attendance.mark(by=referent, session=made, present=[], reason="Erreur de ligne")
    assert obstacles(member) == [(TRAINING, "/mon-compte/formation/")]
    entry = AuditEntry.objects.filter(action="training.attendance").order_by("pk").last()
    assert entry is not None
    assert (entry.by, entry.details) == (referent, {"attended": False, "reason": "Erreur de ligne"})


def test_taking_back_one_of_two_trainings_keeps_the_other(referent: User) -> None:
    member = newcomer()
    first, _ = attended(referent, member.user)
    second, _ = attended(referent, member.user)
    attendance.mark(by=referent, session=first, present=[], reason="Erreur")

    assert fresh(member).trained_at == second.starts_at


def test_taking_back_leaves_who_was_trained_otherwise(referent: User) -> None:
    member = factories.MembershipFactory()
    made, _ = attended(referent, member.user)
    attendance.mark(by=referent, session=made, present=[], reason="Erreur")

    assert fresh(member).trained_at == member.trained_at


def test_the_sheet_waits_for_the_session_and_dies_with_it(referent: User) -> None:
    made = session()
    with pytest.raises(SessionRefused, match="une fois la session commencée"):
        attendance.mark(by=referent, session=made, present=[])
    sessions.cancel(by=referent, session=made, reason="Panne")
    with pytest.raises(SessionRefused, match="une fois la session commencée"):
        attendance.mark(by=referent, session=began(made), present=[])


def test_only_seats_count(referent: User) -> None:
    made = session(seats=1)
    first, second = newcomer(), newcomer()
    rows = [seats.register(by=one.user, session=made) for one in (first, second)]
    count = attendance.mark(by=referent, session=began(made), present={one.uuid for one in rows})

    assert count == 1
    assert [fresh(one).is_trained for one in (first, second)] == [True, False]


class TestWaiver:
    def test_it_opens_ordering_for_one_membership(self, referent: User) -> None:
        member = newcomer()
        second = newcomer(user=member.user)
        attendance.waive(by=referent, membership=member, reason="  Formé  chez un autre relais ")

        assert obstacles(member) == []
        assert obstacles(second) == [(TRAINING, "/mon-compte/formation/")]
        row = fresh(member)
        assert (row.training_waived_by, row.training_waiver) == (
            referent,
            "Formé chez un autre relais",
        )
        entry = AuditEntry.objects.get(action="training.waived")
        assert (entry.by, entry.target_id) == (referent, str(member.pk))

    @pytest.mark.parametrize("reason", ["", "  \n", "x" * 301])
    def test_it_needs_a_reason_of_a_sentence(self, referent: User, reason: str) -> None:
        member = newcomer()
        with pytest.raises(WaiverRefused):
            attendance.waive(by=referent, membership=member, reason=reason)
        assert fresh(member).training_waived_by is None

    def test_it_comes_once(self, referent: User) -> None:
        member = newcomer()
        attendance.waive(by=referent, membership=member, reason="Connaît l’outil")
        for one in (member, factories.MembershipFactory()):
            with pytest.raises(WaiverRefused, match="déjà formée ou dispensée"):
                attendance.waive(by=referent, membership=one, reason="Encore")


def test_members_to_train_are_the_active_ones_the_oldest_first() -> None:
    first, second = newcomer(), newcomer()
    newcomer(structure=factories.StructureFactory(state=Structure.State.CLOSED))
    gone, disabled = newcomer(), newcomer()
    gone.is_active = False
    gone.save()
    disabled.user.is_active = False
    disabled.user.save()
    factories.MembershipFactory()

    assert list(attendance.untrained()) == [first, second]


class TestSessions:
    def test_moves(self, referent: User) -> None:
        state = TrainingSession.State
        allowed = []
        for was in state.values:
            for to in state.values:
                made = session(by=referent)
                TrainingSession.objects.filter(pk=made.pk).update(state=was)
                try:
                    sessions.move(by=referent, session=made, to=to, reason="Parce que")
                except SessionRefused:
                    continue
                allowed.append((was, to))

        assert allowed == [("planned", "done"), ("planned", "cancelled")]

    def test_cancelling_needs_a_reason(self, referent: User) -> None:
        made = session()
        with pytest.raises(SessionRefused, match="Dites pourquoi"):
            sessions.cancel(by=referent, session=made, reason="  ")
        made.refresh_from_db()
        assert (made.state, made.sequence) == ("planned", 0)

    def test_bad_dates(self, referent: User) -> None:
        made = session()
        early = {"ends_at": made.starts_at - dt.timedelta(minutes=1)}
        past = {
            "starts_at": made.created_at - dt.timedelta(days=1),
            "ends_at": made.created_at,
        }
        long = {"ends_at": made.starts_at + dt.timedelta(days=1)}
        refusals = []
        for values in (early, past, long):
            with pytest.raises(SessionRefused) as refusal:
                sessions.change(by=referent, session=made, values=values)
            refusals.append(refusal.value.message)

        assert refusals == [
            "La session finit avant d’avoir commencé.",
            "Cette date est passée\u00a0: choisissez-en une à venir.",
            "Une session dure 12 heures au plus\u00a0: vérifiez l’heure de fin.",
        ]

    def test_a_session_that_has_begun_may_still_get_seats(self, referent: User) -> None:
        made = began(session(seats=1))
        sessions.change(by=referent, session=made, values={"seats": 5})
        made.refresh_from_db()

        assert made.seats == 5

    def test_a_past_session_does_not_change_and_gets_its_recording(self, referent: User) -> None:
        made, _ = attended(referent, newcomer().user)
        link = "https://video.example/replay"
        with pytest.raises(SessionRefused, match="ne peut plus être modifiée"):
            sessions.change(by=referent, session=made, values={"title": "Autre"})
        with pytest.raises(SessionRefused, match="une fois la session passée"):
            sessions.set_replay(by=referent, session=session(), link=link)
        sessions.set_replay(by=referent, session=made, link=link)
        made.refresh_from_db()

        assert made.replay_link == link
