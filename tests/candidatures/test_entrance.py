"""Beginning and coming back: robots, links that are dead or forged, addresses that ask too much."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.candidatures import antispam, links, services, tasks
from portal.candidatures.models import Candidature, State
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from tests.candidatures.conftest import EMAIL, client_of, draft, filled, human, submitted, words

pytestmark = pytest.mark.django_db
START, LINK = "/devenir-relais/commencer/", "/devenir-relais/lien/"
FORM = "/devenir-relais/candidature/"


def link_of(candidature: Candidature) -> str:
    return "/" + links.make(candidature).split("/", 3)[3]


def test_beginning_makes_a_draft_and_sends_its_link(client: Client) -> None:
    answer = human(START, client, email="Ana@Maison.example")
    deliver_due()

    made = Candidature.objects.get()
    assert (answer.status_code, answer.url) == (302, FORM)
    assert (made.email, made.state, made.email_confirmed_at) == (EMAIL, State.DRAFT, None)
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert client.get(FORM).url == "/devenir-relais/candidature/structure/"


def test_the_link_of_the_e_mail_opens_the_candidature_elsewhere(client: Client) -> None:
    human(START, client, email=EMAIL)
    deliver_due()
    found = re.search(r"https?://[^/]+(/devenir-relais/reprendre/\S+)", str(mail.outbox[0].body))
    assert found
    other = Client()
    answer = other.get(found[1])

    assert (answer.status_code, answer.url) == (302, FORM)
    assert other.get(FORM).url == "/devenir-relais/candidature/structure/"
    assert Candidature.objects.get().email_confirmed_at is not None


def test_the_outbox_holds_identifiers_only() -> None:
    submitted()

    payloads = " ".join(str(row.payload) for row in OutboxMessage.objects.all())
    assert [text in payloads for text in ("@", "Maison", "reprendre")] == [False] * 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": ""}, "Indiquez une adresse e-mail."),
        ({"email": "ana@"}, "Cette adresse n’est pas complète."),
        ({"email": EMAIL, "website": "http://spam.example"}, "ressemblait à celui d’un robot"),
        ({"email": EMAIL, "stamp": "forged"}, "L’envoi n’a pas pu être vérifié."),
        ({"email": EMAIL, "stamp": ""}, "L’envoi n’a pas pu être vérifié."),
    ],
)
def test_a_bad_beginning_is_told_and_keeps_what_was_typed(
    client: Client, typed: dict[str, str], sentence: str
) -> None:
    answer = human(START, client, **typed)

    page = answer.content.decode()
    assert sentence in page
    assert f'value="{typed["email"]}"' in page or not typed["email"]
    assert (Candidature.objects.count(), OutboxMessage.objects.count()) == (0, 0)


def send(client: Client, *, after: float) -> Any:
    """Open the page and send it ``after`` seconds."""
    begin = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False):
        page = client.get(START).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp
    with time_machine.travel(begin + dt.timedelta(seconds=after), tick=False):
        return client.post(START, {"email": EMAIL, "stamp": stamp[1]})


@pytest.mark.parametrize(
    ("after", "sentence"),
    [(0, "trop rapide"), (2, "trop rapide"), (86_401, "restée ouverte longtemps")],
)
def test_a_page_sent_too_fast_or_a_day_later_is_sent_again(
    client: Client, after: float, sentence: str
) -> None:
    assert sentence in send(client, after=after).content.decode()
    assert Candidature.objects.count() == 0


def test_three_seconds_are_enough_for_a_person(client: Client) -> None:
    assert send(client, after=3).status_code == 302


def test_a_page_that_was_refused_passes_the_second_time(client: Client) -> None:
    refused = human(START, client, email=EMAIL, website="x", stamp="forged").content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', refused)
    trap = re.search(r'name="website"[^>]*', refused)
    assert stamp
    assert trap
    assert "value" not in trap[0]
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=30), tick=False):
        answer = client.post(START, {"email": EMAIL, "stamp": stamp[1], "website": ""})

    assert answer.status_code == 302


def test_an_address_that_asks_too_often_waits(client: Client) -> None:
    for number in range(antispam.PER_ADDRESS):
        assert human(START, client, email=f"ana{number}@maison.example").status_code == 302

    answer = human(START, client, email="ana99@maison.example")

    assert "Trop de demandes viennent de votre connexion." in answer.content.decode()
    assert Candidature.objects.count() == antispam.PER_ADDRESS


def test_one_e_mail_address_is_not_flooded(client: Client) -> None:
    draft()
    answers = [human(LINK, client, email=EMAIL).status_code for _ in range(6)]

    assert answers == [302] * antispam.PER_EMAIL + [200]


@pytest.mark.parametrize("email", [EMAIL, "inconnue@maison.example"])
def test_asking_for_the_link_does_not_tell_who_has_a_candidature(
    client: Client, email: str
) -> None:
    submitted()
    OutboxMessage.objects.all().delete()

    answer = human(LINK, client, email=email)

    assert (answer.status_code, answer.url) == (302, LINK)
    assert "Si une candidature est en cours à cette adresse" in words(client.get(LINK))
    assert OutboxMessage.objects.count() == (1 if email == EMAIL else 0)


@pytest.mark.parametrize("forged", ["rien", "a:b:c", "{key}", "{key}:1xyz:abcdef"])
def test_a_forged_link_opens_nothing(client: Client, forged: str) -> None:
    token = forged.format(key=draft().key)

    answer = client.get(f"/devenir-relais/reprendre/{token}/")

    assert answer.status_code == 404
    assert "Ce lien n’ouvre aucune candidature." in words(answer)
    assert "candidature" not in client.session


def test_a_link_of_one_candidature_does_not_sign_for_another() -> None:
    one, other = draft(), draft("omar@maison.example")
    token = link_of(one).replace(one.key, other.key)

    assert Client().get(token).status_code == 404


def test_a_link_dies_after_thirty_days(client: Client) -> None:
    candidature = draft()
    begin = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False):
        path = link_of(candidature)
    seen = []
    for days in (30, 30.1):
        with time_machine.travel(begin + dt.timedelta(days=days), tick=False):
            answer = Client().get(path)
            seen.append(answer.status_code)

    assert seen == [302, 410]
    assert "Ce lien a plus de 30 jours, il n’est plus valable." in words(answer)
    assert "Recevoir le lien" in words(answer)


@pytest.mark.parametrize(
    "path", ["", "structure/", "besoins/", "verifier/", "../suivi/", "../suivi/retirer/"]
)
def test_without_a_link_there_is_no_candidature(client: Client, path: str) -> None:
    filled()

    answer = client.get(f"{FORM}{path}".replace("candidature/../", ""))

    assert (answer.status_code, answer.url) == (302, LINK)


def test_each_browser_opens_its_own_candidature() -> None:
    mine = client_of(filled("omar@maison.example", structure={"name": "La mienne", "siret": ""}))
    filled(structure={"name": "La vôtre"})

    page = words(mine.get(f"{FORM}verifier/"))

    assert ("La mienne" in page, "La vôtre" in page) == (True, False)


@pytest.mark.parametrize("path", ["/devenir-relais/", START, LINK, f"{FORM}structure/"])
def test_no_cache_keeps_a_page(path: str) -> None:
    answer = client_of(filled()).get(path)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_abandoned_drafts_go_after_thirty_days_and_nothing_else_does() -> None:
    begin = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False):
        old, sent = filled("omar@maison.example", structure={"siret": ""}), submitted()
        services.withdraw(draft("retiree@maison.example"))
    with time_machine.travel(begin + dt.timedelta(days=20), tick=False):
        touched = draft("lea@maison.example")
    with time_machine.travel(begin + dt.timedelta(days=29.9), tick=False):
        tasks.purge_drafts()
        before = set(Candidature.objects.values_list("pk", flat=True))
    with time_machine.travel(begin + dt.timedelta(days=30.1), tick=False):
        tasks.purge_drafts()

    assert {old.pk, sent.pk, touched.pk} < before
    assert set(Candidature.objects.values_list("pk", flat=True)) == {sent.pk, touched.pk}
