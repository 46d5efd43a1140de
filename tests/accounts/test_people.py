"""People in the back office, and who may change whom."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import services
from portal.accounts.handlers import SECURITY_CHANGES
from portal.accounts.models import User
from portal.accounts.roles import STAFF_ROLES, Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from tests.accounts.conftest import MakeUser

pytestmark = pytest.mark.django_db

PEOPLE = "/gestion/users/"
OTHERS = sorted(STAFF_ROLES - {Role.ADMINISTRATOR})


def edit(client: Client, user: User, **changes: object) -> int:
    """Post the edit form of ``user`` as it stands, with changes; return the status."""
    data = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone": user.phone,
        "roles": [str(role) for role in services.roles_of(user)],
        **({"is_active": "on"} if user.is_active else {}),
        **changes,
    }
    return client.post(f"{PEOPLE}edit/{user.pk}/", data).status_code


@pytest.mark.parametrize("role", OTHERS)
def test_only_administrators_see_people(
    client: Client, make_user: MakeUser, partner: User, role: Role
) -> None:
    client.force_login(make_user("staff@emmaus.fr", role))
    pages = [
        PEOPLE,
        f"{PEOPLE}new/",
        f"{PEOPLE}edit/{partner.pk}/",
        f"{PEOPLE}{partner.pk}/inviter/",
    ]
    assert [client.get(page)["Location"] for page in pages] == ["/gestion/"] * 4
    assert edit(client, partner, first_name="X") == 302
    partner.refresh_from_db()
    assert partner.first_name == "Amina"


def test_administrator_invites(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    page = client.get(f"{PEOPLE}new/").content.decode()
    assert ("password" in page, "is_superuser" in page) == (False, False)
    client.post(
        f"{PEOPLE}new/",
        {
            "email": "Omar@Emmaus.fr",
            "first_name": "Omar",
            "last_name": "Haddad",
            "phone": "06 12 34 56 78",
            "roles": [Role.OPERATOR],
        },
    )
    user = User.objects.get(email="omar@emmaus.fr")
    assert (user.has_usable_password(), user.is_staff, user.is_superuser, user.phone) == (
        False,
        True,
        False,
        "+33612345678",
    )
    assert services.roles_of(user) == {Role.OPERATOR}
    assert OutboxMessage.objects.get().payload == {"user": str(user.uuid)}


def test_address_of_somebody_else_is_refused(
    client: Client, administrator: User, partner: User
) -> None:
    client.force_login(administrator)
    data = {"email": partner.email.upper(), "first_name": "A", "last_name": "B"}
    page = client.post(f"{PEOPLE}new/", data)
    assert "Un compte existe déjà avec cette adresse." in page.content.decode()


def test_administrator_changes_each_thing(
    client: Client, administrator: User, partner: User
) -> None:
    client.force_login(administrator)
    edit(client, partner, email="New@ccas.fr", last_name="Roy", roles=[Role.REFERENT])
    partner.refresh_from_db()
    assert (partner.email, partner.last_name, partner.is_staff) == ("new@ccas.fr", "Roy", True)
    edit(client, partner, is_active="", roles=[Role.PARTNER])
    partner.refresh_from_db()
    assert (partner.is_active, partner.is_staff) == (False, False)
    actions = AuditEntry.objects.filter(target_id=str(partner.pk)).order_by("pk")
    assert [(entry.action, entry.by_id) for entry in actions] == [
        ("accounts.details_changed", administrator.pk),
        ("accounts.email_changed", administrator.pk),
        ("accounts.roles_changed", administrator.pk),
        ("accounts.roles_changed", administrator.pk),
        ("accounts.disabled", administrator.pk),
    ]


def test_nobody_changes_their_own_roles_address_or_state(
    client: Client, administrator: User
) -> None:
    client.force_login(administrator)
    edit(client, administrator, roles=[str(role) for role in Role], email="x@y.fr", is_active="")
    administrator.refresh_from_db()
    assert services.roles_of(administrator) == {Role.ADMINISTRATOR}
    assert (administrator.email, administrator.is_active) == ("jeanne@emmaus.fr", True)
    for act in (
        lambda: services.set_roles(by=administrator, user=administrator, roles=Role),
        lambda: services.disable(by=administrator, user=administrator),
        lambda: services.change_email(by=administrator, user=administrator, email="x@y.fr"),
        lambda: services.invite(
            by=administrator, email=administrator.email, first_name="", last_name="", roles=Role
        ),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_administrator_neither_sees_nor_touches_a_superuser(
    client: Client, administrator: User, make_user: MakeUser
) -> None:
    root = make_user("root@emmaus.fr", is_superuser=True, is_staff=True)
    client.force_login(administrator)
    assert "root@emmaus.fr" not in client.get(PEOPLE).content.decode()
    assert client.get(f"{PEOPLE}edit/{root.pk}/").status_code == 302
    assert edit(client, root, email="mine@emmaus.fr") == 302
    root.refresh_from_db()
    assert root.email == "root@emmaus.fr"
    for act in (services.disable, services.enable, services.reinvite):
        with pytest.raises(NotAllowed):
            act(by=administrator, user=root)


def test_administrator_makes_no_superuser(
    client: Client, administrator: User, partner: User
) -> None:
    client.force_login(administrator)
    edit(client, partner, is_superuser="on")
    partner.refresh_from_db()
    assert partner.is_superuser is False


@pytest.mark.parametrize("role", sorted(Role))
def test_nobody_edits_groups(client: Client, make_user: MakeUser, role: Role) -> None:
    client.force_login(make_user("who@emmaus.fr", role))
    assert client.get("/gestion/groups/").status_code == 302
    assert client.get("/gestion/groups/new/").status_code == 302


@pytest.mark.parametrize("model", ["user", "User"])
@pytest.mark.parametrize("action", ["assign_role", "set_active_state", "delete"])
def test_bulk_actions_are_closed(
    client: Client, administrator: User, partner: User, action: str, model: str
) -> None:
    client.force_login(administrator)
    path = f"/gestion/bulk/accounts/{model}/{action}/?id={partner.pk}&next=/gestion/"
    assert client.post(path, {"mark_as_active": "False"}).status_code == 404


def test_administrator_deletes_nobody(client: Client, administrator: User, partner: User) -> None:
    client.force_login(administrator)
    client.post(f"{PEOPLE}delete/{partner.pk}/")
    assert User.objects.filter(pk=partner.pk).exists()


def test_new_invitation_from_the_person_s_page(
    client: Client, administrator: User, make_user: MakeUser
) -> None:
    user = make_user("new@ccas.fr", Role.PARTNER, password=None)
    client.force_login(administrator)
    assert "Renvoyer l’invitation" in client.get(f"{PEOPLE}edit/{user.pk}/").content.decode()
    path = f"{PEOPLE}{user.pk}/inviter/"
    assert client.get(path).status_code == 200
    assert client.post(path)["Location"] == f"{PEOPLE}edit/{user.pk}/"
    assert OutboxMessage.objects.filter(topic="accounts.invitation").count() == 1


def test_lost_second_factor_is_removed_by_an_administrator(
    client: Client, administrator: User, editor: User
) -> None:
    TOTP.activate(editor, "JBSWY3DPEHPK3PXP")
    client.force_login(administrator)
    page = client.get(f"{PEOPLE}edit/{editor.pk}/").content.decode()
    assert "Retirer la double authentification" in page
    path = f"{PEOPLE}{editor.pk}/retirer-double-authentification/"
    assert "Assurez-vous de vive voix" in client.get(path).content.decode()
    assert Authenticator.objects.count() == 1
    client.post(path)
    assert Authenticator.objects.count() == 0
    assert OutboxMessage.objects.get().payload["event"] == "second_factor_removed"
    assert AuditEntry.objects.get(action="accounts.second_factor_removed").by_id == administrator.pk
    with pytest.raises(NotAllowed):
        services.remove_second_factor(by=administrator, user=administrator)


def test_every_security_message_has_its_sentence(editor: User) -> None:
    for event in SECURITY_CHANGES:
        services.notify_security_change(user=editor, event=event)
    deliver_due()
    delivered = OutboxMessage.objects.filter(delivered_at__isnull=False).count()
    assert delivered == len(SECURITY_CHANGES)


def test_list_costs_a_constant_number_of_queries(
    client: Client, administrator: User, make_user: MakeUser
) -> None:
    client.force_login(administrator)
    client.get(PEOPLE)
    counts = []
    for number in range(3):
        make_user(f"p{number}@ccas.fr", Role.PARTNER)
        with CaptureQueriesContext(connection) as queries:
            client.get(PEOPLE)
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_person_changes_their_own_details_and_not_their_address(
    client: Client, partner: User
) -> None:
    client.force_login(partner)
    path = "/mon-compte/details/"
    data = {"first_name": "Aminata", "last_name": "Bâ", "email": "x@y.fr"}
    page = client.post(path, {**data, "phone": "06 12"})
    assert "Ce numéro n’existe pas" in page.content.decode()
    assert client.post(path, {**data, "phone": "0612345678"})["Location"] == path
    partner.refresh_from_db()
    assert (partner.first_name, partner.last_name, partner.phone, partner.email) == (
        "Aminata",
        "Bâ",
        "+33612345678",
        "amina@ccas.fr",
    )
    assert "06\u00a012\u00a034\u00a056\u00a078" in client.get(path).content.decode()
