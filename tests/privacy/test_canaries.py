"""A day's work on activations, with everything that can go wrong, by invented people; then grep.

Real processes all of it: gunicorn, a Celery worker, PostgreSQL, Valkey, an SMTP server, and a
stand-in for the provider of SMS and for SFR. What they keep, write or send is read afterwards.
"""

import base64
import io
import json
import pickle
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import requests
from django.conf import settings
from django.utils import timezone

from activation.exchange import batches
from activation.models import ActivationDraft, ActivationRequest, AnswerSheet, MessageTask
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.celery import app
from portal.outbox.models import OutboxMessage
from portal.outbox.tasks import relay
from portal.structures.models import Structure
from tests import factories
from tests.activation import sheets
from tests.faults.providers import PostOffice, post_office
from tests.privacy.canaries import canaries
from tests.support.server import StartServer
from tests.support.standin import StandIn, standin
from tests.support.traces import (
    Eavesdropper,
    every_session,
    everything_in_redis,
    everything_in_the_database,
    leaks,
    logs_of_servers,
    opened,
    wait_until,
    worker,
)
from tests.support.visitor import Visitor

PARTNER, OPERATOR, ADMIN = (f"{name}@equipe.example" for name in ("nadia", "julie", "claire"))
SECRET = "a secret shared with SFR"
#: Written to Redis for a thousandth of a second, to be heard.
WITNESS = "Canariwitness"
#: These write where something goes wrong with them alone.
QUIET = "logs of the servers"
#: What is not typed where no number is kept.
NEW_NUMBER = {"portability": "non", "current_number": "", "rio": ""}
#: What people write freely; each quotes somebody.
WORDS = {
    "reason of a correction": "Motifcanari un: le nom de Madame Rossignol",
    "reason of an override": "Motifcanari deux: vue avec Madame Rossignol",
    "reason of SFR": "Motifcanari trois: Monsieur Rossignol est inconnu",
    "note": "Motifcanari quatre: Madame Rossignol rappelée",
}
CORRECTION, OVERRIDE, REFUSAL, NOTE = WORDS.values()


class Day:
    """The site, its people, and all that it answered."""

    def __init__(self, url: str, office: PostOffice, provider: StandIn) -> None:
        """Let everyone arrive; nobody is logged in."""
        self.url, self.office, self.provider = url, office, provider
        self.who = canaries("form", "draft", "twin", "bad", "good", "service", "stranger")
        self.secrets = {**WORDS}
        for one in self.who.values():
            self.secrets |= one.secrets()
        self.answers: list[requests.Response] = []
        self.sms: list[str] = []
        self.structure: Structure = factories.StructureFactory(may_order=True)
        member = factories.UserFactory(email=PARTNER, password=factories.PASSWORD)
        factories.MembershipFactory(user=member, structure=self.structure)
        for email, role in ((OPERATOR, Role.OPERATOR), (ADMIN, Role.ADMINISTRATOR)):
            factories.UserFactory(email=email, role=role, password=factories.PASSWORD)

    def visitor(self, email: str) -> Visitor:
        """Return somebody logged in, whose answers are kept."""
        one = Visitor(self.url)
        one.session.hooks["response"].append(self._keep)
        assert "/connexion/" not in one.log_in(email, factories.PASSWORD).url
        return one

    def _keep(self, answer: requests.Response, *args: Any, **kwargs: Any) -> None:
        self.answers.append(answer)

    def request(self, name: str) -> ActivationRequest:
        """Return the request of a canary."""
        wanted = self.who[name].iccid
        return next(one for one in ActivationRequest.objects.all() if one.iccid == wanted)


def has(answer: requests.Response, text: str) -> bool:
    """Whether a page shows a text: the witness that there is something to leak."""
    return text in answer.text


# The partner's side.


def the_partner_begins_and_leaves(day: Day, partner: Visitor) -> None:
    draft = day.who["draft"]
    partner.post("/activation-sim/brouillon/", **draft.form())
    assert has(partner.get("/activation-sim/"), draft.last_name)
    assert ActivationDraft.objects.get().content


def the_partner_sends_the_form(day: Day, partner: Visitor) -> None:
    mine, twin = day.who["form"], day.who["twin"]
    form = mine.form()
    for field in ("iccid", "last_name", "birth_date", "current_number", "rio", "contact_phone"):
        assert partner.post(f"/activation-sim/verifier/{field}/", **form).status_code == 200
    assert has(partner.post("/activation-sim/", **(form | {"rio": "01PEROY4P4TS"})), mine.last_name)
    partner.post("/activation-sim/", **form)
    # The same person with another card: the checks stop it.
    partner.post("/activation-sim/", **(mine.form() | {"iccid": twin.iccid}))
    assert [one.state for one in ActivationRequest.objects.all()] == [State.SUBMITTED] * 2


def the_partner_sends_files(day: Day, partner: Visitor) -> None:
    bad, good = day.who["bad"], day.who["good"]
    wrong = bad.line_of_sheet() | {"birth_date": f"{bad.born[0]}/13/1931", "rio": bad.rio[:-1]}
    preview = upload(partner, sheets.csv_of(sheets.rows(good.line_of_sheet(), wrong)))
    assert has(preview, bad.iccid[-4:])
    path = preview.url.removeprefix(day.url)
    partner.post(f"{path}envoyer/")
    assert has(partner.get(path), bad.iccid[-4:])
    upload(partner, sheets.csv_of([["Nom", "Prénom"], [bad.last_name, bad.first_name]]))
    upload(partner, b"PK\x03\x04" + bad.last_name.encode() + bad.iccid.encode(), "liste.xlsx")
    upload(partner, bad.last_name.encode() * 400_000)
    sent = upload(partner, sheets.xlsx_of(sheets.rows(good.line_of_sheet())), "liste.xlsx")
    partner.post(f"{sent.url.removeprefix(day.url)}envoyer/")
    assert day.request("good").last_name == good.last_name


def upload(
    visitor: Visitor, content: bytes, name: str = "liste.csv", to: str = sheets.UPLOAD
) -> requests.Response:
    return visitor.post(to, files={"file": (name, io.BytesIO(content))})


# The operators' side.


def the_operator_sends_back_and_the_partner_corrects(
    day: Day, operator: Visitor, partner: Visitor
) -> None:
    request, mine = day.request("form"), day.who["form"]
    page = f"/gestion/activations/{request.uuid}/"
    operator.post(f"{page}prendre/")
    assert has(operator.get(page), mine.last_name)
    operator.post(f"{page}corriger/", reason=CORRECTION)
    address = f"/activation-sim/suivi/{request.uuid}/"
    assert has(partner.get(address), CORRECTION)
    partner.post(f"{address}corriger/", **(mine.form() | {"birth_date_day": "32"}))
    partner.post(f"{address}corriger/", **mine.form())


def the_operator_overrides_and_transmits(day: Day, operator: Visitor) -> None:
    chosen = []
    for name in ("form", "good"):
        request = day.request(name)
        page = f"/gestion/activations/{request.uuid}/"
        operator.post(f"{page}prendre/")
        operator.post(f"{page}lever/", check_code="same_person", reason=OVERRIDE)
        operator.post(f"{page}activer/", line_number=f"{day.who[name].line}99")
        chosen.append(str(request.uuid))
    assert day.request("form").overrides.get().reason == OVERRIDE
    lot = operator.post("/gestion/sfr/preparer/", key=str(uuid.uuid4()), demande=chosen)
    path = lot.url.removeprefix(day.url)
    assert {day.request(name).state for name in ("form", "good")} == {State.TRANSMITTED}
    for ending in ("csv", "xlsx"):
        file = operator.get(f"{path}fichier.{ending}")
        assert file.status_code == 200
    assert has(operator.get(f"{path}fichier.csv"), day.who["form"].last_name)


def sfr_answers_by_file(day: Day, operator: Visitor) -> None:
    done, refused, unknown = day.who["form"], day.who["good"], day.who["stranger"]
    head = "ICCID;Statut;Numéro de ligne;Motif\r\n"
    lines = (
        f"{done.iccid};Activée;{done.phone};\r\n{refused.iccid};Refusée;;{REFUSAL}\r\n"
        f"{unknown.iccid};Activée;{unknown.line};\r\n{unknown.iccid[:-1]};OK;{unknown.phone};\r\n"
        f"{done.iccid};Peut-être;{unknown.line};{unknown.last_name}\r\n"
    )
    to = "/gestion/sfr/reponses/"
    upload(operator, f"Nom;Ligne\r\n{unknown.last_name};{unknown.line}".encode(), to=to)
    upload(operator, b"PK\x03\x04" + unknown.last_name.encode(), "reponses.xlsx", to=to)
    good = "\r\n".join(lines.split("\r\n")[:4])
    for content in (head + lines, head + good):
        preview = upload(operator, content.encode(), to=to)
        path = preview.url.removeprefix(day.url)
        assert operator.get(f"{path}rapport.csv").status_code == 200
    operator.post(path)
    assert AnswerSheet.objects.exclude(applied_at=None).get().counts["applied"] == 2
    assert day.request("form").line_number == f"+33{done.phone[1:]}"


def sfr_answers_by_its_service(day: Day) -> None:
    """Hand one request to SFR's service, which answers us, then others who may not."""
    who, unknown = day.who["service"], day.who["stranger"]
    request = day.request("service")
    by = User.objects.get(email=OPERATOR)
    batches.make(by=by, key=uuid.uuid4(), chosen=[request.uuid])
    call_back = f"{day.url}/retours/sfr/"
    key = str(request.transmissions.get().key)
    wait_until(lambda: key in day.provider.taken())
    day.provider.plan({"status": 400, "take": False})  # for the next SMS
    assert day.provider.taken()[key]["last_name"] == who.last_name
    told = {"event": "e1", "key": key, "status": "activated", "line_number": who.line}
    tell = day.provider.tell
    assert tell(call_back, told, secret="another") == [403]
    assert tell(call_back, told, secret=SECRET, spoiled=True) == [403]
    assert tell(call_back, f"{{{unknown.last_name} {unknown.iccid}", secret=SECRET) == [400]
    assert tell(call_back, told | {"status": unknown.last_name}, secret=SECRET) == [400]
    assert tell(call_back, told | {"line_number": unknown.iccid}, secret=SECRET) == [400]
    assert tell(call_back, told | {"key": unknown.iccid}, secret=SECRET)[0] in {400, 404}
    assert tell(call_back, told, secret=SECRET) == [200]
    other = told | {"event": "e2", "line_number": unknown.line}
    assert tell(call_back, other, secret=SECRET) == [200]
    late = told | {"event": "e3", "status": "refused", "reason": REFUSAL}
    assert tell(call_back, late, secret=SECRET) == [200]
    assert day.request("service").line_number == f"+33{who.line[1:]}"


def an_sms_is_lost(day: Day, operator: Visitor) -> None:
    unknown, report = day.who["stranger"], f"{day.url}/retours/sms/"
    odd = {"key": unknown.phone, "status": unknown.last_name}
    assert day.provider.tell(report, odd, secret=SECRET) == [400]
    assert day.provider.tell(report, odd | {"status": "failed"}, secret=SECRET) == [404]
    task = MessageTask.objects.filter(channel="sms").first()
    assert task is not None
    page = f"/gestion/activations/{task.request.uuid}/"
    operator.post(f"{page}message/", task=str(task.pk), note=NOTE)
    assert MessageTask.objects.get(pk=task.pk).note == NOTE


def the_admin_looks_somebody_up(day: Day) -> None:
    admin, mine = day.visitor(ADMIN), day.who["form"]
    to = "/gestion/donnees-personnelles/"
    typed = {"last_name": mine.last_name, "first_name": mine.first_name}
    admin.post(to, way="personne", **typed, birth_date="31/02/1931")
    found = admin.post(to, way="personne", **typed, birth_date="/".join(mine.born))
    request = day.request("form")
    assert has(found, request.reference)
    admin.post(to, way="carte", iccid=mine.iccid)
    chosen = str(request.uuid)
    assert has(admin.post(f"{to}exporter/", request=chosen, format="json"), mine.last_name)
    assert has(admin.post(f"{to}exporter/", request=chosen, format="page"), mine.last_name)
    refused = str(day.request("good").uuid)
    admin.post(f"{to}effacer/", request=refused)
    admin.post(f"{to}effacer/", request=refused, confirmed="oui")
    assert ActivationRequest.objects.get(uuid=refused).anonymised_at


def everything_breaks(day: Day, partner: Visitor, operator: Visitor) -> None:
    fields = {f"field {rank}": text for rank, text in enumerate(day.secrets.values())}
    form = day.who["stranger"].form()
    statuses = [
        partner.post("/panne/", **fields, **form).status_code,
        partner.post("/suspect/", **fields, **form).status_code,
        partner.post("/apres/", **fields, **form).status_code,
        partner.post("/activation-sim/", csrf=False, **form).status_code,
        partner.post("/activation-sim/brouillon/", csrf=False, **form).status_code,
        partner.post("/gestion/donnees-personnelles/", **form).status_code,
        partner.post(f"/activation-sim/suivi/{uuid.uuid4()}/corriger/", **form).status_code,
        operator.post("/activation-sim/", **form).status_code,
        operator.post("/gestion/activations/en-direct/", **form).status_code,
    ]
    assert statuses == [500, 400, 200, 403, 403, 403, 404, 403, 405]


# The proof.


@pytest.fixture
def left_behind(
    start_server: StartServer, capfd: pytest.CaptureFixture[str], settings: Any
) -> Iterator[Callable[[], tuple[Day, dict[str, str]]]]:
    """Yield a function that runs the day and returns all that is left of it, by place."""
    settings.OPERATOR_GATEWAY = "activation.exchange.http.HttpGateway"

    def run() -> tuple[Day, dict[str, str]]:
        with post_office() as office, standin() as provider:
            environment = {
                "DJANGO_SETTINGS_MODULE": "tests.privacy.canary_settings",
                "EMAIL_PORT": str(office.port),
                "SMS_HTTP_URL": f"{provider.url}/sms",
                "SMS_HTTP_TOKEN": "the-token",
                "SMS_HTTP_SENDER": "Espace",
                "SMS_REPORT_SECRET": SECRET,
                "OPERATOR_HTTP_URL": f"{provider.url}/activations",
                "OPERATOR_HTTP_TOKEN": "the-token",
                "OPERATOR_CALLBACK_SECRET": SECRET,
            }
            before = len(logs_of_servers())
            with start_server(environment=environment) as url, Eavesdropper() as heard:
                day = Day(url, office, provider)
                capfd.readouterr()
                waiting = work(day, environment)
            written = capfd.readouterr()
            day.sms = sms_texts(day)
            return day, {
                "logs": written.out + written.err,
                QUIET: logs_of_servers()[before:],
                "Redis while tasks waited": waiting,
                "Redis at the end": everything_in_redis(),
                "all that went to Redis": heard.text(),
                "database": everything_in_the_database(),
                "sessions": every_session(),
                "outbox": repr(list(OutboxMessage.objects.values())),
                "e-mails": "\n".join(one.as_string() + text_of(one) for one in office.taken),
                "error pages": "\n".join(one.text for one in day.answers if is_error(one)),
                "addresses": "\n".join(one.url for one in day.answers),
                "headers": "\n".join(str(dict(one.headers)) for one in day.answers),
                "what providers see besides": json.dumps(
                    [{**call, "content": ""} for call in provider.calls()]
                ),
            }

    app.conf.task_always_eager = False  # a worker is there to do it
    yield run
    app.conf.task_always_eager = True


def is_error(answer: requests.Response) -> bool:
    # 422 is a form shown again with what was typed, to whom has typed it.
    return answer.status_code >= 400 and answer.status_code not in {409, 413, 422}


def text_of(message: Any) -> str:
    return "\n".join(str(part.get_content()) for part in message.walk() if not part.is_multipart())


def work(day: Day, environment: dict[str, str]) -> str:
    """Live through the day; return what Redis held while tasks were waiting."""
    partner, operator = day.visitor(PARTNER), day.visitor(OPERATOR)
    the_partner_begins_and_leaves(day, partner)
    the_partner_sends_the_form(day, partner)
    the_partner_sends_files(day, partner)
    the_operator_sends_back_and_the_partner_corrects(day, operator, partner)
    the_operator_overrides_and_transmits(day, operator)
    sfr_answers_by_file(day, operator)
    partner.post("/activation-sim/", **day.who["service"].form(**NEW_NUMBER))
    waiting = everything_in_redis()
    redis.Redis.from_url(settings.REDIS_URL).set("canaries", WITNESS, px=1)
    day.provider.plan({"status": 500})
    with worker(environment):
        wait_until(all_tried)
        sfr_answers_by_its_service(day)
        OutboxMessage.objects.filter(delivered_at=None, dead_at=None).update(due_at=timezone.now())
        relay.delay()
        wait_until(MessageTask.objects.exists)
        wait_until(lambda: sms_texts(day))
        an_sms_is_lost(day, operator)
        the_admin_looks_somebody_up(day)
        everything_breaks(day, partner, operator)
        wait_until(all_tried)
    return waiting


def sms_texts(day: Day) -> list[str]:
    """Return the SMS that the provider took."""
    return [one["text"] for one in day.provider.taken().values() if "text" in one]


def all_tried() -> bool:
    return not OutboxMessage.objects.filter(attempts=0, delivered_at__isnull=True).exists()


def test_nobodys_data_are_anywhere_in_clear(
    left_behind: Callable[[], tuple[Day, dict[str, str]]],
) -> None:
    day, places = left_behind()

    found = {place: leaks(text, day.secrets) for place, text in places.items()}
    assert {place: hits for place, hits in found.items() if hits} == {}
    # What was searched was there: an empty place proves nothing.
    assert [place for place, text in places.items() if len(text) < 100] in ([], [QUIET])
    assert WITNESS in places["all that went to Redis"]
    assert "COPY public.activation_activationrequest" in places["database"]
    assert day.sms != []


@pytest.mark.parametrize(
    "kept",
    [
        "Key (phone)=(+33643958701) already exists.",
        "06 43 95 87 01",
        "06.43.95.87.01",
        "06\xa043\xa095\xa087\xa001",
        json.dumps({"name": "Canarival-Zformé"}),
        repr("Canarival-Zformé".encode()),
        "?q=Canarival-Zform%C3%A9",
        "CANARIVAL-ZFORMÉ",
        "born 11/11/1932",
        "1932-11-11",
        opened(base64.b64encode(b'["Plumeformette", 1, 2]')),
        opened(pickle.dumps({"first_name": "Plumeformette"})),
    ],
)
def test_a_canary_is_recognised_however_it_is_written(kept: str) -> None:
    assert leaks(f"before {kept} after", canaries("form")["form"].secrets()) != {}
