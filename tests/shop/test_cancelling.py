"""An order goes back whole while nothing of it was seen: codes, quota and bill."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.ordering.cancelling import NotCancellable, cancel_order, cancel_own_order
from shop.ordering.models import PlacedOrder
from shop.quotas.models import FreeQuota, QuotaUse
from shop.recharges.models import RechargeCode
from shop.recharges.services import show
from shop.sims.models import Delivery
from tests import factories
from tests.shop.conftest import Counter, hidden, numbers

Text = Callable[[Any], str]
AVAILABLE = RechargeCode.State.AVAILABLE


def order_ahead(partner: Counter, **quantities: int) -> PlacedOrder:
    """Order by the pages, without showing the numbers."""
    for upc, quantity in quantities.items():
        partner.add(upc.replace("_", "-"), quantity)
    answer = partner.post("/commande/", **partner.form(), hidden=1)
    return PlacedOrder.objects.get(uuid=answer.url.split("/")[2])


@pytest.fixture
def placed(partner: Counter) -> PlacedOrder:
    """An order of three, one of them free, whose numbers nobody saw."""
    factories.quota(partner.member.structure, "monde", 1)
    factories.lot("monde", factories.codes(4))
    return order_ahead(partner, monde=3)


def test_ordered_ahead_shows_no_number_until_asked(partner: Counter, placed: PlacedOrder) -> None:
    page = partner.get(f"/commande/{placed.uuid}/")
    assert numbers(page) == []
    assert AuditEntry.objects.filter(action="recharges.shown").count() == 0

    shown = partner.post(f"/commande/{placed.uuid}/numeros/")
    assert len(numbers(shown)) == 3
    assert AuditEntry.objects.filter(action="recharges.shown").count() == 3


def test_a_cancelled_order_gives_everything_back(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    assert "C’est possible tant qu’aucun numéro" in text(
        partner.get(f"/commande/{placed.uuid}/annuler/")
    )
    answer = partner.post(f"/commande/{placed.uuid}/annuler/", reason="Commande en double")

    assert answer.url == f"/commande/{placed.uuid}/"
    placed.refresh_from_db()
    assert placed.cancelled_by == partner.member.user
    assert placed.cancel_reason == "Commande en double"
    assert placed.due == Decimal("0.00")
    assert placed.order.status == "cancelled"
    assert RechargeCode.objects.filter(state=AVAILABLE, order_line=None).count() == 4
    assert FreeQuota.objects.get().used == 0
    assert QuotaUse.objects.filter(returned_at=None).count() == 0
    assert AuditEntry.objects.filter(action="ordering.cancelled").count() == 1


def test_the_history_strikes_the_amount_out(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    partner.post(f"/commande/{placed.uuid}/annuler/")
    page = partner.get("/mon-compte/commandes/")
    assert "10,00\u00a0€</s>" in page.content.decode()
    assert "0,00\u00a0€ pour 3\u00a0articles" in text(page)
    assert "Annulée" in text(page)


def test_cancelling_twice_changes_nothing_more(partner: Counter, placed: PlacedOrder) -> None:
    for _ in range(2):
        assert partner.post(f"/commande/{placed.uuid}/annuler/").status_code == 302
    assert FreeQuota.objects.get().used == 0
    assert AuditEntry.objects.filter(action="ordering.cancelled").count() == 1


def test_what_went_back_can_be_ordered_again(partner: Counter, placed: PlacedOrder) -> None:
    partner.post(f"/commande/{placed.uuid}/annuler/")
    partner.post(f"/commande/{placed.uuid}/recommander/")
    answer = partner.post("/commande/", **partner.form())
    again = PlacedOrder.objects.get(uuid=answer.url.split("/")[2])
    assert again.pk != placed.pk
    assert len(numbers(partner.get(answer.url))) == 3
    assert FreeQuota.objects.get().used == 1


def test_an_order_whose_number_was_seen_stays(
    partner: Counter, colleague: Counter, placed: PlacedOrder, text: Text
) -> None:
    code = RechargeCode.objects.filter(order_line__order=placed.order).first()
    assert code is not None
    colleague.post(f"/mon-compte/recharges/{code.uuid}/")

    page = partner.client.post(f"/commande/{placed.uuid}/annuler/", follow=True)

    assert "ne peut plus être annulée" in text(page)
    placed.refresh_from_db()
    assert placed.cancelled_at is None
    assert RechargeCode.objects.filter(state=RechargeCode.State.GIVEN).count() == 3
    assert FreeQuota.objects.get().used == 1


def test_the_page_offers_cancelling_only_while_it_is_possible(
    partner: Counter, placed: PlacedOrder
) -> None:
    link = f"/commande/{placed.uuid}/annuler/"
    assert link in partner.get(f"/commande/{placed.uuid}/").content.decode()
    partner.post(f"/commande/{placed.uuid}/numeros/")
    assert link not in partner.get(f"/commande/{placed.uuid}/").content.decode()


def test_a_strangers_order_is_not_found(stranger: Counter, placed: PlacedOrder) -> None:
    for action in ("annuler", "recommander", "numeros"):
        assert stranger.post(f"/commande/{placed.uuid}/{action}/").status_code == 404
    assert stranger.get(f"/commande/{placed.uuid}/annuler/").status_code == 404
    placed.refresh_from_db()
    assert placed.cancelled_at is None


def test_the_numbers_of_a_cancelled_order_are_nobodys(
    partner: Counter, placed: PlacedOrder
) -> None:
    code = RechargeCode.objects.filter(order_line__order=placed.order).first()
    assert code is not None
    partner.post(f"/commande/{placed.uuid}/annuler/")
    assert partner.post(f"/mon-compte/recharges/{code.uuid}/").status_code == 404
    assert numbers(partner.post(f"/commande/{placed.uuid}/numeros/")) == []
    assert AuditEntry.objects.filter(action="recharges.shown").count() == 0


def test_sim_cards_that_wait_are_cancelled_with_their_order(partner: Counter) -> None:
    factories.quota(partner.member.structure, "carte-sim", 2)
    structure = partner.member.structure
    structure.address, structure.postcode, structure.city = "1 rue du Port", "33000", "Bordeaux"
    structure.save()
    placed = partner.order(carte_sim=2)
    partner.post(f"/commande/{placed.uuid}/annuler/")
    assert Delivery.objects.get().state == "cancelled"
    assert FreeQuota.objects.get().used == 0


def referent() -> tuple[Any, Client]:
    user = factories.UserFactory(role=Role.REFERENT)
    client = Client()
    client.force_login(user)
    return user, client


def test_a_referent_cancels_with_a_reason(placed: PlacedOrder) -> None:
    user = factories.UserFactory(role=Role.REFERENT)
    with pytest.raises(NotCancellable, match="Dites pourquoi"):
        cancel_order(by=user, order=placed.uuid, reason=" ")
    cancelled = cancel_order(by=user, order=placed.uuid, reason="Erreur de saisie")
    assert cancelled.cancelled_by == user
    assert cancelled.cancel_reason == "Erreur de saisie"


def test_an_unknown_order_is_none_of_a_structure(partner: Counter) -> None:
    with pytest.raises(PlacedOrder.DoesNotExist):
        cancel_own_order(by=partner.member, order=uuid4())


@pytest.mark.django_db(transaction=True)
def test_a_display_and_a_cancelling_at_once_never_both_win() -> None:
    """Ten times, two connections: either a number was seen and the order stays, or none was."""
    factories.product()
    member = factories.MembershipFactory()
    factories.lot("monde", factories.codes(10))
    client = Client()
    client.force_login(member.user)
    for _ in range(10):
        client.post("/panier/ajouter/", {"product": "monde", "quantity": 1})
        page: Any = client.get("/panier/")
        form = {name: hidden(page, name) for name in ("key", "seen")}
        answer: Any = client.post("/commande/", {**form, "hidden": 1})
        placed = PlacedOrder.objects.get(uuid=answer.url.split("/")[2])
        barrier = threading.Barrier(2)
        shown: list[Any] = []

        def look(placed: PlacedOrder = placed, barrier: Any = barrier, shown: Any = shown) -> None:
            codes = RechargeCode.objects.filter(order_line__order=placed.order_id)
            barrier.wait()
            shown.extend(show(by=member.user, codes=codes, where="order"))
            connection.close()

        def cancel(placed: PlacedOrder = placed, barrier: Any = barrier) -> None:
            barrier.wait()
            try:
                cancel_own_order(by=member, order=placed.uuid)
            except NotCancellable:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=look), threading.Thread(target=cancel)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        placed.refresh_from_db()
        assert bool(shown) == (placed.cancelled_at is None)
