"""What a partner has begun: kept for its author alone, found again, forgotten in time."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activation import tasks
from activation.models import ActivationDraft, ActivationRequest, AnswerSheet, RequestSheet
from portal.accounts.models import User
from portal.structures.models import Structure
from portal.structures.services import add_member
from tests.activation import factories

pytestmark = pytest.mark.django_db
NEW = reverse("activation:new")
SAVE, DISCARD = reverse("activation:save_draft"), reverse("activation:discard_draft")
BEGUN = "Vous aviez commencé cette demande le"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(**fields: str) -> dict[str, str]:
    """Return a form half filled."""
    empty = dict.fromkeys(factories.typed(), "")
    return {**empty, "key": str(uuid.uuid4()), "language": "fr", "last_name": "Canari", **fields}


def check(client: Client, field: str, typed: dict[str, str]) -> None:
    client.post(reverse("activation:check", args=[field]), typed)


@pytest.fixture
def structure() -> Structure:
    return factories.structure(name="CCAS de Lille")


@pytest.fixture
def member(structure: Structure) -> User:
    return factories.member(structure)


@pytest.fixture
def client(member: User) -> Client:
    return logged_in(member)


def shown(client: Client, address: str = NEW) -> dict[str, object]:
    """Return what the form shows, by field."""
    form = client.get(address).context["form"]
    return {name: form[name].value() for name in form.fields}


def test_a_session_that_ended_leaves_what_was_checked_field_by_field(
    client: Client, member: User
) -> None:
    typed = begun(
        iccid="8933 1059 97",
        birth_date_day="31",
        birth_date_month="2",
        birth_department="59",
        portability="oui",
        rio="01PEROY",
        language="es",
    )
    check(client, "last_name", typed)
    client.logout()
    assert client.get(NEW).status_code == 302
    again = logged_in(member)
    page = again.get(NEW)
    assert BEGUN in page.content.decode()
    assert shown(again) == {
        "key": typed["key"],
        "iccid": "8933 1059 97",
        "civility": None,
        "last_name": "Canari",
        "first_name": None,
        "birth_date": ["31", "2", ""],
        "birth_department": "59",
        "birth_country": None,
        "portability": "oui",
        "current_number": None,
        "rio": "01PEROY",
        "contact_phone": None,
        "language": "es",
        "identity_checked": None,
    }


@pytest.mark.parametrize("way", ["button", "refused"])
def test_a_form_is_kept_without_javascript(client: Client, way: str) -> None:
    if way == "button":
        answer = client.post(SAVE, begun(), follow=True)
        assert answer.redirect_chain == [(NEW, 302)]
        said = "Brouillon enregistré. Vous seul pouvez le lire\u00a0; il est gardé 7\u00a0jours."
        assert said in answer.content.decode()
    else:
        assert client.post(NEW, begun()).status_code == 200
    assert shown(client)["last_name"] == "Canari"


@pytest.mark.parametrize("key", [str(uuid.uuid4()), "", "no key"])
def test_an_empty_form_is_no_draft(client: Client, key: str) -> None:
    typed = begun(last_name="", key=key)
    assert "le formulaire est vide" in client.post(SAVE, typed, follow=True).content.decode()
    assert BEGUN not in client.get(NEW).content.decode()


def test_what_the_sender_answers_for_is_not_kept(client: Client) -> None:
    client.post(SAVE, begun(identity_checked="on", iccid_insisted="1"))
    assert shown(client)["identity_checked"] is None
    row = ActivationDraft.objects.get()
    assert [name in row.content for name in ("identity", "insisted")] == [False, False]


def test_one_starts_again_from_nothing(client: Client) -> None:
    client.post(SAVE, begun())
    answer = client.post(DISCARD, follow=True)
    assert (BEGUN in answer.content.decode(), ActivationDraft.objects.count()) == (False, 0)


def test_a_draft_is_forgotten_once_sent(client: Client) -> None:
    typed = factories.typed()
    check(client, "last_name", typed)
    client.post(NEW, typed)
    assert ActivationDraft.objects.count() == 0
    # The check of the last field arrives late.
    check(client, "last_name", typed)
    assert ActivationDraft.objects.count() == 0
    assert ActivationRequest.objects.count() == 1


def test_another_form_begun_meanwhile_is_kept(client: Client) -> None:
    first = factories.typed()
    check(client, "last_name", first)
    check(client, "last_name", begun(last_name="Seconde"))
    client.post(NEW, first)
    assert shown(client)["last_name"] == "Seconde"


def test_a_draft_is_its_authors_alone_and_of_one_structure(
    client: Client, member: User, structure: Structure
) -> None:
    client.post(SAVE, begun())
    colleague = logged_in(factories.member(structure))
    assert "Canari" not in colleague.get(NEW).content.decode()
    colleague.post(DISCARD)
    other = factories.structure(name="AAA")
    add_member(by=None, structure=other, user=member)
    elsewhere = logged_in(member)  # the first structure by name
    assert "Canari" not in elsewhere.get(NEW).content.decode()
    assert [draft.structure for draft in ActivationDraft.objects.all()] == [structure]


def test_a_correction_replaces_no_draft(client: Client, member: User, structure: Structure) -> None:
    client.post(SAVE, begun())
    check(client, "last_name", begun(last_name="Corrigée", edited=str(uuid.uuid4())))
    assert shown(client)["last_name"] == "Canari"


def test_the_database_holds_no_word_of_a_draft(client: Client) -> None:
    client.post(SAVE, begun(rio="01PEROY4P4TR"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM activation_activationdraft")
        (stored,) = cursor.fetchone()
    assert [word in stored for word in ("Canari", "01PEROY", "last_name")] == [False] * 3


def test_no_browser_keeps_the_pages(client: Client) -> None:
    client.post(SAVE, begun())
    pages = [client.get(NEW), client.post(NEW, begun()), client.get(reverse("activation:list"))]
    pages.append(client.post(reverse("activation:check", args=["rio"]), begun()))
    assert ["no-store" in page["Cache-Control"] for page in pages] == [True] * 4


def test_what_nobody_goes_on_with_is_purged(member: User, structure: Structure) -> None:
    operator = factories.operator()
    ages = {"old": dt.timedelta(days=7, minutes=1), "new": dt.timedelta(days=6, hours=23)}
    day = {"old": dt.timedelta(hours=25), "new": dt.timedelta(hours=23)}
    authors = {"old": member, "new": factories.member(structure)}
    for age, author in authors.items():
        draft = ActivationDraft.objects.create(structure=structure, by=author, content="{}")
        sheet = RequestSheet.objects.create(structure=structure, by=author, content="[]")
        answers = AnswerSheet.objects.create(by=operator, content="[]")
        applied = AnswerSheet.objects.create(by=operator, applied_at=timezone.now())
        ActivationDraft.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - ages[age])
        for row in (sheet, answers, applied):
            type(row).objects.filter(pk=row.pk).update(created_at=timezone.now() - day[age])
    tasks.purge_drafts()
    tasks.purge_drafts()
    assert [draft.by for draft in ActivationDraft.objects.all()] == [authors["new"]]
    assert [sheet.by for sheet in RequestSheet.objects.all()] == [authors["new"]]
    assert AnswerSheet.objects.filter(applied_at=None).count() == 1
    assert AnswerSheet.objects.exclude(applied_at=None).count() == 2
