"""A person's data, at their request: found without a trace of their name, given, erased."""

import json
import re
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from activation import services
from activation.models import PERSONAL, ActivationRequest, Batch, PurgeProof, Transmission
from activation.models.follow_up import Check
from activation.privacy import anonymise, person
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import JournalEntry
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.privacy.services import record
from portal.ui.errors import NotAllowed
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
INDEX, EXPORT, ERASE = (f"personal_data:{name}" for name in ("index", "export", "erase"))
TYPED = {"way": "personne", "last_name": "ZEBULONNE", "first_name": "clemence"}


@pytest.fixture
def admin() -> User:
    return factories.user(Role.ADMINISTRATOR)


@pytest.fixture
def desk(admin: User) -> Client:
    return logged_in(admin)


def references(answer: HttpResponse) -> list[str]:
    """Return the requests that a page offers to choose."""
    return re.findall(r'aria-label="Demande ([0-9A-F-]+)"', answer.content.decode())


def search(desk: Client, **typed: str) -> list[str]:
    answer = desk.post(reverse(INDEX), typed)
    assert answer.status_code == 200
    return references(answer)


def erase(desk: Client, *requests: ActivationRequest) -> str:
    """Erase, and return what the next page says."""
    sent = {"request": [str(one.uuid) for one in requests], "confirmed": "oui"}
    answer = desk.post(reverse(ERASE), sent, follow=True)
    return " ".join(str(one).strip() for one in answer.context["messages"])


def anonymised(request: ActivationRequest) -> bool:
    request = ActivationRequest.objects.get(pk=request.pk)
    assert bool(request.anonymised_at) == (
        {getattr(request, name) for name in PERSONAL} == {""} and not request.person_fingerprint
    )
    return request.anonymised_at is not None


# Finding.


def test_a_person_is_found_however_the_name_is_written(desk: Client) -> None:
    born = {"birth_date": "1985-12-04"}
    mine = [factories.request(**born), factories.request(State.REFUSED, **born)]
    factories.request(last_name="Autre", **born)
    factories.request(birth_date="1985-12-05")

    assert search(desk, **TYPED, birth_date="04/12/1985") == [
        one.reference for one in reversed(mine)
    ]


def test_a_card_is_found_as_it_is_read_even_after_it_was_anonymised(desk: Client) -> None:
    request = factories.request(State.CANCELLED)
    factories.request()
    typed = {"way": "carte", "iccid": re.sub("(....)", r"\1 ", request.iccid)}
    assert search(desk, **typed) == [request.reference]

    erase(desk, request)

    answer = desk.post(reverse(INDEX), typed)
    assert references(answer) == [request.reference]
    assert "anonymisées le" in answer.content.decode()
    assert search(desk, **TYPED, birth_date="04/12/1985") == []


def test_a_reference_finds_its_request(desk: Client) -> None:
    request = factories.request()
    factories.request()

    assert search(desk, way="reference", reference=request.reference.lower()) == [request.reference]


def test_an_insisted_card_is_found_too(desk: Client) -> None:
    card = factories.card()
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    request = factories.request(iccid=wrong, iccid_insisted=True)

    assert search(desk, way="carte", iccid=wrong) == [request.reference]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({**TYPED, "birth_date": "31/02/1985"}, "Cette date n’existe pas. Écrivez-la comme"),
        ({**TYPED, "birth_date": "04/12/2985"}, "La date de naissance doit être passée."),
        ({**TYPED, "birth_date": ""}, "Indiquez la date de naissance."),
        ({"way": "personne"}, "Indiquez le prénom."),
        ({"way": "carte", "iccid": "8933101234567890123"}, "Il manque 1 chiffre"),
        ({"way": "carte", "iccid": "89330159970000209012"}, "Cette carte est une carte Orange"),
        ({"way": "reference", "reference": "3F2A"}, "Une référence compte huit caractères"),
    ],
)
def test_what_is_wrong_is_said(desk: Client, typed: dict[str, str], sentence: str) -> None:
    answer = desk.post(reverse(INDEX), typed)

    assert (answer.status_code, sentence in answer.content.decode().replace("\xa0", " ")) == (
        422,
        True,
    )
    assert not AuditEntry.objects.filter(action="activation.person_searched").exists()


def test_a_search_is_recorded_without_the_name_and_leaves_nothing_in_the_address(
    desk: Client, admin: User
) -> None:
    factories.request(birth_date="1985-12-04")
    answer = desk.post(reverse(INDEX), {**TYPED, "birth_date": "04/12/1985"})

    entry = AuditEntry.objects.get(action="activation.person_searched")
    assert (entry.by, entry.target_id) == (admin, str(admin.pk))
    assert entry.details == {"by_what": "person"}
    page = answer.content.decode()
    assert re.findall(r'(?:href|action)="[^"]*(?:ebulonne|1985)[^"]*"', page, re.IGNORECASE) == []
    assert "no-store" in answer["Cache-Control"]
    assert '<form method="get"' not in page.split("main_content")[-1]


def test_the_list_costs_the_same_for_one_and_for_many(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    costs = []
    desk.get(reverse(INDEX))  # sites and permissions are known from here on
    for _ in range(2):
        for _ in range(3):
            factories.request(State.CANCELLED, birth_date="1985-12-04")
        with django_assert_max_num_queries(60) as counted:
            search(desk, **TYPED, birth_date="04/12/1985")
        costs.append(len(counted))
    assert costs[0] == costs[1]


# Giving.


def full() -> ActivationRequest:
    """Return a request that everything happened to."""
    operator = factories.operator(first_name="Olga", last_name="Opérante")
    request = factories.request(
        State.IN_PROGRESS,
        taken_by=operator,
        birth_department="99",
        birth_country="Mali",
        rio=factories.rio_of("0612345678"),
        iccid_insisted=True,
    )
    services.reveal(request, by=operator, why="processing")
    services.override(request, Check.CHECK_DIGIT, by=operator, reason="Carte relue par Clémence")
    services.activate(request, by=operator, line_number="+33755667788")
    batch = Batch.objects.create(gateway="file", created_by=operator, key=uuid.uuid4())
    Transmission.objects.create(batch=batch, request=request, position=1)
    record(by=operator, action="activation.batch_made", target=batch, requests=1)
    deliver_due()
    return ActivationRequest.objects.get(pk=request.pk)


def test_the_file_holds_everything(desk: Client, admin: User) -> None:
    request = full()
    answer = desk.post(reverse(EXPORT), {"request": str(request.uuid), "format": "json"})

    assert answer["Content-Type"] == "application/json"
    assert re.fullmatch(
        r'attachment; filename="donnees-personnelles-\d{4}-\d\d-\d\d\.json"',
        answer["Content-Disposition"],
    )
    assert "no-store" in answer["Cache-Control"]
    (held,) = json.loads(answer.content)["demandes"]
    assert held["reference"] == request.reference
    data = held["donnees"]
    assert (data["nom"], data["prenom"], data["pays_de_naissance"]) == (
        "Zébulonne",
        "Clémence",
        "Mali",
    )
    assert data["date_de_naissance"] == request.birth_date
    assert data["numero_de_serie_iccid"] == request.iccid
    assert (data["code_rio"], data["numero_de_la_ligne"]) == (
        request.rio,
        "07\xa055\xa066\xa077\xa088",
    )
    assert [step["vers"] for step in held["etapes"]] == ["Soumise", "En cours", "Activée"]
    assert held["controles_leves"][0]["motif"] == "Carte relue par Clémence"
    sms = next(one for one in held["messages"] if one["canal"] == "SMS")
    assert (sms["destinataire"], "07 55 66 77 88" in sms["texte"]) == ("+33612345678", True)
    assert held["echanges_avec_sfr"][0]["par"] == "Fichier"
    acts = [(one["acte"], one["par"]) for one in held["consultations_et_actes"]]
    assert ("Données affichées", "Olga Opérante") in acts
    assert ("Lot transmis à SFR", "Olga Opérante") in acts
    entry = AuditEntry.objects.get(action="activation.person_exported")
    assert (entry.by, entry.target_id, entry.details) == (admin, str(request.pk), {})


def test_the_page_to_print_says_the_same(desk: Client) -> None:
    request = full()
    answer = desk.post(reverse(EXPORT), {"request": str(request.uuid), "format": "page"})

    page = answer.content.decode().replace("\xa0", " ")
    wanted = ("Zébulonne", "Mali", request.iccid, request.rio, "07 55 66 77 88", "Olga Opérante")
    wanted += ("Carte relue par Clémence", "Le carnet de remise ne contient aucun nom")
    assert [one for one in wanted if one not in page] == []
    assert "no-store" in answer["Cache-Control"]


def test_who_exported_before_is_in_the_next_export(desk: Client) -> None:
    request = factories.request()
    for _ in range(2):
        answer = desk.post(reverse(EXPORT), {"request": str(request.uuid), "format": "json"})
    (held,) = json.loads(answer.content)["demandes"]
    acts = [one["acte"] for one in held["consultations_et_actes"]]
    assert acts == ["Passage à «\xa0Soumise\xa0»", "Données exportées"]


def test_the_export_costs_the_same_for_one_and_for_many(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    costs = []
    desk.get(reverse(INDEX))
    for number in (1, 4):
        chosen = [str(full().uuid) for _ in range(number)]
        with django_assert_max_num_queries(80) as counted:
            desk.post(reverse(EXPORT), {"request": chosen, "format": "json"})
        costs.append(len(counted))
    assert costs[0] == costs[1]


# Erasing.


def test_erasing_is_confirmed_first_and_says_what_it_will_do(desk: Client) -> None:
    waiting, at_sfr = factories.request(), factories.request(State.TRANSMITTED)
    done = factories.request(State.ACTIVATED)
    sent = {"request": [str(one.uuid) for one in (waiting, at_sfr, done)]}

    page = desk.post(reverse(ERASE), sent).content.decode()

    assert page.count("Sera annulée, puis effacée.") == 1
    assert page.count("Reste telle quelle") == 1
    assert page.count("<td>Sera effacée.</td>") == 1
    assert [anonymised(one) for one in (waiting, at_sfr, done)] == [False] * 3


def test_what_is_closed_is_erased_at_once_with_a_proof_of_who_asked(
    desk: Client, admin: User
) -> None:
    request = full()

    said = erase(desk, request)

    proof = PurgeProof.objects.get()
    assert said == f"1 demande effacée. La preuve porte le numéro {proof.pk}."
    assert anonymised(request)
    assert (proof.by, proof.number, proof.closed_before) == (admin, 1, None)
    assert anonymise.proves(proof)
    assert {(one.recipient, one.text) for one in JournalEntry.objects.all()} == {("", "")}
    assert {one.reason for one in request.overrides.all()} == {""}
    entry = AuditEntry.objects.get(action="activation.person_erased")
    assert (entry.by, entry.target_id, entry.details) == (
        admin,
        str(request.pk),
        {"proof": proof.pk},
    )


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_PROGRESS, State.TO_CORRECT])
def test_what_is_under_way_is_cancelled_then_erased(desk: Client, state: State) -> None:
    request = factories.request(state)

    assert erase(desk, request).startswith("1 demande effacée, dont 1 annulée d’abord.")

    assert anonymised(request)
    request = ActivationRequest.objects.get()
    assert (request.state, request.taken_by) == (State.CANCELLED, None)
    assert not services.ActivationRequest.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("state", [State.TRANSMITTED, State.PORTING])
def test_what_sfr_treats_stays_until_its_answer(desk: Client, state: State) -> None:
    request = factories.request(state, rio=factories.rio_of("0612345678"))

    assert erase(desk, request).startswith("Rien n’a été effacé")

    assert not anonymised(request)
    assert not PurgeProof.objects.exists()


def test_of_several_those_that_can_be_erased_are(desk: Client) -> None:
    at_sfr, done, waiting = (
        factories.request(state) for state in (State.TRANSMITTED, State.REFUSED, State.SUBMITTED)
    )

    said = erase(desk, at_sfr, done, waiting)

    assert said.startswith("2 demandes effacées, dont 1 annulée d’abord, 1 laissée telle quelle.")
    assert [anonymised(one) for one in (at_sfr, done, waiting)] == [False, True, True]


def test_erased_twice_changes_nothing(desk: Client) -> None:
    request = factories.request(State.REFUSED)
    erase(desk, request)

    assert erase(desk, request).startswith("Rien n’a été effacé")

    assert PurgeProof.objects.count() == 1


@pytest.mark.parametrize("name", [EXPORT, ERASE])
@pytest.mark.parametrize("sent", [{}, {"request": "pas un identifiant"}])
def test_nothing_chosen_is_said(desk: Client, name: str, sent: dict[str, str]) -> None:
    answer = desk.post(reverse(name), sent, follow=True)

    said = [str(one).strip() for one in answer.context["messages"]]
    assert said == ["Cochez au moins une demande, puis recommencez."]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REFERENT, Role.PARTNER])
def test_nobody_else_may(role: Role) -> None:
    request, other = factories.request(State.REFUSED), factories.user(role)

    with pytest.raises(NotAllowed):
        person.of_card(request.iccid, by=other)
    with pytest.raises(NotAllowed):
        person.erase([request.uuid], by=other)
    with pytest.raises(NotAllowed):
        person.chosen([request.uuid], by=other)
    assert not anonymised(request)


# The proofs' screen.


def test_a_proof_is_shown_with_whether_it_holds(desk: Client) -> None:
    request = factories.request(State.REFUSED)
    erase(desk, request)
    proof = PurgeProof.objects.get()
    listed = desk.get(reverse("purge_proofs:index")).content.decode()
    assert reverse("purge_proofs:inspect", args=[proof.pk]) in listed
    page = desk.get(reverse("purge_proofs:inspect", args=[proof.pk])).content.decode()
    assert (proof.digest in page, "donnent cette empreinte" in page) == (True, True)

    PurgeProof.objects.update(number=2)

    page = desk.get(reverse("purge_proofs:inspect", args=[proof.pk])).content.decode()
    assert "ne donnent pas cette empreinte" in page


def test_the_structure_reads_that_emmaus_connect_cancelled_and_not_who(
    desk: Client, admin: User
) -> None:
    member = factories.member(structure := factories.structure())
    request = factories.request(by=member, within=structure)
    erase(desk, request)

    page = logged_in(member).get(reverse("activation:detail", args=[request.uuid]))
    operators = desk.get(reverse("activations:detail", args=[request.uuid])).content.decode()

    steps = [(step.sentence, step.who) for step in page.context["steps"]]
    assert steps == [("Demande envoyée", str(member)), ("Demande annulée", "Emmaüs Connect")]
    assert "Les données du bénéficiaire ont été effacées le" in operators


def test_pages_of_an_anonymised_request_still_open(desk: Client) -> None:
    member = factories.member(structure := factories.structure())
    request = factories.request(State.ACTIVATED, by=member, within=structure)
    erase(desk, request)

    for client, address in (
        (logged_in(member), reverse("activation:list")),
        (logged_in(member), reverse("activation:detail", args=[request.uuid])),
        (logged_in(factories.operator()), reverse("activations:detail", args=[request.uuid])),
        (desk, reverse("activations:detail", args=[request.uuid])),
    ):
        assert client.get(address).status_code == 200
