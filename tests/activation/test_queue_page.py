"""The page of a request: checks and their override, reasons, colleagues, messages, its place."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from activation import services, tasks_of_messages
from activation.models import ActivationRequest, CheckOverride, MessageTask, Reason
from activation.models.follow_up import Check
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
BLOCKED = "Tant que ce contrôle n’est pas levé, la demande ne peut pas partir chez SFR."


@pytest.fixture
def operator() -> User:
    return factories.operator(first_name="Jeanne", last_name="Martin")


@pytest.fixture
def client(operator: User) -> Client:
    return logged_in(operator)


def page(request: ActivationRequest) -> str:
    return reverse("activations:detail", args=[request.uuid])


def shown(client: Client, request: ActivationRequest, query: str = "") -> str:
    return client.get(page(request) + query).content.decode()


def act(client: Client, request: ActivationRequest, name: str, **typed: object) -> str:
    address = reverse("activations:action", args=[request.uuid, name])
    return client.post(address, typed, follow=True).content.decode()


def state_of(request: ActivationRequest) -> str:
    return ActivationRequest.objects.get(pk=request.pk).state


def twins(operator: User) -> tuple[ActivationRequest, ActivationRequest]:
    held = factories.request(State.IN_PROGRESS, taken_by=operator, birth_date="1985-12-04")
    return held, factories.request(birth_date="1985-12-04")


def test_a_blocking_check_is_lifted_with_a_reason_before_the_request_leaves(
    client: Client, operator: User
) -> None:
    request, other = twins(operator)
    text = shown(client, request)
    named = f'Voir&nbsp;: <a href="{page(other)}">{other.reference}</a> (Soumise).'
    assert (text.count(BLOCKED), text.count(named)) == (1, 1)
    assert "Levez ce contrôle, avec un motif, avant de" in act(client, request, "transmettre")
    assert state_of(request) == State.IN_PROGRESS
    typed = {"check_code": Check.SAME_PERSON.value, "reason": "Deux lignes, vu avec la structure"}
    text = act(client, request, "lever", **typed)
    assert (text.count(BLOCKED), text.count("Deux lignes, vu avec la structure")) == (0, 1)
    assert "par Jeanne Martin&nbsp;: Deux lignes" in text
    act(client, request, "transmettre")
    assert state_of(request) == State.TRANSMITTED
    audited = AuditEntry.objects.get(action="activation.overridden")
    assert (audited.by, audited.details) == (operator, {"check": "same_person"})


def test_a_check_is_not_lifted_without_a_reason(client: Client, operator: User) -> None:
    request, _ = twins(operator)
    text = act(client, request, "lever", check_code=Check.SAME_PERSON.value, reason=" ")
    assert text.count("Indiquez pourquoi vous levez ce contrôle") == 1
    text = act(client, request, "lever", check_code=Check.SAME_CARD.value, reason="Pour voir")
    assert "ce contrôle ne trouve plus rien à redire." in text
    assert CheckOverride.objects.count() == 0


def test_only_the_holder_lifts_a_check_and_is_led_to_the_other_requests(client: Client) -> None:
    request, _ = twins(factories.operator())
    text = shown(client, request)
    assert (text.count(BLOCKED), text.count("/lever/"), text.count("Voir&nbsp;:")) == (1, 0, 0)
    act(client, request, "lever", check_code=Check.SAME_PERSON.value, reason="Pour voir")
    assert CheckOverride.objects.count() == 0


def test_a_closed_request_says_which_checks_were_lifted(client: Client, operator: User) -> None:
    request, _ = twins(operator)
    act(client, request, "lever", check_code=Check.SAME_PERSON.value, reason="Homonymes")
    act(client, request, "refuser", reason="Trop tard")
    text = shown(client, request)
    assert (text.count("Homonymes"), text.count("Carte non livrée")) == (1, 0)


@pytest.mark.parametrize(
    ("listed", "typed", "read"),
    [
        (True, "", "Recopiez les 20 chiffres."),
        (True, "Autre phrase", "Autre phrase"),
        (False, "Autre phrase", "Autre phrase"),
        (False, " ", ""),
    ],
)
def test_the_structure_reads_the_chosen_reason_or_what_was_written(
    client: Client, operator: User, listed: bool, typed: str, read: str
) -> None:
    reason = Reason.objects.create(
        kind=Reason.Kind.TO_CORRECT, label="Carte floue", text="Recopiez les 20 chiffres."
    )
    request = factories.request(State.IN_PROGRESS, taken_by=operator)
    act(client, request, "corriger", choice=str(reason.pk) if listed else "", reason=typed)
    row = ActivationRequest.objects.get()
    assert (row.reason, row.state) == (read, State.TO_CORRECT if read else State.IN_PROGRESS)


def test_only_reasons_of_the_kind_that_are_in_use_are_proposed(
    client: Client, operator: User
) -> None:
    old = Reason.objects.create(kind="refused", label="Ancien motif", text="x", is_active=False)
    request = factories.request(State.IN_PROGRESS, taken_by=operator)
    actions = {item["name"]: item for item in client.get(page(request)).context["actions"]}
    labels = [label for _, label in actions["refuser"]["form"].fields["choice"].choices]
    in_use = Reason.objects.filter(kind="refused", is_active=True)
    assert labels == ["Autre", *in_use.values_list("label", flat=True)]
    text = act(client, request, "refuser", choice=str(old.pk), reason="")
    assert (text.count("Sélectionnez un choix valide"), state_of(request)) == (1, "in_progress")


def test_a_request_is_handed_to_a_colleague_whoever_holds_it(client: Client) -> None:
    absent = factories.operator(first_name="Absent", last_name="Opérateur")
    present = factories.operator(first_name="Autre", last_name="Opératrice")
    gone = factories.operator(is_active=False)
    request = factories.request(State.TRANSMITTED, taken_by=absent)
    text = act(client, request, "confier", to=present.pk)
    assert "La demande est confiée à votre collègue." in text
    assert "Demande confiée à un autre opérateur" in text
    for nobody in (gone, factories.user(Role.REFERENT)):
        text = act(client, request, "confier", to=nobody.pk)
        assert text.count("Cette personne ne traite pas les demandes.") == 1
    row = ActivationRequest.objects.get()
    assert (row.taken_by, row.state) == (present, State.TRANSMITTED)


def test_any_operator_records_an_answer_of_sfr(client: Client) -> None:
    request = factories.request(State.TRANSMITTED)
    names = [item["name"] for item in client.get(page(request)).context["actions"]]
    assert names == ["activer", "portabilite", "corriger", "refuser", "confier"]
    act(client, request, "portabilite")
    assert state_of(request) == State.PORTING


@pytest.mark.parametrize(
    ("channel", "words"),
    [("sms", "Le SMS n’a pas pu être remis au bénéficiaire."), ("email", "à la structure.")],
)
def test_a_message_not_delivered_is_dealt_with_and_said_how(
    client: Client, operator: User, channel: str, words: str
) -> None:
    request = factories.request(State.ACTIVATED)
    task = MessageTask.objects.create(request=request, channel=channel, message=uuid.uuid4())
    assert shown(client, request).count(words) == 1
    text = act(client, request, "message", task=task.pk, note="")
    assert text.count("Indiquez ce que vous avez fait") == 1
    for note in ("Structure appelée", "Une seconde fois"):
        text = act(client, request, "message", task=task.pk, note=note)
    assert "par Jeanne Martin&nbsp;: Structure appelée" in text
    task.refresh_from_db()
    assert (task.done_by, task.note) == (operator, "Structure appelée")
    assert AuditEntry.objects.filter(action="activation.message_done").count() == 1


def test_a_message_of_another_request_is_not_dealt_with_from_here(client: Client) -> None:
    there = factories.request(State.ACTIVATED)
    task = MessageTask.objects.create(request=there, channel="sms", message=uuid.uuid4())
    act(client, factories.request(), "message", task=task.pk, note="Structure appelée")
    task.refresh_from_db()
    assert task.done_at is None


def test_only_an_operator_closes_a_task() -> None:
    request = factories.request(State.ACTIVATED)
    task = MessageTask.objects.create(request=request, channel="sms", message=uuid.uuid4())
    with pytest.raises(NotAllowed):
        tasks_of_messages.close_task(task, by=factories.user(Role.ADMINISTRATOR), note="Vu")
    with pytest.raises(tasks_of_messages.TaskRefused):
        tasks_of_messages.close_task(task, by=factories.operator(), note=" ")


def test_the_page_leads_to_its_neighbours_in_the_queue(client: Client, operator: User) -> None:
    kept = factories.structure(name="CCAS de Lille")
    first, other, second, third = (
        factories.request(within=within) for within in (kept, None, kept, kept)
    )

    def around(request: ActivationRequest, query: str = "") -> dict[str, str]:
        found = client.get(page(request) + query).context["neighbours"]
        return {one["key"]: one["href"] for one in found}

    assert around(second) == {"k": page(other), "j": page(third)}
    query = "?structure=lille"
    assert around(second, query) == {"k": page(first) + query, "j": page(third) + query}
    assert around(first, query) == {"j": page(second) + query}
    services.take(second, by=operator)
    act(client, second, "refuser", reason="Carte volée")
    assert around(second) == {"k": page(other), "j": page(third)}
    query = "?state=refused"
    services.take(third, by=operator)
    act(client, third, "refuser", reason="Carte volée")
    assert around(third, query) == {"j": page(second) + query}


def test_each_datum_is_copied_as_the_tool_of_sfr_wants_it(client: Client, operator: User) -> None:
    request = factories.request(State.IN_PROGRESS, taken_by=operator, rio="02P7PG9G9U+1")
    facts = client.get(page(request)).context["facts"]
    assert {one.label: one.copied for one in facts} == {
        "Numéro de série (ICCID)": request.iccid,
        "Civilité": "Madame",
        "Nom": "Zébulonne",
        "Prénom": "Clémence",
        "Date de naissance": "/".join(reversed(request.birth_date.split("-"))),
        "Département de naissance": "59",
        "Portable à prévenir": "0612345678",
        "Numéro à garder": "0612345678",
        "Code RIO": "02P7PG9G9U+1",
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_a_constant_number_of_queries(
    client: Client, operator: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        request, _ = twins(operator)
        MessageTask.objects.create(request=request, channel="sms", message=uuid.uuid4())
    client.get(page(request))
    with django_assert_num_queries(23):
        client.get(page(request))
