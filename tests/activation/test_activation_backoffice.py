"""The operators' queue and page in the back office."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
QUEUE = reverse("activations:index")


@pytest.fixture
def operator() -> User:
    return factories.operator(first_name="Jeanne", last_name="Martin")


@pytest.fixture
def client(operator: User) -> Client:
    return logged_in(operator)


def page(request: ActivationRequest) -> str:
    return reverse("activations:detail", args=[request.uuid])


def act(client: Client, request: ActivationRequest, name: str, **typed: str) -> object:
    address = reverse("activations:action", args=[request.uuid, name])
    return client.post(address, typed)


def listed(client: Client, **query: str) -> list[ActivationRequest]:
    return [row.request for row in client.get(QUEUE, query).context["rows"]]


@pytest.mark.parametrize(
    ("role", "sees", "acts"),
    [
        (Role.OPERATOR, 200, State.IN_PROGRESS),
        (Role.ADMINISTRATOR, 200, State.SUBMITTED),
        (Role.REFERENT, 302, State.SUBMITTED),
        (Role.EDITOR, 302, State.SUBMITTED),
        (Role.PARTNER, 302, State.SUBMITTED),
    ],
)
def test_operators_act_and_administrators_look(role: Role, sees: int, acts: State) -> None:
    request = factories.request()
    client = logged_in(factories.user(role))
    assert [client.get(address).status_code for address in (QUEUE, page(request))] == [sees] * 2
    act(client, request, "prendre")
    assert ActivationRequest.objects.get().state == acts


def test_the_queue_has_what_runs_out_first_on_top(client: Client) -> None:
    start = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
    made = []
    for day, state in enumerate((State.TRANSMITTED, State.SUBMITTED, State.IN_PROGRESS)):
        with time_machine.travel(start + dt.timedelta(hours=day), tick=False):
            made.append(factories.request(state))
    with time_machine.travel(start + dt.timedelta(hours=1), tick=False):
        for state in (State.TO_CORRECT, State.ACTIVATED, State.REFUSED, State.CANCELLED):
            factories.request(state)
    sent, submitted, taken = made
    assert listed(client) == [submitted, taken, sent]
    with time_machine.travel(start + dt.timedelta(hours=24, minutes=90)):
        assert client.get(QUEUE).content.decode().count("En retard") == 1


def test_the_queue_filters_and_counts(client: Client, operator: User) -> None:
    for state in State:
        factories.request(state)
    mine = factories.request(State.IN_PROGRESS, taken_by=operator)
    kept = factories.request(rio=factories.rio_of("0612345678"))
    assert [one.state for one in listed(client, state="refused")] == [State.REFUSED]
    assert listed(client, taken="me") == [mine]
    assert listed(client, portability="true") == [kept]
    chips = client.get(QUEUE).context["chips"]
    assert {chip["label"]: chip["count"] for chip in chips} == {
        "À traiter": "6",
        "Soumise": "2",
        "En cours": "2",
        "Transmise à SFR": "1",
        "Portabilité en cours": "1",
        "À corriger": "1",
        "Activée": None,
        "Refusée": None,
        "Annulée": None,
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_a_constant_number_of_queries(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        factories.request(State.IN_PROGRESS, rio=factories.rio_of("0612345678"))
        factories.request()
    client.get(QUEUE)
    with django_assert_num_queries(16):
        client.get(QUEUE)


def test_only_who_has_taken_it_sees_the_data_and_each_view_is_recorded(
    client: Client, operator: User
) -> None:
    born = "1985-12-04"
    request = factories.request(rio="02P7PG9G9U+1", birth_date=born)
    factories.request(birth_date=born)
    assert "Zébulonne" not in client.get(page(request)).content.decode()
    act(client, request, "prendre")
    for _ in range(2):
        text = client.get(page(request)).content.decode()
    for shown in (
        "Zébulonne",
        "Clémence",
        request.iccid,
        "04/12/1985",
        "59 – Nord",
        "02P7PG9G9U+1",
    ):
        assert shown in text
    assert "porte le même nom et la même date de naissance." in text
    assert "Ce numéro est déjà chez SFR." in text
    other = logged_in(factories.operator()).get(page(request)).content.decode()
    assert ("Zébulonne" in other, request.iccid in other) == (False, False)
    rows = AuditEntry.objects.filter(action="activation.revealed", target_id=str(request.pk))
    assert [row.by for row in rows] == [operator, operator]


@pytest.mark.parametrize(
    ("origin", "names"),
    [
        (State.SUBMITTED, ["prendre"]),
        (
            State.IN_PROGRESS,
            ["activer", "transmettre", "corriger", "refuser", "relacher", "confier"],
        ),
        (State.TRANSMITTED, ["activer", "portabilite", "corriger", "refuser", "confier"]),
        (State.PORTING, ["activer", "refuser", "confier"]),
        (State.TO_CORRECT, []),
        (State.ACTIVATED, []),
        (State.REFUSED, []),
        (State.CANCELLED, []),
    ],
)
def test_the_page_offers_the_moves_of_the_table(
    client: Client, operator: User, origin: State, names: list[str]
) -> None:
    request = factories.request(origin, taken_by=operator)
    actions = client.get(page(request)).context["actions"]
    assert [item["name"] for item in actions] == names


@pytest.mark.parametrize(
    ("name", "typed", "after"),
    [
        ("activer", {"line_number": "07 55 66 77 88"}, State.ACTIVATED),
        ("transmettre", {}, State.TRANSMITTED),
        ("corriger", {"reason": "Nom illisible"}, State.TO_CORRECT),
        ("refuser", {"reason": "Carte volée"}, State.REFUSED),
        ("relacher", {}, State.SUBMITTED),
    ],
)
def test_each_button_moves_the_request(
    client: Client, operator: User, name: str, typed: dict[str, str], after: State
) -> None:
    request = factories.request(State.IN_PROGRESS, taken_by=operator)
    act(client, request, name, **typed)
    row = ActivationRequest.objects.get()
    line = "+33755667788" if after is State.ACTIVATED else ""
    assert (row.state, row.line_number, row.reason) == (after, line, typed.get("reason", ""))


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("activer", {"line_number": "0123"}, "Il manque 6 chiffres"),
        ("activer", {}, "Indiquez le numéro de la ligne activée."),
        ("corriger", {"reason": " "}, "la structure en a besoin."),
        ("refuser", {}, "la structure en a besoin."),
    ],
)
def test_a_wrong_form_is_shown_again_and_moves_nothing(
    client: Client, operator: User, name: str, typed: dict[str, str], words: str
) -> None:
    request = factories.request(State.IN_PROGRESS, taken_by=operator)
    response = act(client, request, name, **typed)
    assert words in response.content.decode()  # type: ignore[attr-defined]
    assert ActivationRequest.objects.get().state == State.IN_PROGRESS


def test_a_request_taken_by_somebody_else_is_said_to_be(client: Client) -> None:
    holder = factories.operator(first_name="Autre", last_name="Opérateur")
    request = factories.request(State.IN_PROGRESS, taken_by=holder)
    act(client, request, "prendre")
    text = client.get(page(request)).content.decode()
    assert "cette demande est en cours, prise par Autre Opérateur." in text
    assert ActivationRequest.objects.get().taken_by == holder


def test_an_action_read_by_get_leads_back_and_an_unknown_one_is_not_found(client: Client) -> None:
    request = factories.request()
    address = reverse("activations:action", args=[request.uuid, "prendre"])
    assert client.get(address)["Location"] == page(request)
    assert act(client, request, "vendre").status_code == 404  # type: ignore[attr-defined]
    assert ActivationRequest.objects.get().state == State.SUBMITTED


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.REFERENT, True), (Role.ADMINISTRATOR, True), (Role.OPERATOR, False)]
)
def test_delays_are_set_by_referents_and_administrators(role: Role, sees: bool) -> None:
    address = reverse("wagtailsettings:edit", args=["activation", "activationsettings"])
    page = logged_in(factories.user(role)).get(address, follow=True).content.decode()
    assert ("Traitement de la demande" in page) == sees
