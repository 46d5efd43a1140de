"""The team of a structure: who may change it, and that it always keeps its lead."""

import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal.accounts.models import User
from portal.accounts.services import AccountDisabled, AlreadyActive
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures import team
from portal.structures.models import Membership
from portal.structures.services import add_member
from tests import factories

HOME = "/mon-compte/equipe/"


def colleague(structure: Any, **fields: Any) -> Membership:
    """A member who has chosen a password."""
    user = factories.UserFactory(password=factories.PASSWORD, **fields)
    return factories.MembershipFactory(user=user, structure=structure)


@pytest.fixture
def lead(db: None) -> Membership:
    user = factories.UserFactory(password=factories.PASSWORD, first_name="Léa", last_name="Martin")
    return factories.MembershipFactory(user=user, is_structure_lead=True)


@pytest.fixture
def other(lead: Membership) -> Membership:
    return colleague(lead.structure, first_name="Omar", last_name="Diallo")


def browser(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def fresh(member: Membership) -> Membership:
    return Membership.objects.get(pk=member.pk)


def leads(structure: Any) -> list[Membership]:
    return list(structure.memberships.filter(is_active=True, is_structure_lead=True))


def trail(action: str) -> list[tuple[User | None, str]]:
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(row.by, row.target_id) for row in rows]


def invite(by: Membership, email: str) -> Membership:
    return team.invite(by=by, email=email, first_name="Ana", last_name="Costa")


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_lead_invites_somebody_new_by_a_one_time_link(
    lead: Membership, mailoutbox: list[Any]
) -> None:
    answer = browser(lead).post(
        f"{HOME}inviter/",
        {"email": "Ana@Structure.example", "first_name": "Ana", "last_name": "Costa"},
    )
    deliver_due()

    made = Membership.objects.get(user__email="ana@structure.example")
    assert (answer.status_code, answer.url) == (302, HOME)
    assert (made.structure, made.is_active, made.is_structure_lead) == (lead.structure, True, False)
    assert [message.to for message in mailoutbox] == [["ana@structure.example"]]
    assert "/invitation/" in mailoutbox[0].body
    assert trail("structures.member_added")[-1] == (lead.user, str(made.pk))


def test_somebody_with_a_login_elsewhere_keeps_it_and_is_told(lead: Membership) -> None:
    elsewhere = colleague(factories.StructureFactory(), email="ana@ailleurs.example")
    before = User.objects.get(pk=elsewhere.user_id).password

    made = invite(lead, "ANA@ailleurs.example")
    deliver_due()

    assert made.user == elsewhere.user
    assert User.objects.get(pk=elsewhere.user_id).password == before
    assert made.user.first_name == "Nadia"  # what the lead typed does not rename them
    assert [(one.to, lead.structure.name in one.body) for one in mail.outbox] == [
        (["ana@ailleurs.example"], True)
    ]
    assert "/invitation/" not in mail.outbox[0].body


def test_the_note_is_not_sent_where_the_access_was_closed_meanwhile(lead: Membership) -> None:
    elsewhere = colleague(factories.StructureFactory())
    Membership.objects.filter(pk=invite(lead, elsewhere.user.email).pk).update(is_active=False)
    deliver_due()

    assert mail.outbox == []


@pytest.mark.parametrize("who", ["lead", "other"])
def test_a_member_is_not_invited_twice(lead: Membership, other: Membership, who: str) -> None:
    email = {"lead": lead, "other": other}[who].user.email

    answer = browser(lead).post(
        f"{HOME}inviter/", {"email": email.upper(), "first_name": "Ana", "last_name": "Costa"}
    )

    assert answer.status_code == 422
    assert "fait déjà partie de votre équipe" in words(answer)
    assert leads(lead.structure) == [lead]


def test_a_former_member_is_reactivated_from_the_list(lead: Membership, other: Membership) -> None:
    team.deactivate(by=lead, member=other)

    with pytest.raises(team.TeamRefused, match="réactivez-la dans la liste"):
        invite(lead, other.user.email)
    answer = browser(lead).post(f"{HOME}{other.user.uuid}/reactiver/")

    assert (answer.status_code, fresh(other).is_active) == (302, True)
    assert trail("structures.member_reactivated") == [(lead.user, str(other.pk))]


def test_a_closed_account_is_neither_invited_nor_reactivated(
    lead: Membership, other: Membership
) -> None:
    closed = factories.UserFactory(is_active=False)
    team.deactivate(by=lead, member=other)
    User.objects.filter(pk=other.user_id).update(is_active=False)

    with pytest.raises(AccountDisabled):
        invite(lead, closed.email)
    with pytest.raises(AccountDisabled):
        team.reactivate(by=lead, member=other)
    assert (closed.memberships.count(), fresh(other).is_active) == (0, False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "ana"}, "Cette adresse n’est pas complète."),
        ({}, "Indiquez son adresse e-mail."),
        ({"email": "ana@x.example", "last_name": "Costa"}, "Indiquez son prénom."),
    ],
)
def test_what_is_missing_is_said(lead: Membership, fields: dict[str, str], sentence: str) -> None:
    answer = browser(lead).post(f"{HOME}inviter/", fields)

    assert (answer.status_code, sentence in words(answer)) == (422, True)


def test_a_deactivated_member_is_out_at_the_next_request_and_only_of_this_structure(
    lead: Membership, other: Membership
) -> None:
    elsewhere = factories.MembershipFactory(user=other.user)
    client = browser(other)
    client.post("/changer-de-structure/", {"structure": str(lead.structure.uuid)})
    before = client.get(HOME)

    answer = browser(lead).post(f"{HOME}{other.user.uuid}/desactiver/")
    after = client.get(HOME)

    assert (answer.status_code, before.context["me"]) == (302, other)
    assert after.context["me"] == elsewhere  # their other structure is the current one now
    assert trail("structures.member_deactivated") == [(lead.user, str(other.pk))]


def test_a_member_of_one_structure_is_shut_out_when_deactivated(
    lead: Membership, other: Membership
) -> None:
    client = browser(other)
    before = client.get(HOME).status_code
    team.deactivate(by=lead, member=other)

    assert (before, client.get(HOME).status_code) == (200, 403)


def test_the_lead_cannot_be_deactivated_before_handing_over(
    lead: Membership, other: Membership
) -> None:
    answer = browser(lead).post(f"{HOME}{lead.user.uuid}/desactiver/")

    assert (answer.status_code, leads(lead.structure)) == (409, [lead])
    assert "Une structure a toujours un référent" in words(answer)


def test_the_lead_hands_over_after_confirming(lead: Membership, other: Membership) -> None:
    client, page = browser(lead), f"{HOME}{other.user.uuid}/referent/"
    asked = client.get(page)
    still = leads(lead.structure)
    done = client.post(page)

    assert (asked.status_code, still) == (200, [lead])
    assert (done.status_code, leads(lead.structure)) == (302, [other])
    assert trail("structures.lead_handed_over") == [(lead.user, str(other.pk))]
    assert client.get(f"{HOME}inviter/").status_code == 403


@pytest.mark.parametrize("why", ["inactive", "closed", "invited", "oneself"])
def test_who_cannot_log_in_does_not_become_the_lead(
    lead: Membership, other: Membership, why: str
) -> None:
    to = other
    if why == "inactive":
        Membership.objects.filter(pk=other.pk).update(is_active=False)
    elif why == "closed":
        User.objects.filter(pk=other.user_id).update(is_active=False)
    elif why == "invited":
        to = invite(lead, "ana@structure.example")
    else:
        to = lead

    with pytest.raises(team.TeamRefused):
        team.hand_over_lead(by=lead, to=to)
    assert leads(lead.structure) == [lead]


def test_a_new_link_is_sent_to_who_has_not_used_theirs(lead: Membership, other: Membership) -> None:
    invited = invite(lead, "ana@structure.example")
    client = browser(lead)
    client.post(f"{HOME}{invited.user.uuid}/relancer/")
    deliver_due()

    assert [one.to for one in mail.outbox] == [["ana@structure.example"]] * 2
    with pytest.raises(AlreadyActive):
        team.invite_again(by=lead, member=other)
    team.deactivate(by=lead, member=invited)
    with pytest.raises(team.TeamRefused):
        team.invite_again(by=lead, member=invited)


ACTS = ["desactiver", "reactiver", "relancer", "referent"]


@pytest.mark.parametrize("act", ACTS)
def test_only_the_lead_changes_the_team(lead: Membership, other: Membership, act: str) -> None:
    third = colleague(lead.structure)

    answer = browser(other).post(f"{HOME}{third.user.uuid}/{act}/")

    assert answer.status_code == 403
    assert "Seul le référent de votre structure" in words(answer)
    assert (fresh(third).is_active, leads(lead.structure)) == (True, [lead])


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_the_lead_invites(lead: Membership, other: Membership, method: str) -> None:
    fields = {"email": "ana@structure.example", "first_name": "Ana", "last_name": "Costa"}

    answer = getattr(browser(other), method)(f"{HOME}inviter/", fields)

    assert (answer.status_code, lead.structure.memberships.count()) == (403, 2)


@pytest.mark.parametrize("act", ACTS)
def test_another_structures_member_is_not_found(lead: Membership, act: str) -> None:
    stranger = colleague(factories.StructureFactory())

    answer = browser(lead).post(f"{HOME}{stranger.user.uuid}/{act}/")

    assert (answer.status_code, fresh(stranger).is_active) == (404, True)


def test_everybody_sees_the_team_and_the_lead_its_actions(
    lead: Membership, other: Membership
) -> None:
    invite(lead, "ana@structure.example")
    for member, acts in ((lead, True), (other, False)):
        page = words(browser(member).get(HOME))
        names = [page.index(name) for name in ("Léa Martin", "Ana Costa", "Omar Diallo")]
        assert names == sorted(names)
        assert ("Désactiver" in page, "Renvoyer le lien" in page) == (acts, acts)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    lead: Membership, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        colleague(lead.structure)
    client = browser(lead)
    client.get(HOME)
    with django_assert_num_queries(4):
        client.get(HOME)


def test_adding_the_lead_again_does_not_take_the_lead_away(lead: Membership) -> None:
    add_member(by=None, structure=lead.structure, user=lead.user)

    assert leads(lead.structure) == [lead]


def test_the_database_refuses_a_second_lead(lead: Membership, other: Membership) -> None:
    with pytest.raises(IntegrityError, match="structures_one_lead"), transaction.atomic():
        Membership.objects.filter(pk=other.pk).update(is_structure_lead=True)


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once_leave_one_lead() -> None:
    lead = factories.MembershipFactory(is_structure_lead=True)
    heirs = [colleague(lead.structure) for _ in range(4)]
    start, outcomes = threading.Barrier(len(heirs)), []

    def hand_over(heir: Membership) -> None:
        try:
            start.wait(timeout=20)
            team.hand_over_lead(by=lead, to=heir)
            outcomes.append(heir)
        except team.LeadOnly:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_over, args=(heir,)) for heir in heirs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    winners = [heir for heir in outcomes if heir]
    assert (len(outcomes), len(winners)) == (4, 1)
    assert leads(lead.structure) == winners
