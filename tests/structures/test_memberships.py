"""The memberships that a request acts under are those that the ORM would read."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest
from django.test import RequestFactory

from portal.accounts.models import User
from portal.structures.access import memberships
from portal.structures.models import Membership, Structure
from tests.factories import MembershipFactory, StructureFactory, UserFactory

pytestmark = pytest.mark.django_db


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def full_structure(name: str) -> Structure:
    """Return a structure with a value in each of its columns."""
    return StructureFactory(
        name=name,
        siret="73282932000074",
        address="1 rue du Pont",
        postcode="33000",
        city="Bordeaux",
        account_manager=UserFactory(),
    )


def test_each_value_is_the_one_that_the_orm_reads() -> None:
    user = UserFactory()
    MembershipFactory(user=user, structure=full_structure("Zélie"), is_structure_lead=True)
    MembershipFactory(user=user, structure=StructureFactory(name="Abri"))
    MembershipFactory()
    expected = list(
        Membership.objects.filter(user=user).select_related("structure").order_by("-pk")
    )
    read = memberships(request_of(user))
    assert read == expected
    assert [values(one) for one in read] == [values(one) for one in expected]
    assert [values(one.structure) for one in read] == [values(one.structure) for one in expected]


def test_every_column_is_filled_so_that_the_comparison_means_something() -> None:
    membership = MembershipFactory(structure=full_structure("Zélie"))
    filled = values(membership) | values(membership.structure)
    assert [name for name, value in filled.items() if value in (None, "")] == []


def test_a_person_keeps_what_is_open_to_them_alone() -> None:
    user = UserFactory()
    suspended = MembershipFactory(user=user, structure=StructureFactory(state="suspended"))
    MembershipFactory(user=user, structure=StructureFactory(state="closed"))
    left = MembershipFactory(user=user)
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    assert memberships(request_of(user)) == [suspended]
    assert memberships(request_of(UserFactory())) == []


def test_a_visitor_without_a_name_has_none_and_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert memberships(request_of(AnonymousUser())) == []


def test_a_request_asks_once(django_assert_num_queries: Any) -> None:
    request = request_of(MembershipFactory().user)
    with django_assert_num_queries(1):
        assert [memberships(request) == memberships(request)] == [True]
