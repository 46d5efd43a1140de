"""Staff look a number up, and read one in clear: permission, reason, trace."""

import re
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.recharges.backoffice.numbers import SEARCHES
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.conftest import Counter

pytestmark = pytest.mark.django_db

SEARCH = "/gestion/numeros/"
WHY = "Un bénéficiaire dit qu’il est déjà utilisé"


@pytest.fixture
def referent(partner: Counter) -> User:
    return factories.UserFactory(role=Role.REFERENT)


@pytest.fixture
def desk(client: Client, referent: User) -> Client:
    client.force_login(referent)
    return client


@pytest.fixture
def code(partner: Counter) -> RechargeCode:
    factories.lot("monde", ["0123456789"])
    partner.order(monde=1)
    return RechargeCode.objects.get()


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("typed", ["0123456789", "01 23 45 67 89", " 0123-456.789 "])
def test_a_number_leads_to_its_page(
    desk: Client, referent: User, code: RechargeCode, partner: Counter, typed: str
) -> None:
    answer = desk.post(SEARCH, {"number": typed}, follow=True)

    assert answer.redirect_chain == [(f"{SEARCH}{code.uuid}/", 302)]
    shown = words(answer)
    assert partner.member.structure.name in shown
    for word in ("Monde", "Donné", "Cherché", "Lot"):
        assert word in shown
    assert "0123456789" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    trace = AuditEntry.objects.get(action="recharges.searched")
    assert (trace.by, trace.target_id, trace.details) == (
        referent,
        str(code.pk),
        {"found": True},
    )


def test_an_unknown_number_is_recorded_without_its_digits(desk: Client, referent: User) -> None:
    answer = desk.post(SEARCH, {"number": "9999999999"})
    assert answer.status_code == 422
    assert "Ce numéro n’est dans aucun lot." in words(answer)
    trace = AuditEntry.objects.get(action="recharges.searched")
    assert (trace.target_id, trace.details) == (str(referent.pk), {"found": False})


def test_searches_are_limited_by_the_hour(desk: Client, referent: User) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(by=referent, action="recharges.searched", target_type="x", target_id="1")
        for _ in range(SEARCHES)
    )
    answer = desk.post(SEARCH, {"number": "9999999999"})
    assert answer.status_code == 429
    assert "Vous avez cherché 60 numéros en une heure." in words(answer)
    assert AuditEntry.objects.filter(action="recharges.searched").count() == SEARCHES


def test_a_number_is_never_searched_by_address(desk: Client, code: RechargeCode) -> None:
    assert desk.get(SEARCH, {"number": "0123456789"}).status_code == 200
    assert AuditEntry.objects.filter(action="recharges.searched").count() == 0


def test_a_number_is_shown_for_a_reason_and_leaves_a_trace(
    desk: Client, referent: User, code: RechargeCode
) -> None:
    page = f"{SEARCH}{code.uuid}/"
    assert "0123456789" not in desk.get(page).content.decode()

    shown = desk.post(page, {"reason": WHY})

    assert "0123456789" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    trace = AuditEntry.objects.get(action="recharges.shown_to_staff")
    assert (trace.by, trace.target_id, trace.details) == (referent, str(code.pk), {"reason": WHY})
    code.refresh_from_db()
    assert code.first_shown_at is None  # the structure has not seen it


@pytest.mark.parametrize("reason", ["", "trop", " " * 30])
def test_without_a_reason_nothing_is_shown(desk: Client, code: RechargeCode, reason: str) -> None:
    answer = desk.post(f"{SEARCH}{code.uuid}/", {"reason": reason})
    assert answer.status_code == 422
    assert "0123456789" not in answer.content.decode()
    assert AuditEntry.objects.filter(action="recharges.shown_to_staff").count() == 0


def test_who_may_look_and_not_show_is_refused(
    desk: Client, referent: User, code: RechargeCode
) -> None:
    referent.groups.clear()
    for name in ("access_admin", "view_rechargecode"):
        referent.user_permissions.add(permission(name))
    page = f"{SEARCH}{code.uuid}/"

    assert "Afficher le numéro" not in words(desk.get(page))
    answer = desk.post(page, {"reason": WHY})
    assert answer.status_code == 403
    assert "0123456789" not in answer.content.decode()


def permission(name: str) -> Any:
    from django.contrib.auth.models import Permission  # noqa: PLC0415 (this one test's)

    return Permission.objects.get(codename=name)
