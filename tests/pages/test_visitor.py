"""What the header says of a visitor is read at each request, whatever is kept of its drawing."""

import re
from types import SimpleNamespace

from django.test import Client, RequestFactory

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.prepared import Prepared
from portal.structures.access import active_of, current_membership, memberships
from portal.structures.models import Membership, Structure
from portal.ui.templatetags.ui import render_personal
from shop.ordering.baskets import add, count_items, with_items
from tests.factories import MembershipFactory, UserFactory, product
from tests.pages.people import logged_in

GUIDE = "/ressources/acheter-des-recharges/"


def header(client: Client) -> str:
    """Return the header's personal part of a kept page."""
    page = client.get(GUIDE).content.decode()
    return page.split('id="personal"')[1].split("</header>")[0]


def words(client: Client) -> list[str]:
    """Return the name, the structure and the articles that the header shows."""
    html = header(client)
    found = [
        re.search(pattern, html)
        for pattern in (r'__name">([^<]*)', r'__structure">([^<]*)', r'count">(\d+)')
    ]
    return [one[1] if one else "" for one in found]


def test_a_changed_name_structure_or_basket_shows_at_the_next_page(content: int) -> None:
    first = MembershipFactory(user=UserFactory(first_name="Amina"), structure__name="CCAS de Lille")
    client, seen = logged_in(first.user), []
    product("monde")

    def rename() -> None:
        User.objects.filter(pk=first.user.pk).update(first_name="Aminata")
        Structure.objects.filter(pk=first.structure.pk).update(name="CCAS de Lomme")

    def leave() -> None:
        Membership.objects.filter(pk=first.pk).update(is_active=False)

    for change in (lambda: None, lambda: add(by=first, upc="monde", quantity=3), rename, leave):
        change()
        words(client)
        seen.append(words(client))
    assert seen == [
        ["Amina", "CCAS de Lille", "0"],
        ["Amina", "CCAS de Lille", "3"],
        ["Aminata", "CCAS de Lomme", "3"],
        ["Aminata", "", "0"],
    ]


def test_a_closed_structure_is_not_shown_anymore(content: int) -> None:
    member = MembershipFactory(structure__name="CCAS de Lille")
    client = logged_in(member.user)
    assert words(client)[1] == "CCAS de Lille"
    Structure.objects.filter(pk=member.structure.pk).update(state=Structure.State.CLOSED)
    assert words(client)[1] == ""


def test_who_logged_out_was_deactivated_or_changed_their_password_is_a_stranger(
    content: int,
) -> None:
    member = MembershipFactory(user=UserFactory(first_name="Amina"))
    user, seen = member.user, []
    clients = [logged_in(user) for _ in range(3)]
    clients[0].post("/deconnexion/")
    seen.append(["personal__login" in header(one) for one in clients])
    User.objects.filter(pk=user.pk).update(is_active=False)
    seen.append(["personal__login" in header(one) for one in clients])
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.set_password("une autre phrase bien longue")
    user.save()
    seen.append(["personal__login" in header(one) for one in clients])
    assert seen == [[True, False, False], [True, True, True], [True, True, True]]


def test_the_door_of_the_back_office_follows_the_role(content: int) -> None:
    user = UserFactory(role=Role.REFERENT)
    client = logged_in(user)
    assert 'href="/gestion/"' in header(client)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert 'href="/gestion/"' not in header(client)


def test_the_part_that_is_kept_holds_no_token_and_no_path_but_two() -> None:
    def part(path: str, name: str = "Amina") -> str:
        request = RequestFactory().get(path)
        request.visitor = SimpleNamespace(  # type: ignore[attr-defined]
            is_authenticated=True,
            name=name,
            structure=None,
            other_structures=[],
            basket_count=0,
            has_backoffice=False,
        )
        return str(render_personal(request))

    tokens = [re.findall(r'csrfmiddlewaretoken" value="(\w{64})"', part("/")) for _ in "ab"]
    assert [len(one) for one in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    assert ["aria-current" in part(path) for path in ("/panier/", "/faq/", "/panier/")] == [
        True,
        False,
        True,
    ]
    assert ["Bruno" in part("/", name) for name in ("Bruno", "Amina")] == [True, False]


def test_a_statement_written_once_reads_what_the_orm_reads(content: int) -> None:
    first = MembershipFactory(structure__name="B")
    second = MembershipFactory(user=first.user, structure__name="A")
    other = MembershipFactory()
    product("monde")
    add(by=first, upc="monde", quantity=2)
    reading = Prepared(lambda user: with_items(active_of(user)))
    for member in (first, other):
        expected = list(active_of(member.user.pk))
        for _ in range(2):
            found = reading.all(member.user.pk)
            assert [vars_of(one) for one in found] == [vars_of(one) for one in expected]
            assert [vars_of(one.structure) for one in found] == [
                vars_of(one.structure) for one in expected
            ]
            assert [one.basket_items for one in found] == [  # type: ignore[attr-defined]
                count_items(one) for one in expected
            ]
    assert [one.pk for one in reading.all(first.user.pk)] == [second.pk, first.pk]
    assert reading.all(0) == []


def vars_of(one: Membership | Structure) -> dict[str, object]:
    """Return the columns of an instance."""
    return {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}


def test_memberships_are_the_visitors_own_and_read_once(
    content: int, django_assert_num_queries: object
) -> None:
    member = MembershipFactory()
    request = RequestFactory().get("/")
    request.user, request.session = member.user, {}  # type: ignore[assignment]
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [current_membership(request), *memberships(request)] == [member, member]
        assert memberships(request)[0].user is member.user
