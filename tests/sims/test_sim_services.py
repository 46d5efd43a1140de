"""From the order to the structure's hands: states, moves, who may, and what leaves."""

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures.models import Agreement
from portal.ui.errors import NotAllowed
from shop.ordering.models import PlacedOrder
from shop.sims.addresses import NoAddress, UnknownAddress
from shop.sims.models import Delivery, SimCard
from shop.sims.preparing import prepare
from shop.sims.services import (
    MoveRefused,
    NotPrepared,
    cancel_delivery,
    delivery_of,
    mark_ready,
    mark_received,
    mark_sent,
    remove_card,
)
from shop.sims.states import State
from tests import factories
from tests.sims.conftest import Walk, buyer, card, delivery, lines, order

pytestmark = pytest.mark.django_db
PICKUP = Agreement.Delivery.PICKUP
CARDS = [card(number) for number in range(4)]


def prepared(staff: User, *, mode: str = Agreement.Delivery.SHIPPING) -> Delivery:
    return prepare(by=staff, delivery=delivery(buyer(mode)), typed=lines(*CARDS[:2]))


def acts() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="sims.").order_by("pk")
    return list(found.values_list("action", flat=True))


def test_an_order_of_cards_opens_a_delivery_to_the_structure() -> None:
    made = delivery(buyer(name="CCAS de Lille"), 3)

    assert (made.state, made.units, made.mode) == (State.TO_PREPARE, 3, "shipping")
    assert made.address == "CCAS de Lille\n12 rue de l’Exemple\n33000 Bordeaux"
    assert delivery_of(made.placed) == made


def test_an_order_without_cards_opens_none() -> None:
    member = buyer()
    factories.lot("monde", factories.codes(1))
    placed = order(member, 1, upc="monde")

    assert delivery_of(placed) is None
    cancel_delivery(by=member.user, placed=placed)


def test_cards_to_be_collected_need_no_address() -> None:
    made = delivery(buyer(PICKUP, address="", postcode="", city=""))

    assert (made.mode, made.address) == ("pickup", "")


def test_a_parcel_goes_from_the_shelf_to_the_structure(staff: User) -> None:
    member = buyer()
    made = delivery(member)
    prepare(by=staff, delivery=made, typed=lines(*CARDS[:2]))
    mark_sent(by=staff, delivery=made, tracking=" 6A  123 ")
    mark_received(by=member, delivery=made)

    made.refresh_from_db()
    assert (made.state, made.tracking) == (State.RECEIVED, "6A 123")
    assert (made.prepared_by, made.received_by) == (staff, member.user)
    assert sorted(one.iccid for one in made.cards.all()) == sorted(CARDS[:2])
    assert acts() == ["sims.prepared", "sims.sent", "sims.received"]


def test_the_buyer_is_told_once_and_reads_no_card(staff: User) -> None:
    made = prepared(staff)
    mark_sent(by=staff, delivery=made, tracking="6A123")
    deliver_due()

    (message,) = mail.outbox
    number = made.placed.order.number
    assert message.to == [made.placed.order.user.email]
    assert message.subject == f"Vos cartes SIM sont en route (commande n° {number})"
    assert "Numéro de suivi : 6A123." in message.body
    assert "/mon-compte/cartes-sim/" in message.body
    assert [one for one in CARDS if one in message.body] == []


def test_the_lead_is_told_where_the_buyer_has_left(staff: User) -> None:
    made = prepared(staff, mode=PICKUP)
    structure = made.placed.structure
    lead = factories.MembershipFactory(structure=structure, is_structure_lead=True)
    structure.memberships.filter(user=made.placed.order.user).update(is_active=False)
    mark_ready(by=staff, delivery=made)
    deliver_due()

    (message,) = mail.outbox
    assert message.to == [lead.user.email]
    assert message.subject.startswith("Vos cartes SIM sont prêtes")


def test_cards_received_meanwhile_need_no_message(staff: User) -> None:
    member = buyer()
    made = prepare(by=staff, delivery=delivery(member), typed=lines(*CARDS[:2]))
    mark_sent(by=staff, delivery=made)
    mark_received(by=member, delivery=made)
    deliver_due()

    assert mail.outbox == []


def test_nothing_leaves_before_every_card_is_scanned(staff: User) -> None:
    made = prepared(staff)
    remove_card(by=staff, delivery=made, card=made.cards.all()[0].uuid)

    with pytest.raises(NotPrepared) as refusal:
        mark_sent(by=staff, delivery=made)
    assert refusal.value.message == (
        "Il manque encore 1 carte\u00a0: saisissez leurs numéros de série avant de continuer."
    )


@pytest.mark.parametrize(("mode", "leave"), [(PICKUP, mark_sent), ("shipping", mark_ready)])
def test_cards_leave_the_way_that_was_agreed(staff: User, mode: str, leave: Walk) -> None:
    made = prepared(staff, mode=mode)

    with pytest.raises(MoveRefused) as refusal:
        leave(by=staff, delivery=made)
    way = "retrait" if mode == PICKUP else "envoi"
    assert refusal.value.message == (
        f"Rien n’a été modifié\u00a0: ces cartes sont livrées par «\u00a0{way}\u00a0»."
    )


def test_a_second_sending_says_that_it_left_and_tells_nobody(staff: User) -> None:
    made = prepared(staff)
    mark_sent(by=staff, delivery=made)

    with pytest.raises(MoveRefused) as refusal:
        mark_sent(by=staff, delivery=made)
    assert refusal.value.message == (
        "Rien n’a été modifié\u00a0: cette livraison est maintenant «\u00a0envoyée\u00a0»."
    )
    deliver_due()
    assert len(mail.outbox) == 1


def test_cards_cannot_be_received_before_they_leave() -> None:
    member = buyer()
    made = delivery(member)

    with pytest.raises(MoveRefused):
        mark_received(by=member, delivery=made)


def test_cards_are_received_once_and_by_their_structure(staff: User, received: Walk) -> None:
    member = buyer()
    made = received(member, *CARDS[:2])
    colleague = factories.MembershipFactory(structure=member.structure)

    again = mark_received(by=colleague, delivery=made)

    assert (again.received_by, acts().count("sims.received")) == (member.user, 1)
    with pytest.raises(NotAllowed):
        mark_received(by=factories.MembershipFactory(), delivery=made)


@pytest.mark.parametrize("role", [None, Role.PARTNER, Role.EDITOR, Role.ADMINISTRATOR])
def test_only_those_who_prepare_do(staff: User, role: Role | None) -> None:
    by = factories.UserFactory(role=role)
    made = prepared(staff)

    with pytest.raises(NotAllowed):
        prepare(by=by, delivery=made, typed="")
    with pytest.raises(NotAllowed):
        mark_sent(by=by, delivery=made)
    with pytest.raises(NotAllowed):
        remove_card(by=by, delivery=made, card=made.cards.all()[0].uuid)


def test_an_operator_prepares_too() -> None:
    by = factories.UserFactory(role=Role.OPERATOR)

    assert mark_sent(by=by, delivery=prepared(by)).state == State.SENT


def test_a_card_taken_out_may_go_into_another_delivery(staff: User) -> None:
    first = prepared(staff)
    gone = next(one for one in first.cards.all() if one.iccid == CARDS[0])
    remove_card(by=staff, delivery=first, card=gone.uuid)
    remove_card(by=staff, delivery=first, card=gone.uuid)
    prepare(by=staff, delivery=delivery(units=1), typed=CARDS[0])
    prepare(by=staff, delivery=first, typed=CARDS[2])

    assert sorted(one.iccid for one in first.cards.all()) == sorted(CARDS[1:3])
    assert acts().count("sims.card_removed") == 1


def test_cards_that_left_stay_where_they_are(staff: User) -> None:
    made = prepared(staff)
    mark_sent(by=staff, delivery=made)

    with pytest.raises(MoveRefused):
        remove_card(by=staff, delivery=made, card=made.cards.all()[0].uuid)
    assert made.cards.count() == 2


def test_a_cancelled_order_gives_its_cards_back_to_the_shelf(staff: User) -> None:
    made = prepared(staff)
    cancel_delivery(by=staff, placed=made.placed)

    made.refresh_from_db()
    assert (made.state, made.prepared_at) == (State.CANCELLED, None)
    assert SimCard.objects.count() == 0
    prepare(by=staff, delivery=delivery(), typed=lines(*CARDS[:2]))


def test_an_order_whose_cards_left_cannot_be_cancelled(staff: User) -> None:
    made = mark_sent(by=staff, delivery=prepared(staff))

    with pytest.raises(MoveRefused):
        cancel_delivery(by=staff, placed=made.placed)
    assert made.cards.count() == 2


def test_an_order_and_its_delivery_come_together_or_not_at_all() -> None:
    with pytest.raises(NoAddress):
        order(buyer(address=""), 1)
    with pytest.raises(UnknownAddress):
        order(buyer(), 1, address="nothing")

    assert (PlacedOrder.objects.count(), Delivery.objects.count()) == (0, 0)


SHAPES = [
    ("state = 'sent', left_at = now()", "sims_left_when_prepared"),
    ("state = 'ready'", "sims_left_when_prepared"),
    ("state = 'received'", "sims_left_when_prepared"),
    ("state = 'lost'", "sims_left_when_prepared"),
    ("state = 'cancelled'", "sims_cancelled_at"),
    ("left_at = now()", "sims_left_when_prepared"),
    ("prepared_at = now()", "sims_prepared_by"),
    ("tracking = '6A'", "sims_tracking_when_sent"),
    ("units = 0", "sims_units_positive"),
    ("address = ''", "sims_address_when_shipped"),
    ("mode = 'pickup'", "sims_address_when_shipped"),
    ("received_at = now()", "sims_received_by"),
]


@pytest.mark.parametrize(("change", "name"), SHAPES)
def test_the_database_refuses_impossible_deliveries(change: str, name: str) -> None:
    made = delivery()

    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE sims_delivery SET {change} WHERE id = %s", [made.pk])  # noqa: S608
    assert refusal.value.__cause__.diag.constraint_name == name


def test_the_database_keeps_a_card_in_one_delivery(staff: User) -> None:
    made = prepared(staff)
    known = made.cards.all()[0]

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        SimCard.objects.create(
            delivery=delivery(),
            order_line=known.order_line,
            iccid=known.iccid,
            iccid_fingerprint=known.iccid_fingerprint,
        )
    assert "iccid_fingerprint" in str(refusal.value)


def test_a_card_is_encrypted_and_names_itself_without_its_number(staff: User) -> None:
    known = prepared(staff).cards.all()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT iccid FROM sims_simcard WHERE id = %s", [known.pk])
        (stored,) = cursor.fetchone()

    assert (known.iccid in stored, known.iccid in str(known)) == (False, False)
