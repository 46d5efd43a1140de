"""« Formations » in the back office."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.training.models import TrainingSession
from tests import factories
from tests.training.conftest import began, newcomer, past_session, registered, session, states

pytestmark = pytest.mark.django_db

HOME = "/gestion/formations/"


@pytest.fixture
def client(referent: User) -> Client:
    """A référent in the back office."""
    made = Client()
    made.force_login(referent)
    return made


def typed(**changed: Any) -> dict[str, Any]:
    """Return what a référent types."""
    day = timezone.localdate().replace(year=timezone.localdate().year + 1, day=15)
    return {
        "kind": "platform",
        "title": "Prise en main",
        "day": day.isoformat(),
        "start": "14:00",
        "end": "15:30",
        "video_link": "https://visio.example/salle",
        "seats": "12",
        "trainer": "Karim Haddad",
        "description": "",
        **changed,
    }


def text(answer: Any) -> str:
    """Return a page's source, its entities and non-breaking spaces made plain."""
    source: str = answer.content.decode()
    return source.replace("&nbsp;", " ").replace("\u00a0", " ").replace("&#x27;", "'")


def test_planning_a_session(client: Client) -> None:
    answer = client.post(f"{HOME}planifier/", typed(), follow=True)
    made = TrainingSession.objects.get()

    assert answer.redirect_chain[-1][0] == f"{HOME}{made.uuid}/"
    assert timezone.localtime(made.starts_at).strftime("%d %H:%M") == "15 14:00"
    assert (made.minutes, made.seats, made.kind, made.sequence) == (90, 12, "platform", 0)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"end": "13:00"}, "La session finit avant d’avoir commencé."),
        ({"day": "2020-01-15"}, "Cette date est passée : choisissez-en une à venir."),
        ({"day": "2027-02-31"}, "Cette date n’existe pas."),
        ({"start": "25h"}, "Une heure s’écrit 14:30."),
        ({"seats": "0"}, "Une session a au moins une place."),
        ({"video_link": "javascript:alert(1)"}, "Cette adresse n’est pas complète."),
        ({"title": " "}, "Donnez un titre."),
    ],
)
def test_bad_input_is_a_sentence_beside_what_was_typed(
    client: Client, changed: dict[str, str], sentence: str
) -> None:
    answer = client.post(f"{HOME}planifier/", typed(trainer="Quelqu’un") | changed)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Quelqu’un" in text(answer)
    assert TrainingSession.objects.count() == 0


def test_changing_a_session_shows_and_keeps_its_values(client: Client) -> None:
    client.post(f"{HOME}planifier/", typed())
    made = TrainingSession.objects.get()
    page = text(client.get(f"{HOME}{made.uuid}/modifier/"))
    assert 'value="14:00"' in page

    client.post(f"{HOME}{made.uuid}/modifier/", typed(start="15:00", end="16:00"))
    made.refresh_from_db()
    assert timezone.localtime(made.starts_at).hour == 15
    assert made.sequence == 1


def test_fewer_seats_than_people_keeps_what_was_typed(client: Client) -> None:
    made = session(seats=3)
    registered(made, 3)
    answer = client.post(f"{HOME}{made.uuid}/modifier/", typed(seats="2", trainer="Une autre"))

    assert answer.status_code == 422
    assert "3 personnes ont déjà une place" in text(answer)
    assert "Une autre" in text(answer)


def test_the_page_lists_seats_and_queue(client: Client) -> None:
    made = session(seats=1)
    first, second = registered(made, 2)
    page = text(client.get(f"{HOME}{made.uuid}/"))

    assert "1 prise sur 1, 1 en attente" in page
    places = [page.index(what) for what in (str(first.user), "Liste d’attente", str(second.user))]
    assert places == sorted(places)
    assert str(first.user) in text(client.get(f"{HOME}{made.uuid}/feuille/"))


def test_cancelling(client: Client) -> None:
    made = session()
    refused = client.post(f"{HOME}{made.uuid}/annuler/", {"reason": ""}, follow=True)
    assert "Dites pourquoi" in text(refused)
    client.post(f"{HOME}{made.uuid}/annuler/", {"reason": "Panne"})
    made.refresh_from_db()

    assert (made.state, made.cancel_reason) == ("cancelled", "Panne")
    again = client.post(f"{HOME}{made.uuid}/annuler/", {"reason": "Encore"}, follow=True)
    assert "elle ne peut pas passer à" in text(again)


def test_the_attendance_sheet(client: Client) -> None:
    made = session()
    there, absent = registered(made, 2)
    path = f"{HOME}{made.uuid}/presence/"
    early = client.post(path, {"present": [there.uuid]}, follow=True)
    assert "une fois la session commencée" in text(early)
    began(made)
    done = client.post(path, {"present": [there.uuid]}, follow=True)
    assert "1 personne présente" in text(done)
    assert list(made.registrations.order_by("pk").values_list("attended", flat=True)) == [
        True,
        False,
    ]
    assert absent.user is not None
    assert client.post(path, {"present": ["x"]}).status_code == 404


def test_the_recording(client: Client) -> None:
    made = past_session()
    path = f"{HOME}{made.uuid}/rediffusion/"
    refused = client.post(path, {"link": "nulle part"})
    assert (refused.status_code, "Cette adresse n’est pas complète" in text(refused)) == (422, True)
    client.post(path, {"link": "video.example/1"})
    made.refresh_from_db()

    assert made.replay_link == "https://video.example/1"


def test_members_to_train_and_the_waiver(client: Client, referent: User) -> None:
    member = newcomer()
    path = f"{HOME}membres/{member.pk}/dispenser/"
    assert str(member.user) in text(client.get(f"{HOME}membres/"))
    refused = client.post(path, {"reason": " "})
    assert (refused.status_code, "Dites pourquoi" in text(refused)) == (422, True)
    client.post(path, {"reason": "Connaît déjà l’outil"}, follow=True)
    member.refresh_from_db()

    assert (member.training_waived_by, member.training_waiver) == (
        referent,
        "Connaît déjà l’outil",
    )
    assert str(member.user) not in text(client.get(f"{HOME}membres/"))
    assert client.post(path, {"reason": "Encore"}).status_code == 404


def test_an_administrator_reads_and_changes_nothing() -> None:
    made, member = past_session(), newcomer()
    client = Client()
    client.force_login(factories.UserFactory(role=Role.ADMINISTRATOR))
    for path in ("", f"{made.uuid}/", f"{made.uuid}/feuille/", "membres/"):
        assert client.get(f"{HOME}{path}").status_code == 200
    for path in (
        "planifier/",
        f"{made.uuid}/modifier/",
        f"{made.uuid}/presence/",
        f"membres/{member.pk}/dispenser/",
    ):
        assert client.post(f"{HOME}{path}", {"reason": "x"}).status_code == 302
    made.refresh_from_db()
    member.refresh_from_db()

    assert (made.state, member.is_trained, states(made)) == ("planned", False, [])


def test_the_list_is_searched_and_filtered(client: Client) -> None:
    session(title="Prise en main")
    session(title="Rencontre", kind=TrainingSession.Kind.WEBINAR)
    plain = text(client.get(HOME))

    assert "Prise en main" in plain
    assert "Rencontre" in plain
    assert "Prise en main" not in text(client.get(f"{HOME}results/?q=rencontre"))
    assert "Rencontre" not in text(client.get(f"{HOME}results/?kind=platform"))
    assert "Rencontre" not in text(client.get(f"{HOME}results/?state=done"))


@pytest.mark.parametrize("count", [2, 6])
def test_lists_cost_the_same_whatever_their_length(
    client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        registered(session(), 2)
    made = session()
    registered(made, count)
    paths = {"": 12, f"{made.uuid}/": 12, "membres/": 10, f"{made.uuid}/feuille/": 10}
    for path, most in paths.items():
        client.get(f"{HOME}{path}")
        with django_assert_max_num_queries(most):
            client.get(f"{HOME}{path}")
