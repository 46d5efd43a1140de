"""The operators' queue: filters, flags, taking, and the part that an open page asks for."""

import datetime as dt
import time
import uuid

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from activation import operators
from activation.backoffice import asked, listing, pulse
from activation.models import ActivationRequest, MessageTask
from activation.states import State
from portal.accounts.middleware import SEEN
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.ui.errors import NotAllowed
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
QUEUE, LIVE = reverse("activations:index"), reverse("activations:live")
TAKE, NEXT = reverse("activations:take"), reverse("activations:next")


@pytest.fixture
def operator() -> User:
    return factories.operator(first_name="Jeanne", last_name="Martin")


@pytest.fixture
def client(operator: User) -> Client:
    return logged_in(operator)


def listed(client: Client, **query: str) -> list[ActivationRequest]:
    return [row.request for row in client.get(QUEUE, query).context["rows"]]


def states() -> list[str]:
    return list(ActivationRequest.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("emmaus", ["Emmaüs Défi"]),
        ("CCAS", ["CCAS de Lille", "CCAS de Nîmes"]),
        ("nimes ccas", ["CCAS de Nîmes"]),
        ("personne", []),
        (".", []),
    ],
)
def test_a_structure_is_found_by_words_of_its_name(
    client: Client, typed: str, names: list[str]
) -> None:
    for name in ("Emmaüs Défi", "CCAS de Lille", "CCAS de Nîmes"):
        factories.request(within=factories.structure(name=name))
    assert sorted(one.structure.name for one in listed(client, structure=typed)) == names


def test_a_name_that_too_many_structures_bear_is_to_be_made_precise(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "MOST_STRUCTURES", 1)
    for name in ("CCAS de Lille", "CCAS de Nîmes"):
        factories.request(within=factories.structure(name=name))
    page = client.get(QUEUE, {"structure": "ccas"}).content.decode()
    assert page.count("Précisez-le, par exemple avec la ville.") == 1
    assert listed(client, structure="ccas") == []


def test_requests_are_kept_by_who_has_taken_them(client: Client, operator: User) -> None:
    free, mine = factories.request(), factories.request(State.IN_PROGRESS, taken_by=operator)
    theirs, sent = factories.request(State.IN_PROGRESS), factories.request(State.TRANSMITTED)
    assert listed(client, taken="nobody") == [free]
    assert listed(client, taken="me") == [mine]
    assert listed(client, taken="nobody", state="in_progress") == []
    assert set(listed(client, taken="n’importe qui")) == {free, mine, theirs, sent}


def test_closed_requests_are_listed_last_first(client: Client) -> None:
    made = []
    for day in range(3):
        with time_machine.travel(dt.datetime(2026, 11, 2 + day, 9, tzinfo=dt.UTC), tick=False):
            made.append(factories.request(State.REFUSED))
    assert listed(client, state="refused") == made[::-1]


def test_the_links_keep_the_filters(client: Client) -> None:
    factories.request(within=factories.structure(name="CCAS de Lille"))
    response = client.get(QUEUE, {"structure": "lille", "taken": "nobody"})
    hrefs = {chip["label"]: chip["href"] for chip in response.context["chips"]}
    assert hrefs["Soumise"] == "?state=submitted&taken=nobody&structure=lille"
    assert response.content.decode().count("/?taken=nobody&amp;structure=lille") == 5


def test_rows_say_what_the_checks_found(client: Client) -> None:
    born = "1985-12-04"
    first = factories.request(birth_date=born, iccid_insisted=True)
    used = factories.request(State.REFUSED)
    again = factories.request(iccid=used.iccid, rio="02P7PG9G9U+1")
    twin = factories.request(birth_date=born)
    rows = client.get(QUEUE).context["rows"]
    flags = {row.request: [(flag.label, flag.blocks) for flag in row.flags] for row in rows}
    stranger = ("Carte non livrée", False)
    assert flags == {
        first: [("Chiffre faux", True), ("Même personne", True), stranger],
        again: [("Carte déjà demandée", False), stranger, ("Déjà chez SFR", False)],
        twin: [("Même personne", True), stranger],
    }


def test_what_is_late_is_counted_in_the_page_and_its_title(client: Client) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC), tick=False):
        for state in (State.SUBMITTED, State.IN_PROGRESS, State.TO_CORRECT, State.REFUSED):
            factories.request(state)
    factories.request()
    with time_machine.travel(dt.datetime(2026, 11, 17, 10, tzinfo=dt.UTC), tick=False):
        page = client.get(QUEUE).content.decode()
    assert page.count("<title>2 en retard – Activations SIM - L’Espace Recharges</title>") == 1
    assert page.count('<span class="activation-late">2 en retard</span>') == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_live_part_costs_a_constant_number_of_queries(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        task(factories.request(State.IN_PROGRESS, rio=factories.rio_of("0612345678")))
    client.get(LIVE)
    with django_assert_num_queries(13):
        client.get(LIVE)


def task(of: ActivationRequest, channel: str = "sms") -> MessageTask:
    return MessageTask.objects.create(request=of, channel=channel, message=uuid.uuid4())


def test_messages_not_delivered_stand_above_the_queue_until_somebody_acted(
    client: Client, operator: User
) -> None:
    request = factories.request(State.ACTIVATED)
    for _ in range(listing.TASKS_SHOWN + 1):
        waiting = task(request)
    page = client.get(QUEUE).content.decode()
    assert page.count(f"SMS de la demande {request.reference}") == listing.TASKS_SHOWN
    assert page.count(f"Messages à suivre&nbsp;: {listing.TASKS_SHOWN + 1}") == 1
    MessageTask.objects.exclude(pk=waiting.pk).delete()
    address = reverse("activations:action", args=[request.uuid, "message"])
    client.post(address, {"task": waiting.pk, "note": "Structure appelée"})
    assert "Messages à suivre" not in client.get(QUEUE).content.decode()


def test_pages_end_where_filters_begin(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 1)
    monkeypatch.setattr(listing, "MOST_PAGES", 2)
    made = [factories.request() for _ in range(3)]
    page = client.get(QUEUE, {"p": "9"}).content.decode()
    assert page.count("Page 2 sur 2") == 1
    assert page.count("Seules les 2 premières demandes sont listées.") == 1
    assert listed(client, p="2") == [made[1]]


def test_counts_stop_at_a_ceiling(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        factories.request()
    monkeypatch.setattr(pulse, "CEILING", 2)
    monkeypatch.setattr(pulse, "_SQL", pulse._sql())
    chips = client.get(QUEUE).context["chips"]
    assert [chip["count"] for chip in chips[:3]] == ["plus de 2", "plus de 2", "0"]


def test_an_open_page_is_told_of_requests_sent_since(client: Client, operator: User) -> None:
    factories.request()
    newest = client.get(QUEUE).context["pulse"].newest
    assert client.get(LIVE, {"depuis": newest}).context["arrived"] == ""
    factories.request()
    taken = factories.request(State.IN_PROGRESS, taken_by=operator)
    assert client.get(LIVE, {"depuis": newest}).context["arrived"] == "2 nouvelles demandes"
    newest = client.get(QUEUE).context["pulse"].newest
    client.post(reverse("activations:action", args=[taken.uuid, "relacher"]))
    assert client.get(LIVE, {"depuis": newest}).context["arrived"] == ""
    assert client.get(LIVE, {"depuis": "x" * 30}).status_code == 200


def test_an_open_page_does_not_prolong_the_session(client: Client) -> None:
    client.get(QUEUE)
    before = client.session[SEEN]
    with time_machine.travel(time.time() + 120):
        client.get(LIVE)
        assert client.session[SEEN] == before
        client.get(QUEUE)
        assert client.session[SEEN] > before
    with time_machine.travel(time.time() + 3600):
        assert client.get(LIVE)["Location"].startswith("/connexion/?fin=1") is True


def test_one_or_several_are_taken_from_the_list_which_stays(client: Client, operator: User) -> None:
    made = [factories.request() for _ in range(4)]
    here = "?portability=false&p=2"
    response = client.post(TAKE + here, {"seule": made[0].uuid, "demande": [made[3].uuid]})
    assert response["Location"] == QUEUE + here
    page = client.get(QUEUE).content.decode()
    assert f"Vous avez pris la demande {made[0].reference}." in page
    client.post(TAKE, {"demande": [made[1].uuid, made[2].uuid, "rien", uuid.uuid4()]})
    assert "Vous avez pris 2 demandes." in client.get(QUEUE).content.decode()
    assert states() == ["in_progress"] * 3 + ["submitted"]
    assert ActivationRequest.objects.filter(taken_by=operator).count() == 3


def test_what_somebody_else_took_meanwhile_is_said(client: Client) -> None:
    gone, free = factories.request(State.IN_PROGRESS), factories.request()
    page = client.post(TAKE, {"demande": [gone.uuid, free.uuid]}, follow=True).content.decode()
    assert "Vous avez pris 1 demande. 1 demande n’était plus libre." in page
    response = client.post(TAKE, {"seule": gone.uuid}, headers={"HX-Request": "true"})
    assert (response.context["wrong"], response.status_code) == (True, 200)
    assert "cette demande est en cours, prise par" in response.context["said"]
    page = client.post(TAKE, follow=True).content.decode()
    assert "Cochez d’abord les demandes à prendre." in page


def test_the_next_one_is_the_most_urgent_free_one_of_the_filters(
    client: Client, operator: User
) -> None:
    factories.request(State.IN_PROGRESS)
    first, kept = factories.request(), factories.request(rio=factories.rio_of("0612345678"))
    response = client.post(f"{NEXT}?portability=true&state=activated")
    here = "?state=activated&portability=true"
    assert response["Location"] == reverse("activations:detail", args=[kept.uuid]) + here
    assert client.post(NEXT)["Location"] == reverse("activations:detail", args=[first.uuid])
    page = client.post(NEXT, follow=True).content.decode()
    assert "Aucune demande n’est libre pour le moment." in page
    assert states() == ["in_progress"] * 3


def test_only_operators_take_the_next_one() -> None:
    factories.request()
    with pytest.raises(NotAllowed):
        operators.take_next(by=factories.user(Role.ADMINISTRATOR))
    assert states() == ["submitted"]


@pytest.mark.parametrize("address", [TAKE, NEXT])
def test_administrators_look_and_take_nothing(address: str) -> None:
    request = factories.request()
    client = logged_in(factories.user(Role.ADMINISTRATOR))
    page = client.get(QUEUE).content.decode()
    assert (request.reference in page, "Prendre" in page) == (True, False)
    assert client.post(address, {"seule": request.uuid})["Location"] == "/gestion/"
    assert states() == ["submitted"]
