"""A référent learns that a candidature waits: who, once each, and what the message says."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.candidatures import review, services
from portal.candidatures.arrivals import TOPIC
from portal.candidatures.models import Candidature
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from tests import factories
from tests.candidatures.conftest import EMAIL, SIRET, filled, submitted

pytestmark = pytest.mark.django_db
SUBJECT = "Candidature à étudier : Maison des familles"


def told() -> list[Any]:
    """Deliver what waits; return the messages to others than who candidates."""
    mail.outbox.clear()
    deliver_due()
    return [message for message in mail.outbox if message.to != [EMAIL]]


def addresses() -> list[str]:
    return sorted(message.to[0] for message in told())


def again(candidature: Candidature, by: User) -> Candidature:
    """Have it completed and sent once more."""
    return services.submit(review.ask_to_complete(candidature, by=by, reason="Précisez."))


def test_each_referent_is_told_of_what_was_sent(referent: User) -> None:
    colleague = factories.UserFactory(role=Role.REFERENT)
    submitted()

    assert OutboxMessage.objects.filter(topic=TOPIC).count() == 2
    assert addresses() == sorted([referent.email, colleague.email])


def test_who_may_not_decide_or_has_left_is_not_told(referent: User) -> None:
    for role in (Role.ADMINISTRATOR, Role.OPERATOR, Role.PARTNER):
        factories.UserFactory(role=role)
    factories.UserFactory(role=Role.REFERENT, is_active=False)
    factories.UserFactory(is_superuser=True, is_staff=True)
    submitted()

    assert addresses() == [referent.email]


def test_somebody_with_the_permission_by_two_ways_is_told_once(referent: User) -> None:
    permission = Permission.objects.get(
        codename="change_candidature", content_type__app_label="candidatures"
    )
    referent.user_permissions.add(permission)
    submitted()

    assert addresses() == [referent.email]


def test_the_message_says_which_structure_and_nobodys_name(referent: User) -> None:
    made = submitted()
    (message,) = told()
    html = message.alternatives[0].content

    board = "http://localhost:8000/gestion/candidatures/"
    for text in (str(message.body), html):
        said = (
            made.reference,
            "Maison des familles",
            f"{board}{made.uuid}/",
            f"{board}\n",
            "au plus",
        )
        missing = [part for part in said if part.strip() not in text]
        names = [part for part in (EMAIL, "Ana", "Costa", "Omar", "+33556", SIRET) if part in text]
        assert (missing, names) == ([], [])
    assert message.subject == SUBJECT


def test_the_name_of_a_structure_stands_as_it_was_written(referent: User) -> None:
    submitted(structure={"name": "L'Épicerie <b>& Cie</b>"})
    (message,) = told()

    assert message.subject == "Candidature à étudier : L'Épicerie <b>& Cie</b>"
    assert "La candidature de L'Épicerie <b>& Cie</b> est" in str(message.body)
    assert "<b>& Cie" not in message.alternatives[0].content


def test_the_outbox_holds_no_name_and_no_address(referent: User) -> None:
    made = submitted()
    payload = OutboxMessage.objects.get(topic=TOPIC).payload

    event = made.events.get(now="submitted")
    assert payload == {"event": event.pk, "user": str(referent.uuid)}


def test_a_message_delivered_twice_is_one_e_mail(referent: User) -> None:
    submitted()
    first = addresses()
    OutboxMessage.objects.update(delivered_at=None)

    assert (first, addresses()) == ([referent.email], [])


def test_what_comes_back_goes_to_the_one_who_looks_after_it(referent: User) -> None:
    factories.UserFactory(role=Role.REFERENT)
    made = submitted()
    told()
    again(made, referent)

    assert addresses() == [referent.email]


def test_what_comes_back_goes_to_all_where_that_one_has_left(referent: User) -> None:
    colleague = factories.UserFactory(role=Role.REFERENT)
    asked = review.ask_to_complete(submitted(), by=referent, reason="Précisez.")
    told()
    referent.is_active = False
    referent.save()
    services.submit(asked)

    assert addresses() == [colleague.email]


@pytest.mark.parametrize("end", ["refused", "withdrawn", "left", "role"])
def test_what_waits_no_more_is_told_to_nobody(referent: User, end: str) -> None:
    made = submitted()
    if end == "refused":
        review.refuse(made, by=referent, reason="Non.")
    elif end == "withdrawn":
        services.withdraw(made)
    elif end == "left":
        User.objects.filter(pk=referent.pk).update(is_active=False)
    else:
        referent.groups.clear()

    assert addresses() == []
    assert OutboxMessage.objects.filter(delivered_at=None).count() == 0


def test_nothing_is_told_of_what_could_not_be_sent(referent: User) -> None:
    mine = filled()
    submitted("omar@maison.example")
    before = OutboxMessage.objects.filter(topic=TOPIC).count()

    with pytest.raises(services.AlreadyThere):
        services.submit(mine)

    assert OutboxMessage.objects.filter(topic=TOPIC).count() == before


def test_a_candidature_is_sent_where_nobody_can_be_told() -> None:
    submitted()

    assert addresses() == []
