"""Invitations and forgotten passwords: one-time links, through the outbox."""

import re
import time
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from tests.accounts.conftest import PASSWORD, MakeUser, is_logged_in, log_in

pytestmark = pytest.mark.django_db

NEW = "orage bleu sans parapluie"


def link_in(message: EmailMessage) -> str:
    """Return the path of the one link of an e-mail that leads to a password page."""
    found = re.findall(r"https?://[^/\s]+(/(?:invitation|mot-de-passe)/\S+)", str(message.body))
    (path,) = found
    return path


def invite(email: str = "New@ccas.fr ", *roles: Role) -> User:
    return services.invite(
        by=None, email=email, first_name="Nadia", last_name="Petit", roles=roles or [Role.PARTNER]
    )


def choose(client: Client, path: str, password: str = NEW) -> tuple[str, int]:
    """Follow an invitation and choose a password; return the form's address and the status."""
    form = client.get(path)
    assert form.status_code == 302
    data = {"new_password1": password, "new_password2": password}
    return form["Location"], client.post(form["Location"], data).status_code


def test_invited_person_chooses_a_password_and_logs_in(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    user = invite()
    deliver_due()
    (message,) = mailoutbox
    assert (message.to, user.is_staff) == (["new@ccas.fr"], False)
    path = link_in(message)
    token = path.rstrip("/").rpartition("/")[2]
    form_address, status = choose(client, path)
    assert (token in form_address, status) == (False, 302)
    assert is_logged_in(client) is False
    assert "Votre mot de passe est enregistré." in client.get("/connexion/").content.decode()
    assert is_logged_in(log_in("new@ccas.fr", NEW))


def test_outbox_holds_no_address_and_no_link() -> None:
    user = invite()
    assert OutboxMessage.objects.get().payload == {"user": str(user.uuid)}


@pytest.mark.parametrize("end", ["used", "expired", "replaced", "disabled", "forged"])
def test_dead_link_offers_another(
    mailoutbox: list[EmailMessage], administrator: User, end: str
) -> None:
    user = invite()
    deliver_due()
    path = link_in(mailoutbox[0])
    now = time.time()
    if end == "used":
        choose(Client(), path)
    elif end == "expired":
        now += 3 * 86400 + 1
    elif end == "replaced":
        services.reinvite(by=administrator, user=user)
    elif end == "disabled":
        services.disable(by=administrator, user=user)
    else:
        path = path.replace(path.rstrip("/").rpartition("/")[2], "abc-def")
    with time_machine.travel(now):
        page = Client().get(path)
    text = page.content.decode()
    assert (page.status_code, "Ce lien n’est plus valable" in text) == (200, True)
    assert "Demander un nouveau lien" in text
    assert 'name="new_password1"' not in text


def test_new_invitation_works(mailoutbox: list[EmailMessage], administrator: User) -> None:
    user = invite()
    services.reinvite(by=administrator, user=user)
    deliver_due()
    assert len(mailoutbox) == 2
    assert choose(Client(), link_in(mailoutbox[1]))[1] == 302


def test_delivering_twice_sends_once(mailoutbox: list[EmailMessage]) -> None:
    invite()
    deliver_due()
    OutboxMessage.objects.update(delivered_at=None)
    deliver_due()
    assert len(mailoutbox) == 1


def test_whoever_has_a_password_gets_no_invitation(
    partner: User, administrator: User, mailoutbox: list[EmailMessage]
) -> None:
    invite(partner.email, Role.PARTNER)
    with pytest.raises(services.AlreadyActive):
        services.reinvite(by=administrator, user=partner)
    deliver_due()
    assert mailoutbox == []


def test_disabled_account_is_not_invited(make_user: MakeUser) -> None:
    make_user("gone@ccas.fr", is_active=False)
    with pytest.raises(services.AccountDisabled):
        invite("gone@ccas.fr")


def test_partner_invites_nobody_into_the_team(partner: User) -> None:
    with pytest.raises(NotAllowed):
        services.invite(
            by=partner, email="a@b.fr", first_name="A", last_name="B", roles=[Role.REFERENT]
        )
    assert not User.objects.filter(email="a@b.fr").exists()


def test_too_easy_a_password_is_refused(client: Client, mailoutbox: list[EmailMessage]) -> None:
    invite()
    deliver_due()
    assert choose(client, link_in(mailoutbox[0]), "nadia.petit.2026")[1] == 200
    assert not User.objects.get(email="new@ccas.fr").has_usable_password()


def ask_reset(email: str) -> tuple[int, str]:
    response = Client().post("/mot-de-passe/oublie/", {"email": email})
    return response.status_code, response["Location"]


def test_forgotten_password_is_replaced(partner: User, mailoutbox: list[EmailMessage]) -> None:
    old = log_in(partner.email)
    assert ask_reset("AMINA@ccas.fr") == (302, "/mot-de-passe/oublie/envoye/")
    deliver_due()
    (message,) = mailoutbox
    path = link_in(message)
    client = Client()
    form = client.get(path)["Location"]
    assert path.rpartition("-")[2].strip("/") not in form
    done = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert done.redirect_chain == [("/mot-de-passe/oublie/change/", 302)]
    assert (is_logged_in(client), is_logged_in(old)) == (False, False)
    assert is_logged_in(log_in(partner.email, NEW))
    assert "Ce lien n’est plus valable" in Client().get(path, follow=True).content.decode()
    deliver_due()
    assert [m.subject for m in mailoutbox[1:]] == [
        "L’Espace Recharges : la sécurité de votre compte a changé"
    ]


def test_reset_opens_a_locked_account(partner: User, mailoutbox: list[EmailMessage]) -> None:
    for _ in range(5):
        log_in(partner.email, "faux faux faux faux")
    ask_reset(partner.email)
    deliver_due()
    client = Client()
    form = client.get(link_in(mailoutbox[0]))["Location"]
    client.post(form, {"password1": NEW, "password2": NEW})
    assert is_logged_in(log_in(partner.email, NEW))


def test_unknown_address_gets_the_same_answer_the_same_work_and_no_mail(
    partner: User, mailoutbox: list[EmailMessage], django_assert_num_queries: object
) -> None:
    answers, rows = [], []
    for email in (partner.email, "nobody@ccas.fr"):
        with django_assert_num_queries(2):  # type: ignore[operator]
            services.request_password_reset(email=email)
        answers.append(ask_reset(email))
        rows.append(OutboxMessage.objects.filter(topic="accounts.password_reset").count())
    assert answers == [(302, "/mot-de-passe/oublie/envoye/")] * 2
    assert rows == [2, 4]
    deliver_due()
    assert [message.to for message in mailoutbox] == [[partner.email]] * 2


def test_link_dies_with_the_address(
    partner: User, administrator: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_reset(partner.email)
    deliver_due()
    services.change_email(by=administrator, user=partner, email="Other@ccas.fr")
    page = Client().get(link_in(mailoutbox[0]))
    assert (page.status_code, "Ce lien n’est plus valable" in page.content.decode()) == (200, True)
    assert not is_logged_in(log_in("amina@ccas.fr"))
    assert is_logged_in(log_in("other@ccas.fr", PASSWORD))


def test_old_address_never_logs_in_after_a_reset(
    partner: User, administrator: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_reset(partner.email)
    deliver_due()
    Client().get(link_in(mailoutbox[0]), follow=True)
    services.change_email(by=administrator, user=partner, email="other@ccas.fr")
    assert not is_logged_in(log_in("amina@ccas.fr"))


def test_changing_ones_password_takes_the_old_one(partner: User) -> None:
    client, other = log_in(partner.email), log_in(partner.email)
    path = "/mon-compte/mot-de-passe/"
    new = {"password1": NEW, "password2": NEW}
    assert client.post(path, {"oldpassword": "faux", **new}).status_code == 200
    assert client.post(path, {"oldpassword": PASSWORD, **new})["Location"] == (
        "/mon-compte/details/"
    )
    assert (is_logged_in(client), is_logged_in(other)) == (True, False)
    assert AuditEntry.objects.filter(action="accounts.password_changed").count() == 1


def test_invitation_page_is_never_cached_and_sends_no_referer(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    invite()
    deliver_due()
    page = client.get(link_in(mailoutbox[0]))
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]


def test_three_days_are_said_and_kept(mailoutbox: list[EmailMessage]) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        invite()
        deliver_due()
        assert "pendant 3 jours" in str(mailoutbox[0].body)
    with time_machine.travel(datetime(2026, 11, 26, 11, 59, tzinfo=UTC)):
        assert choose(Client(), link_in(mailoutbox[0]))[1] == 302
