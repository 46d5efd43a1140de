"""What is done with many structures: a message, a portfolio that changes hands."""

import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.portfolio.models import BulkMessage
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from tests import factories
from tests.shop.campaigns import text

WRITE = "/gestion/structures/ecrire/"
ENTRUST = "/gestion/structures/confier/"
WORDS = {"subject": "Fermeture de Noël", "text": "Bonjour,\n\nNous fermons <demain>."}


def led(referent: User, name: str, **fields: Any) -> Structure:
    """A structure of the portfolio with a lead who can be written to."""
    made: Structure = factories.StructureFactory(name=name, account_manager=referent, **fields)
    factories.MembershipFactory(structure=made, is_structure_lead=True)
    return made


def typed(key: uuid.UUID | None = None, **fields: object) -> dict[str, object]:
    return {**WORDS, "key": key or uuid.uuid4(), "step": "send", "seen": 1} | fields


class TestMessage:
    def test_it_is_shown_with_its_count_before_it_leaves(
        self, desk: Client, referent: User
    ) -> None:
        led(referent, "Une")
        factories.StructureFactory(account_manager=referent)  # nobody leads it
        page = desk.post(WRITE, typed(step=""))

        assert "1 structure recevra ce message" in text(page)
        assert "1 autre de la liste" in text(page)
        assert re.search(r'name="seen" value="1"', page.content.decode())
        assert BulkMessage.objects.count() == OutboxMessage.objects.count() == 0

    def test_each_lead_gets_an_email_and_the_outbox_holds_names_only(
        self, desk: Client, referent: User
    ) -> None:
        first, second = led(referent, "Une"), led(referent, "Deux")
        led(factories.UserFactory(role=Role.REFERENT), "D’un autre")
        desk.post(WRITE, typed(seen=2))
        message = BulkMessage.objects.get()

        payloads = OutboxMessage.objects.order_by("pk").values_list("payload", flat=True)
        assert list(payloads) == [
            {"message": str(message.uuid), "structure": str(one.uuid)} for one in (first, second)
        ]
        deliver_due()
        leads = [one.memberships.get().user.email for one in (first, second)]
        assert [(sent.to, sent.subject) for sent in mail.outbox] == [
            ([lead], "Fermeture de Noël") for lead in leads
        ]
        assert "Nous fermons <demain>." in mail.outbox[0].body
        assert "Nous fermons &lt;demain&gt;." in str(mail.outbox[0].alternatives[0])  # type: ignore[attr-defined]
        told = AuditEntry.objects.filter(action="portfolio.message_sent")
        assert sorted(row.target_id for row in told) == sorted(
            str(one.pk) for one in (first, second)
        )

    def test_filters_choose_whom(self, desk: Client, referent: User) -> None:
        led(referent, "Une", kind="ccas")
        led(referent, "Deux", kind="association")
        desk.post(f"{WRITE}?kind=ccas", typed())
        deliver_due()

        assert [sent.to for sent in mail.outbox] == [
            [Structure.objects.get(name="Une").memberships.get().user.email]
        ]

    def test_a_second_click_sends_nothing(self, desk: Client, referent: User) -> None:
        led(referent, "Une")
        key = uuid.uuid4()
        for _ in range(2):
            desk.post(WRITE, typed(key))

        assert BulkMessage.objects.count() == OutboxMessage.objects.count() == 1

    def test_a_list_that_changed_is_shown_again(self, desk: Client, referent: User) -> None:
        led(referent, "Une")
        answer = desk.post(WRITE, typed(seen=7))

        assert (answer.status_code, BulkMessage.objects.count()) == (422, 0)
        assert "La liste a changé depuis l’aperçu. Rien n’est parti" in text(answer)

    def test_nobody_to_write_to_is_said(self, desk: Client, referent: User) -> None:
        led(referent, "Fermée", state="closed")
        answer = desk.post(WRITE, typed(seen=0))

        assert answer.status_code == 422
        assert "Aucune de ces structures n’a de référent à qui écrire." in text(answer)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"subject": " "}, "Indiquez l’objet du message."),
            ({"text": ""}, "Écrivez le message."),
        ],
    )
    def test_an_empty_message_is_refused(
        self, desk: Client, fields: dict[str, str], sentence: str
    ) -> None:
        answer = desk.post(WRITE, typed(**fields))

        assert (answer.status_code, sentence in text(answer)) == (422, True)

    def test_whoever_left_meanwhile_gets_nothing(self, desk: Client, referent: User) -> None:
        one = led(referent, "Une")
        desk.post(WRITE, typed())
        one.memberships.update(is_active=False)
        deliver_due()

        assert mail.outbox == []


class TestEntrust:
    def test_a_whole_portfolio_changes_hands(self, desk: Client, referent: User) -> None:
        other = factories.UserFactory(role=Role.REFERENT)
        for name in ("Une", "Deux"):
            factories.StructureFactory(name=name, account_manager=referent)
        kept = factories.StructureFactory(account_manager=other)
        desk.post(ENTRUST, {"source": referent.uuid, "to": other.uuid})

        assert Structure.objects.filter(account_manager=other).count() == 3
        moved = AuditEntry.objects.filter(action="structures.entrusted")
        assert [(row.details["was"], row.details["now"]) for row in moved] == [
            (referent.pk, other.pk)
        ] * 2
        assert str(kept.pk) not in {row.target_id for row in moved}

    def test_the_portfolio_of_somebody_who_left_can_be_taken_over(
        self, desk: Client, referent: User
    ) -> None:
        gone = factories.UserFactory(role=Role.REFERENT)
        one = factories.StructureFactory(account_manager=gone)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        desk.post(ENTRUST, {"source": gone.uuid, "to": referent.uuid})

        one.refresh_from_db()
        assert one.account_manager == referent

    @pytest.mark.parametrize("to", ["same", "partner", "nobody", ""])
    def test_it_goes_to_another_referent_only(
        self, desk: Client, referent: User, structure: Structure, to: str
    ) -> None:
        uuids = {"same": referent.uuid, "partner": factories.UserFactory(role=Role.PARTNER).uuid}
        answer = desk.post(ENTRUST, {"source": referent.uuid, "to": uuids.get(to, to)})

        structure.refresh_from_db()
        assert (answer.status_code, structure.account_manager) == (422, referent)
