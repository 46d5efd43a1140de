"""Many activations by file: sent whole, once, or not at all; seen by its sender alone."""

import threading
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activation import services as one_by_one
from activation.models import ActivationRequest, RequestSheet
from activation.sheets import services
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from tests.activation import factories
from tests.activation.sheets import UPLOAD, csv_of, deposit, file, line, path, rows, xlsx_of
from tests.activation.test_activation_pages import logged_in
from tests.activation.test_activation_privacy import columns, logs

__all__ = ("logs",)


def said(response: Any) -> list[str]:
    """Return the sentences that the next page shows."""
    return [str(one) for one in get_messages(response.wsgi_request)]


@pytest.mark.django_db
def test_a_right_file_is_sent_whole_and_once() -> None:
    structure = factories.structure()
    client = logged_in(factories.member(structure))
    lines = [line(), line(language="es")]
    sheet = deposit(client, xlsx_of(rows(*lines)))

    first = client.post(path(sheet, "envoyer/"))
    again = client.post(path(sheet, "envoyer/"))

    assert [answer["Location"] for answer in (first, again)] == ["/activation-sim/suivi/"] * 2
    assert said(first) == ["Vos 2 demandes sont envoyées."]
    sent = ActivationRequest.objects.filter(structure=structure).order_by("pk")
    assert [(row.iccid, row.language) for row in sent] == [
        (lines[0]["iccid"], "fr"),
        (lines[1]["iccid"], "es"),
    ]
    assert [row.events.count() for row in sent] == [1, 1]
    assert AuditEntry.objects.filter(action="activation.submitted").count() == 2
    sheet.refresh_from_db()
    assert (sheet.content, sheet.sent_at is None) == ("", False)


@pytest.mark.django_db
def test_the_preview_of_a_sent_file_leads_to_the_follow_up() -> None:
    client = logged_in(factories.member(factories.structure()))
    sheet = deposit(client, csv_of(rows(line())))
    client.post(path(sheet, "envoyer/"))
    assert client.get(path(sheet))["Location"] == "/activation-sim/suivi/"


@pytest.mark.django_db
def test_one_wrong_line_keeps_all_from_leaving() -> None:
    client = logged_in(factories.member(factories.structure()))
    sheet = deposit(client, csv_of(rows(line(), line(last_name=""))))

    answer = client.post(path(sheet, "envoyer/"))
    assert (answer["Location"], ActivationRequest.objects.count()) == (path(sheet), 0)
    assert said(answer)[0].startswith("Rien n’est envoyé")
    assert "Envoyer les" not in client.get(path(sheet)).content.decode()


@pytest.mark.django_db
def test_a_card_that_a_colleague_used_meanwhile_is_shown_and_nothing_leaves() -> None:
    structure = factories.structure()
    client = logged_in(factories.member(structure))
    taken = line()
    sheet = deposit(client, csv_of(rows(line(), taken)))
    factories.request(within=structure, iccid=taken["iccid"])

    answer = client.post(path(sheet, "envoyer/"), follow=True)
    assert [one.number for one in answer.context["wrong"]] == [3]
    assert ActivationRequest.objects.count() == 1


@pytest.mark.django_db
def test_two_hundred_requests_cost_as_many_queries_as_two() -> None:
    counts = []
    for number in (2, 200):
        structure = factories.structure()
        by = factories.member(structure)
        lines = [line() for _ in range(number)]
        sheet = services.deposit(file(csv_of(rows(*lines))), by=by, structure=structure)
        with CaptureQueriesContext(connection) as queries:
            assert services.send(sheet, by=by) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_structure_that_is_not_active_sends_nothing() -> None:
    structure = factories.structure()
    client = logged_in(factories.member(structure))
    sheet = deposit(client, csv_of(rows(line())))
    Structure.objects.filter(pk=structure.pk).update(state=Structure.State.SUSPENDED)

    refused = client.post(path(sheet, "envoyer/"))
    again = client.post(UPLOAD, {"file": file(csv_of(rows(line())))})

    assert said(refused)[0].startswith("Le compte de votre structure n’est pas actif")
    assert "n’est pas actif" in again.context["form"].errors["file"][0]
    assert (ActivationRequest.objects.count(), RequestSheet.objects.count()) == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["", "envoyer/", "abandonner/"])
def test_a_colleague_and_another_structure_do_not_see_the_file(end: str) -> None:
    structure = factories.structure()
    sheet = deposit(logged_in(factories.member(structure)), csv_of(rows(line())))
    others = [factories.member(structure), factories.member(factories.structure())]

    asked = [logged_in(one) for one in others]
    answers = [
        client.post(path(sheet, end)) if end else client.get(path(sheet)) for client in asked
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert RequestSheet.objects.get().sent_at is None


@pytest.mark.django_db
def test_an_abandoned_file_is_forgotten_and_a_new_one_replaces_it() -> None:
    client = logged_in(factories.member(factories.structure()))
    first = deposit(client, csv_of(rows(line())))
    second = deposit(client, csv_of(rows(line())))
    assert [one.pk for one in RequestSheet.objects.all()] == [second.pk]
    assert client.get(path(first)).status_code == 404

    client.post(path(second, "abandonner/"))
    assert RequestSheet.objects.count() == 0
    assert client.post(path(second, "envoyer/")).status_code == 404


@pytest.mark.django_db
def test_what_the_file_says_is_in_no_table_nor_log_in_clear(logs: Any) -> None:
    client = logged_in(factories.member(factories.structure()))
    told = {
        "last_name": "Canarinette",
        "first_name": "Plumejaune",
        "birth_department": "99",
        "birth_country": "Volièrie",
        "birth_date": "04/12/1985",
        "contact_phone": "07 55 66 77 88",
    }
    wrong = line(**told, identity_checked="")
    sheet = deposit(client, csv_of(rows(wrong)))
    client.get(path(sheet))
    client.post(path(sheet, "envoyer/"))
    right = deposit(client, csv_of(rows(line(**told))))
    found = {"sheet": columns("activation_requestsheet")}
    client.post(path(right, "envoyer/"))

    assert ActivationRequest.objects.get().last_name == "Canarinette"
    tables = ("activation_requestsheet", "activation_activationrequest", "privacy_auditentry")
    found |= {name: columns(name) for name in (*tables, "django_session", "outbox_outboxmessage")}
    found["logs"] = logs.getvalue()
    secrets = ["Canarinette", "Plumejaune", "Volièrie", "04/12/1985", "1985-12-04", "755667788"]
    secrets += [wrong["iccid"], ActivationRequest.objects.get().iccid, "07 55 66 77 88"]
    assert "activation-sim/fichier/" in found["logs"]
    assert {
        place: hits
        for place, text in found.items()
        if (hits := [secret for secret in secrets if secret in text])
    } == {}


def at_once(*acts: Any) -> list[Any]:
    """Run each act in a thread, all at the same moment; return what they return or raise."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        try:
            start.wait(timeout=20)
            outcomes[place] = acts[place]()
        except Exception as error:  # noqa: BLE001  (the test looks at it)
            outcomes[place] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_send_the_file_once() -> None:
    structure = factories.structure()
    by = factories.member(structure)
    lines = [line() for _ in range(20)]
    sheet = services.deposit(file(csv_of(rows(*lines))), by=by, structure=structure)

    sent = at_once(*[lambda: services.send(sheet, by=by)] * 4)
    assert sorted(sent) == [0, 0, 0, 20]
    assert ActivationRequest.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_card_sent_at_the_same_moment_by_a_colleague_stops_the_whole_file() -> None:
    structure = factories.structure()
    by, colleague = factories.member(structure), factories.member(structure)
    for _ in range(5):
        lines = [line() for _ in range(20)]
        sheet = services.deposit(file(csv_of(rows(*lines))), by=by, structure=structure)
        single = factories.application(iccid=lines[-1]["iccid"])
        key = uuid.uuid4()
        before = ActivationRequest.objects.count()

        def alone(application: Any = single, key: uuid.UUID = key) -> Any:
            return one_by_one.submit(application, by=colleague, structure=structure, key=key).pk

        many, alone_sent = at_once(lambda sheet=sheet: services.send(sheet, by=by), alone)
        whole = ActivationRequest.objects.count() - before
        assert (many, alone_sent, whole) in (
            (20, one_by_one.CardAlreadyUsed, 20),
            (services.SheetRefused, alone_sent, 1),
        )
        assert RequestSheet.objects.get(pk=sheet.pk).sent_at is None or whole == 20


@pytest.mark.django_db(transaction=True)
def test_two_files_with_one_card_in_common_are_never_both_sent() -> None:
    structure = factories.structure()
    members = [factories.member(structure) for _ in range(2)]
    shared = factories.card()
    sheets = [
        services.deposit(
            file(csv_of(rows(line(), line(iccid=shared)))), by=one, structure=structure
        )
        for one in members
    ]
    sent = at_once(
        *(
            lambda sheet=sheet, by=by: services.send(sheet, by=by)
            for sheet, by in zip(sheets, members, strict=True)
        )
    )
    assert sorted(map(str, sent)) == ["2", str(services.SheetRefused)]
    assert ActivationRequest.objects.count() == 2


@pytest.mark.django_db
def test_a_model_of_another_format_does_not_exist() -> None:
    client: Client = logged_in(factories.member(factories.structure()))
    assert client.get(f"{UPLOAD}modele.pdf").status_code == 404
