"""MON COMPTE → FORMATION, as members see it."""

import io
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from portal.accounts.models import User
from portal.structures.models import Membership
from portal.training import attendance, seats, sessions
from portal.training.models import Registration, TrainingSession
from tests import factories
from tests.training.conftest import began, newcomer, past_session, registered, session, states

pytestmark = pytest.mark.django_db

HOME = "/mon-compte/formation/"


def browser(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def page(member: Membership, path: str = HOME) -> str:
    """Return a page's source, its non-breaking spaces made plain."""
    answer = browser(member).get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


def mine(one: Registration, what: str) -> str:
    return f"{HOME}inscriptions/{one.uuid}/{what}/"


def attended(by: User, member: Membership) -> Registration:
    made = past_session(by=by, title="Prise en main", trainer="Karim Haddad")
    one = Registration.objects.create(
        session=made, user=member.user, state="registered", seated_at=made.created_at
    )
    attendance.mark(by=by, session=made, present=[one.uuid])
    one.refresh_from_db()
    return one


def test_registering_and_leaving() -> None:
    member, made = newcomer(), session()
    client = browser(member)
    answer = client.post(f"{HOME}{made.uuid}/inscription/", follow=True).content.decode()
    assert "Vous êtes inscrit." in answer
    one = made.registrations.get()
    assert mine(one, "agenda") in page(member)

    answer = client.post(mine(one, "annuler"), follow=True).content.decode()
    assert "Votre inscription est annulée." in answer
    assert states(made) == ["cancelled"]
    assert f"{HOME}{made.uuid}/inscription/" in page(member)


def test_a_full_session_says_that_one_waits() -> None:
    member, made = newcomer(), session(seats=1)
    registered(made)
    assert "M’inscrire sur la liste d’attente" in page(member)
    client = browser(member)
    answer = client.post(f"{HOME}{made.uuid}/inscription/", follow=True).content.decode()

    assert "Vous êtes sur la liste d’attente." in answer
    one = made.registrations.get(user=member.user)
    assert client.get(mine(one, "agenda")).status_code == 404


def test_too_late_is_a_sentence() -> None:
    member, made = newcomer(), began(session())
    answer = browser(member).post(f"{HOME}{made.uuid}/inscription/")

    assert answer.status_code == 409
    assert "Les inscriptions à cette session sont closes" in answer.content.decode()


@pytest.mark.parametrize("what", ["annuler", "agenda", "attestation"])
def test_a_colleagues_registration_is_not_found(what: str) -> None:
    member, made = newcomer(), session()
    colleague = newcomer(structure=member.structure)
    one = seats.register(by=colleague.user, session=made)
    client = browser(member)
    send = client.post if what == "annuler" else client.get

    assert send(mine(one, what)).status_code == 404
    assert states(made) == ["registered"]


def test_the_calendar_file_is_downloaded_again() -> None:
    member, made = newcomer(), session()
    one = seats.register(by=member.user, session=made)
    answer = browser(member).get(mine(one, "agenda"))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="seance.ics"'
    assert b"METHOD:REQUEST\r\n" in answer.content
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("drawing")
def test_the_certificate_says_who_came_and_when(referent: User) -> None:
    user = factories.UserFactory(first_name="Zoé", last_name="N’Guyen-Œuvrard")
    member = newcomer(user=user)
    one = attended(referent, member)
    answer = browser(member).get(mine(one, "attestation"))
    reader = PdfReader(io.BytesIO(answer.content))
    (sheet,) = reader.pages
    text = " ".join(sheet.extract_text().split())

    assert answer["Content-Type"] == "application/pdf"
    for words in (
        "Attestation de participation",
        "Zoé N’Guyen-Œuvrard",
        "Prise en main",
        "Formation à la plateforme",
        "(120 minutes)",
        "Karim Haddad",
        str(one.uuid),
    ):
        assert words in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Attestation de participation"


def test_no_certificate_for_who_was_absent(referent: User) -> None:
    member, made = newcomer(), past_session()
    one = Registration.objects.create(
        session=made, user=member.user, state="registered", seated_at=made.created_at
    )
    client = browser(member)
    answers = [client.get(mine(one, "attestation")).status_code]
    attendance.mark(by=referent, session=made, present=[])
    answers.append(client.get(mine(one, "attestation")).status_code)

    assert answers == [404, 404]


def test_past_sessions_offer_certificate_and_recording(referent: User) -> None:
    member = newcomer()
    one = attended(referent, member)
    link = "https://video.example/replay?x=1"
    sessions.set_replay(by=referent, session=one.session, link=link)
    text = page(member)

    assert mine(one, "attestation") in text
    assert f'href="{link}"' in text
    assert "Vous êtes formé à la plateforme : vous pouvez commander." in text


class TestGate:
    def test_the_shop_refuses_and_leads_to_training(self) -> None:
        member = newcomer()
        factories.product()
        for path in ("/offre-solidaire/", "/panier/", "/mon-compte/"):
            text = page(member, path)
            assert "Vous n’avez pas encore suivi la formation à la plateforme." in text or (
                path == "/panier/"  # an empty basket has nothing to refuse
            )
        text = page(member, "/offre-solidaire/")
        assert f'<a href="{HOME}">Choisir une session</a>' in text

    def test_the_dashboard_asks_whoever_is_not_trained(self, referent: User) -> None:
        member = newcomer()
        task = f'<a href="{HOME}">Inscrivez-vous à une formation</a>'
        before = task in page(member, "/mon-compte/")
        attendance.waive(by=referent, membership=member, reason="Déjà formé ailleurs")

        assert [before, task in page(member, "/mon-compte/")] == [True, False]
        assert "Vous êtes dispensé de la formation" in page(member)


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_costs_the_same_whatever_it_lists(
    referent: User, count: int, django_assert_num_queries: Any
) -> None:
    member = newcomer()
    for _ in range(count):
        registered(session(), 2)
        seats.register(by=member.user, session=session())
        attended(referent, member)
    client = browser(member)
    client.get(HOME)
    with django_assert_num_queries(5):
        client.get(HOME)


@pytest.mark.parametrize("count", [1, 4])
def test_the_public_list_costs_the_same_whatever_it_lists(
    count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        registered(session(kind=TrainingSession.Kind.WEBINAR), 2)
    client = Client()
    client.get("/rendez-vous/")
    with django_assert_num_queries(1):
        client.get("/rendez-vous/")
