"""The partner's pages: who sees what, what is sent, what is said."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from activation.checks import findings
from activation.models import PERSONAL, ActivationRequest, ActivationSettings
from activation.models.follow_up import Check
from activation.states import State
from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from portal.structures.services import add_member
from tests.activation import factories

pytestmark = pytest.mark.django_db
NEW, FOLLOW_UP = reverse("activation:new"), reverse("activation:list")
CORSICA = "La Corse a deux départements\u00a0: 2A (Corse-du-Sud) ou 2B (Haute-Corse)."
KEPT = {"portability": "oui", "current_number": "06 12 34 56 78"}


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def structure() -> Structure:
    return factories.structure(name="CCAS de Lille")


@pytest.fixture
def member(structure: Structure) -> User:
    return factories.member(structure, last_name="Benali")


@pytest.fixture
def client(member: User) -> Client:
    return logged_in(member)


def page(name: str, request: ActivationRequest) -> str:
    return reverse(f"activation:{name}", args=[request.uuid])


def errors(response: object) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)  # type: ignore[attr-defined]


def test_the_page_says_the_words_and_the_delays_of_the_settings(client: Client) -> None:
    ActivationSettings.objects.update(treatment_hours=12, portability_days_max=7)
    text = client.get(NEW).content.decode().replace("&nbsp;", " ")
    assert "celle-ci sera traitée dans les 12 h." in text
    assert "un délai supplémentaire de 3 à 7 jours ouvrés sera nécessaire" in text
    assert "par SMS dans les 48 heures ouvrées" in text
    assert 'href="tel:3179"' in text


def test_the_form_is_in_the_order_of_the_deck(client: Client) -> None:
    names = re.findall(r'name="([a-z_]+)"', client.get(NEW).content.decode())
    order = [name for name in dict.fromkeys(names) if name in factories.typed()]
    assert order == list(factories.typed())


def test_a_request_is_sent_for_the_current_structure(
    client: Client, member: User, structure: Structure
) -> None:
    rio = factories.rio_of("0612345678")
    response = client.post(NEW, factories.typed(**KEPT, rio=f"{rio[:3]} {rio[3:]}"))
    row = ActivationRequest.objects.get()
    assert (response.status_code, response["Location"]) == (302, page("detail", row))
    assert (row.structure, row.created_by, row.state) == (structure, member, State.SUBMITTED)
    assert (row.birth_date, row.birth_department) == ("1985-12-04", "59")
    assert (row.contact_phone, row.current_number, row.rio) == (
        *("+33612345678", "+33612345678"),
        rio,
    )


def test_a_number_that_is_not_kept_has_no_rio(client: Client) -> None:
    client.post(NEW, factories.typed(current_number="0", rio="01PEROY4P4TS"))
    row = ActivationRequest.objects.get()
    assert (row.portability, row.current_number, row.rio) == (False, "", "")


def test_the_sms_goes_to_the_line_itself_unless_another_number_is_given(client: Client) -> None:
    client.post(NEW, factories.typed(contact_phone="", language="es"))
    client.post(NEW, factories.typed(contact_phone="0690 12 34 56"))
    rows = ActivationRequest.objects.order_by("pk")
    assert [(row.contact_phone, row.language) for row in rows] == [
        ("", "es"),
        ("+590690123456", "fr"),
    ]


def test_a_card_whose_check_digit_is_wrong_leaves_once_read_again(client: Client) -> None:
    card = "89331059970000209013"
    typed = factories.typed(iccid="8933 1059 9700 0020 9013")
    assert "J’ai relu la carte" in client.post(NEW, typed).content.decode()
    other = client.post(NEW, {**typed, "iccid_insisted": "89331059970000209014"})
    assert list(errors(other)) == ["iccid"]
    sent = client.post(NEW, {**typed, "iccid_insisted": card}, follow=True).content.decode()
    assert "un opérateur vérifiera son numéro avant de l’envoyer à SFR" in sent
    row = ActivationRequest.objects.get()
    assert (row.iccid, row.iccid_insisted) == (card, True)
    assert [one.check for one in findings([row])[row.pk] if one.blocks] == [Check.CHECK_DIGIT]


@pytest.mark.parametrize(
    "card", ["8933105997000020901", "89330159970000209012", "89331059970000209O13", ""]
)
def test_no_other_fault_of_a_card_can_be_insisted_on(client: Client, card: str) -> None:
    answer = client.post(NEW, factories.typed(iccid=card, iccid_insisted=card))
    assert "J’ai relu la carte" not in answer.content.decode()
    assert ActivationRequest.objects.count() == 0


def test_a_right_card_is_not_insisted_on(client: Client) -> None:
    card = factories.card()
    client.post(NEW, factories.typed(iccid=card, iccid_insisted=card))
    assert ActivationRequest.objects.get().iccid_insisted is False


def test_a_double_click_leads_twice_to_the_same_request(client: Client) -> None:
    typed = factories.typed()
    answers = {client.post(NEW, typed)["Location"] for _ in range(2)}
    assert answers == {page("detail", ActivationRequest.objects.get())}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"iccid": ""}, "iccid", "Indiquez les 20 chiffres de la carte."),
        ({"civility": ""}, "civility", "Choisissez une civilité."),
        (
            {"birth_date_day": "31", "birth_date_month": "2"},
            "birth_date",
            "Le 31 février 1985 n’existe pas\u00a0: vérifiez le jour.",
        ),
        ({"birth_department": "99"}, "birth_country", "Indiquez le pays de naissance."),
        ({"birth_department": "20"}, "birth_department", CORSICA),
        (
            {"iccid": "89330159970000209012"},
            "iccid",
            "Cette carte est une carte Orange. Seules les cartes SFR, dont le numéro commence par "
            "893310, s’activent ici.",
        ),
        (
            {"portability": "oui", "rio": "01PEROY4P4TR"},
            "current_number",
            "Indiquez le numéro que le bénéficiaire garde.",
        ),
        (
            {"portability": "oui", "rio": "01PEROY4P4TR", "current_number": "0690 12 34 56"},
            "current_number",
            "Seul un numéro de métropole peut être gardé. Choisissez de ne pas garder ce numéro.",
        ),
        (
            {**KEPT, "rio": "01PEROY4P4T"},
            "rio",
            "Il manque 1 caractère\u00a0: un code RIO en compte 12, par exemple 02P7PG9G9U+1.",
        ),
        (
            {"contact_phone": "06 12 34 56 7"},
            "contact_phone",
            "Il manque 1 chiffre\u00a0: un numéro de portable compte 10 chiffres.",
        ),
        (
            {"portability": ""},
            "portability",
            "Choisissez\u00a0: garder le numéro, ou en avoir un nouveau.",
        ),
        (
            KEPT,
            "rio",
            "Indiquez le code RIO pour garder le numéro\u00a0: appelez le 3179 depuis ce portable.",
        ),
        (
            {**KEPT, "rio": "01PEROY4P4TS"},
            "rio",
            "Ce RIO ne correspond pas à ce numéro. Vérifiez les deux, ou appelez de nouveau le "
            "3179 depuis ce portable.",
        ),
        (
            {"identity_checked": ""},
            "identity_checked",
            "Cochez la case après avoir vérifié la pièce d’identité.",
        ),
    ],
)
def test_an_error_is_said_once_and_nothing_is_sent(
    client: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    response = client.post(NEW, factories.typed(**changes))
    assert errors(response) == {field: [sentence]}
    text = response.content.decode()
    assert ("<title>Erreur" in text, "error-summary" in text) == (True, True)
    assert ActivationRequest.objects.count() == 0


def test_a_card_of_another_request_is_refused(client: Client) -> None:
    card = factories.request().iccid
    assert list(errors(client.post(NEW, factories.typed(iccid=card)))) == ["iccid"]
    assert ActivationRequest.objects.count() == 1


def test_a_number_that_is_already_at_sfr_warns_and_is_sent(client: Client) -> None:
    typed = factories.typed(**KEPT, rio="02P7PG9G9U+1")
    text = client.post(NEW, typed, follow=True).content.decode()
    assert "Ce numéro est déjà chez SFR." in text
    assert ActivationRequest.objects.get().portability is True


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("iccid", {"iccid": "8933105997000020901"}, "Il manque 1 chiffre"),
        ("iccid", {"iccid": ""}, None),
        ("iccid", {}, None),
        ("birth_department", {"birth_department": "20"}, "La Corse a deux départements"),
        ("birth_date", {"birth_date_year": "2990"}, "doit être passée"),
        ("birth_date", {f"birth_date_{part}": "" for part in ("day", "month", "year")}, None),
        ("rio", {**KEPT, "rio": "01PEROY4P4TS"}, "ne correspond pas à ce numéro"),
    ],
)
def test_a_field_is_checked_as_one_leaves_it(
    client: Client, field: str, changes: dict[str, str], words: str | None
) -> None:
    response = client.post(reverse("activation:check", args=[field]), factories.typed(**changes))
    text = response.content.decode()
    assert ("field__error" in text) == (words is not None)
    assert (words or "") in text
    assert re.findall(r'<(?:label|legend)[^>]*class="field__label"', text) != []


def test_the_check_knows_the_cards_of_other_requests_only(
    client: Client, member: User, structure: Structure
) -> None:
    mine = factories.request(State.TO_CORRECT, by=member, within=structure)
    typed = factories.typed(iccid=mine.iccid)
    address = reverse("activation:check", args=["iccid"])
    assert "déjà l’objet d’une demande" in client.post(address, typed).content.decode()
    answer = client.post(address, {**typed, "edited": str(mine.uuid)}).content.decode()
    assert "field__error" not in answer


def test_no_other_field_is_checked(client: Client) -> None:
    assert client.post(reverse("activation:check", args=["key"])).status_code == 404
    assert client.get(reverse("activation:check", args=["iccid"])).status_code == 405


@pytest.mark.parametrize("name", ["detail", "correct", "cancel"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_colleagues_reach_a_request_and_strangers_do_not(
    member: User, structure: Structure, name: str, method: str
) -> None:
    request = factories.request(State.TO_CORRECT, by=member, within=structure)
    colleague = logged_in(factories.member(structure))
    stranger = logged_in(factories.member(factories.structure()))
    allowed = {("get", "detail"): 200, ("post", "detail"): 405, ("post", "cancel"): 302}
    answer = getattr(colleague, method)(page(name, request))
    assert answer.status_code == allowed.get((method, name), 200)
    expected = 405 if (method, name) == ("post", "detail") else 404
    assert getattr(stranger, method)(page(name, request)).status_code == expected


@pytest.mark.parametrize("address", [NEW, FOLLOW_UP, f"{FOLLOW_UP}{uuid.uuid4()}/"])
def test_the_pages_are_for_members(address: str) -> None:
    assert logged_in(factories.operator()).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_a_link_works_whatever_the_current_structure(member: User, structure: Structure) -> None:
    request = factories.request(by=member, within=structure)
    other = factories.structure(name="AAA")
    add_member(by=None, structure=other, user=member)
    client = logged_in(member)
    assert client.get(page("detail", request)).status_code == 200
    assert request.reference not in client.get(FOLLOW_UP).content.decode()


def test_the_follow_up_names_no_beneficiary(
    client: Client, member: User, structure: Structure
) -> None:
    for state in State:
        request = factories.request(state, by=member, within=structure)
        shown = client.get(page("detail", request)).content.decode()
        for hidden in ("Zébulonne", "Clémence", request.iccid, "06 12", "+336", "07 55"):
            assert hidden not in shown
        assert request.iccid[-4:] in shown
    listed = client.get(FOLLOW_UP).content.decode()
    assert "Zébulonne" not in listed
    assert [state.label in listed for state in State] == [True] * len(State)


def test_the_timeline_names_colleagues_and_not_operators(
    client: Client, member: User, structure: Structure
) -> None:
    operator = factories.operator(first_name="Opératrice", last_name="Secrète")
    request = factories.request(State.REFUSED, by=member, within=structure, taken_by=operator)
    text = client.get(page("detail", request)).content.decode()
    assert [step.who for step in client.get(page("detail", request)).context["steps"]] == [
        *("Camille Benali", "Emmaüs Connect", "Emmaüs Connect"),
    ]
    assert ("Secrète" in text, "Motif d’essai" in text) == (False, True)


def test_a_request_is_corrected_and_sent_again(
    client: Client, member: User, structure: Structure
) -> None:
    request = factories.request(State.TO_CORRECT, by=member, within=structure)
    shown = client.get(page("correct", request)).content.decode()
    assert ('value="Zébulonne"' in shown, "Motif d’essai" in shown) == (True, True)
    seen = AuditEntry.objects.get(action="activation.revealed")
    assert (seen.by, seen.details) == (member, {"why": "correction"})
    typed = factories.typed(iccid=request.iccid, last_name="Corrigée", edited=str(request.uuid))
    assert client.post(page("correct", request), typed)["Location"] == page("detail", request)
    row = ActivationRequest.objects.get()
    assert (row.state, row.last_name) == (State.SUBMITTED, "Corrigée")


@pytest.mark.parametrize("state", [state for state in State if state is not State.TO_CORRECT])
def test_only_what_is_to_be_corrected_is_edited(
    client: Client, member: User, structure: Structure, state: State
) -> None:
    request = factories.request(state, by=member, within=structure)
    assert client.get(page("correct", request))["Location"] == page("detail", request)
    client.post(page("correct", request), factories.typed(last_name="Autre"))
    assert ActivationRequest.objects.get().last_name == "Zébulonne"


@pytest.mark.parametrize(
    ("state", "words", "after"),
    [
        (State.SUBMITTED, "La demande est annulée.", State.CANCELLED),
        (State.IN_PROGRESS, "La demande est annulée.", State.CANCELLED),
        (State.TO_CORRECT, "La demande est annulée.", State.CANCELLED),
        (State.TRANSMITTED, "maintenant «\u00a0transmise à SFR\u00a0»", State.TRANSMITTED),
        (State.ACTIVATED, "maintenant «\u00a0activée\u00a0»", State.ACTIVATED),
    ],
)
def test_a_request_is_cancelled_before_sfr_has_it(
    client: Client, member: User, structure: Structure, state: State, words: str, after: State
) -> None:
    request = factories.request(state, by=member, within=structure)
    assert words in client.post(page("cancel", request), follow=True).content.decode()
    assert ActivationRequest.objects.get().state == after


@pytest.mark.parametrize("count", [1, 3])
def test_the_follow_up_costs_a_constant_number_of_queries(
    client: Client,
    member: User,
    structure: Structure,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        factories.request(by=factories.member(structure), within=structure)
    client.get(FOLLOW_UP)
    with django_assert_num_queries(6):
        client.get(FOLLOW_UP)


def listed(client: Client, **asked: str) -> list[str]:
    """Return the ends of the cards that the list shows: searched by POST, filtered by GET."""
    answer = client.post(FOLLOW_UP, asked) if "q" in asked else client.get(FOLLOW_UP, asked)
    return [row.card_end for row in answer.context["rows"]]


def test_the_list_is_filtered_by_state(client: Client, member: User, structure: Structure) -> None:
    mine = {"by": member, "within": structure}
    waiting, returned = factories.request(**mine), factories.request(State.TO_CORRECT, **mine)
    newest_first = [returned.iccid[-4:], waiting.iccid[-4:]]
    assert listed(client) == newest_first
    assert listed(client, etat="to_correct") == newest_first[:1]
    assert listed(client, etat="refused") == newest_first  # none stands there
    assert "À corriger (1)" in client.get(FOLLOW_UP).content.decode()


def test_a_request_is_found_by_its_reference_or_its_card(
    client: Client, member: User, structure: Structure
) -> None:
    first = factories.request(by=member, within=structure)
    factories.request(by=member, within=structure)
    theirs = factories.request()
    end = first.iccid[-4:]
    spaced = f"{first.iccid[:4]} {first.iccid[4:8]} {first.iccid[8:]}"
    reference = first.reference.lower()
    for text in (end, first.iccid[-6:], first.iccid, spaced, reference, first.uuid.hex[:8]):
        assert listed(client, q=text) == [end]
    for text in ("", "Zébulonne", theirs.iccid, theirs.reference, first.iccid[-3:], "\0", "%"):
        assert listed(client, q=text) == []
    answer = client.post(FOLLOW_UP, {"q": "Zébulonne"}).content.decode()
    assert "le nom du bénéficiaire n’est pas cherché" in answer


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_costs_a_constant_number_of_queries(
    client: Client,
    member: User,
    structure: Structure,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    found = [factories.request(by=member, within=structure) for _ in range(count)]
    client.get(FOLLOW_UP)
    with django_assert_num_queries(7):
        client.post(FOLLOW_UP, {"q": found[0].iccid[-5:]})


def test_a_request_whose_data_were_erased_still_says_what_became_of_it(
    client: Client, member: User, structure: Structure
) -> None:
    request = factories.request(State.REFUSED, by=member, within=structure)
    now = timezone.now()
    values = dict.fromkeys((*PERSONAL, "person_fingerprint"), "")
    ActivationRequest.objects.update(**values, anonymised_at=now)
    assert "Le motif a été effacé avec" in client.get(page("detail", request)).content.decode()
    assert listed(client) == [""]
    assert listed(client, q="0000") == []


def test_the_page_of_a_request_leads_to_the_notice_and_to_another_card(
    client: Client, member: User, structure: Structure
) -> None:
    request = factories.request(by=member, within=structure)
    text = client.get(page("detail", request)).content.decode()
    assert f'href="{reverse("activation:notice")}"' in text
    assert f'href="{NEW}"' in text


def test_due_times_are_shown_in_paris(client: Client, member: User, structure: Structure) -> None:
    request = factories.request(by=member, within=structure)
    due = dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC)
    ActivationRequest.objects.update(due_at=due, submitted_at=due - dt.timedelta(hours=24))
    text = client.get(page("detail", request)).content.decode()
    assert "le 1er juillet 2026 à 10:30" in text
