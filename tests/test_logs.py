"""What people type stays out of logs, queues and caches: a day's work with canaries, then grep.

Two real processes over real servers, with failures of every kind on the way; whatever they wrote
is read afterwards. The same day shows that one request id joins a page, its message and its task.
"""

import io
import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from activation.models import ActivationRequest
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.models import OutboxMessage
from portal.structures.models import Structure
from portal.structures.services import add_member
from shop.recharges.models import RechargeCode
from tests import factories
from tests.activation.factories import rio_of, typed
from tests.faults.providers import PostOffice, post_office
from tests.support.server import StartServer
from tests.support.traces import (
    everything_in_redis,
    everything_in_the_database,
    leaks,
    wait_until,
    worker,
)
from tests.support.visitor import Visitor, hidden

UPC = "internet-mobile-8-go"
PARTNER, REFUSED = "canari.nadia@structure.example", "canari.refuse@structure.example"
PASSWORD, WRONG = "orage canari sans parapluie", "orage canari avec parapluie"
CODES = ("0987601234", "0987605678")
CARD = "89331012345678901230"
RIO = rio_of("0612349876")
LINE = "0755661234"
REASON = "Le canari a perdu ses papiers"
#: What nobody but the people concerned may read, by what it is.
SECRETS = {
    "password": PASSWORD,
    "wrong password": WRONG,
    "code": CODES[0],
    "other code": CODES[1],
    "refused code": "09876canari",
    "last name": "Canarival-Zéphyr",
    "first name": "Clémencanari",
    "ICCID": CARD,
    "RIO": RIO,
    "phone": "0612349876",
    "phone, E.164": "+33612349876",
    "phone, as shown": "06 12 34 98 76",
    "line": LINE,
    "line, E.164": "+33755661234",
    "reason": REASON,
}
ADDRESSES = {"partner's address": PARTNER, "refused address": REFUSED}
SETTINGS = "tests.faults.settings"
LINK = re.compile(r"https?://[^/\s]+(/(?:invitation|mot-de-passe)/[\w-]+/\S+)")


class Day:
    """The people of the day, its processes' addresses, and the secrets it makes."""

    def __init__(self, url: str, office: PostOffice) -> None:
        """Let everyone arrive; nobody is logged in."""
        self.url, self.office = url, office
        self.secrets = dict(SECRETS)
        self.visitors: list[Visitor] = []
        self.structure: Structure = factories.StructureFactory(may_order=True)
        factories.quota(self.structure, UPC, 5)
        roles = {"admin": Role.ADMINISTRATOR, "referent": Role.REFERENT, "operator": Role.OPERATOR}
        for name, role in roles.items():
            email = f"{name}@equipe.example"
            factories.UserFactory(email=email, role=role, password=factories.PASSWORD)
        factories.MembershipFactory(
            user=factories.UserFactory(email=REFUSED, password=factories.PASSWORD),
            structure=self.structure,
        )

    def visitor(self, email: str = "", password: str = factories.PASSWORD) -> Visitor:
        """Return somebody new, logged in where an address is given."""
        one = Visitor(self.url)
        self.visitors.append(one)
        if email:
            assert "/connexion/" not in one.log_in(email, password).url
        return one

    def link_to(self, email: str) -> str:
        """Return the path of the newest one-time link sent, whose token is a secret from now on."""
        links = [link for one in self.office.to(email) for link in LINK.findall(text_of(one))]
        path = links[-1]
        token = path.rstrip("/").split("/")[-1].split("-", 1)[-1]
        self.secrets[f"token of {path.split('/')[1]}"] = token
        return path


def text_of(message: EmailMessage) -> str:
    """Return the plain text of an e-mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def all_tried() -> bool:
    """Whether the relay has tried every message, and the queue holds no task."""
    waiting = OutboxMessage.objects.filter(attempts=0, delivered_at__isnull=True).exists()
    return not waiting and not redis.Redis.from_url(settings.REDIS_URL).llen("celery")


# What happens in a day.


def the_admin_invites_the_partner(day: Day) -> None:
    admin = day.visitor("admin@equipe.example")
    answer = admin.post(
        "/gestion/users/new/",
        email=PARTNER,
        first_name="Nadia",
        last_name="Petit",
        phone="",
        roles=str(Role.PARTNER),
    )
    assert answer.status_code == 200
    member = add_member(by=None, structure=day.structure, user=User.objects.get(email=PARTNER))
    member.trained_at = timezone.now()
    member.save(update_fields=["trained_at"])


def the_partner_chooses_a_password(day: Day) -> Visitor:
    path = day.link_to(PARTNER)
    stranger = day.visitor()
    assert stranger.post(path, csrf=False).status_code == 403
    assert stranger.get(f"{path}encore/").status_code == 404
    partner = day.visitor()
    form = partner.get(path)
    partner.post(form.url.removeprefix(day.url), new_password1=PASSWORD, new_password2=PASSWORD)
    assert "/connexion/" in partner.log_in(PARTNER, WRONG).url
    assert "/connexion/" not in partner.log_in(PARTNER, PASSWORD).url
    return partner


def the_referent_imports_codes(day: Day) -> None:
    referent = day.visitor("referent@equipe.example")
    good = factories.lot_file(UPC, CODES)
    bad = good + f"\r\n{UPC};{SECRETS['refused code']};31/12/2099".encode()
    for content in (bad, good):
        files = {"file": ("lot.csv", io.BytesIO(content), "text/csv")}
        preview = referent.post("/gestion/lots/importer/", name="Lot", files=files)
        referent.post(preview.url.removeprefix(day.url))
    assert RechargeCode.objects.count() == len(CODES)


def the_partner_orders(partner: Visitor) -> None:
    partner.post("/panier/ajouter/", product=UPC, quantity="1")
    basket = partner.get("/panier/")
    key, seen = hidden(basket, "key"), hidden(basket, "seen")
    assert CODES[0] in partner.post("/commande/", key=key, seen=seen).text
    given = RechargeCode.objects.get(state="given")
    assert CODES[0] in partner.post(f"/mon-compte/recharges/{given.uuid}/").text


def the_partner_asks_for_an_activation(partner: Visitor) -> ActivationRequest:
    form = typed(
        iccid=CARD,
        last_name=SECRETS["last name"],
        first_name=SECRETS["first name"],
        contact_phone=SECRETS["phone, as shown"],
        portability="oui",
        current_number=SECRETS["phone, as shown"],
        rio=RIO,
    )
    assert partner.post("/activation-sim/verifier/iccid/", **form).status_code == 200
    partner.post("/activation-sim/", **(form | {"birth_date_day": "32"}))
    partner.post("/activation-sim/", **form)
    return ActivationRequest.objects.get()


def the_operator_activates(day: Day, request: ActivationRequest) -> None:
    operator = day.visitor("operator@equipe.example")
    page = f"/gestion/activations/{request.uuid}/"
    operator.post(f"{page}prendre/")
    assert SECRETS["last name"] in operator.get(page).text
    operator.post(f"{page}refuser/", reason=REASON * 20)
    operator.post(f"{page}activer/", line_number=f"{LINE}9")
    operator.post(f"{page}activer/", line_number=LINE)
    request.refresh_from_db()
    assert request.state == "activated"


def passwords_are_forgotten(day: Day) -> None:
    for email in (PARTNER, REFUSED, "canari.inconnu@structure.example"):
        day.visitor().post("/mot-de-passe/oublie/", email=email)


def the_partner_chooses_another_password(day: Day) -> None:
    path = day.link_to(PARTNER)
    visitor = day.visitor()
    assert visitor.post(path, csrf=False).status_code == 403
    form = visitor.get(path)
    chosen = SECRETS["wrong password"]
    visitor.post(form.url.removeprefix(day.url), password1=chosen, password2=chosen)
    assert "/connexion/" not in day.visitor().log_in(PARTNER, chosen).url
    assert "set-password" not in day.visitor().get(path).url


def everything_breaks(day: Day) -> None:
    visitor = day.visitor()
    fields = {f"field {number}": text for number, text in enumerate(day.secrets.values())}
    statuses = [
        visitor.post("/panne/", **fields, email=PARTNER).status_code,
        visitor.post("/doublon/", email=PARTNER).status_code,
        visitor.post("/suspect/", **fields).status_code,
        visitor.post("/apres/", **fields).status_code,
        visitor.post("/tache/", email=PARTNER).status_code,
    ]
    assert statuses == [500, 500, 400, 200, 200]
    for secret in [*day.secrets.values(), *ADDRESSES.values()]:
        visitor.get(f"/introuvable/{quote(secret)}/?q={quote(secret)}")
        visitor.get(
            f"/faq/?q={quote(secret)}", headers={"Referer": f"{day.url}/?q={quote(secret)}"}
        )
        visitor.post(f"/{quote(secret)}/", csrf=False, login=secret)
    visitor.log_in(WRONG, PARTNER)  # the fields exchanged


# What the logs say.


def queued_request_ids() -> set[str]:
    """Return the request ids that tasks in the queue carry."""
    queued = redis.Redis.from_url(settings.REDIS_URL).lrange("celery", 0, -1)
    return {json.loads(one)["headers"]["request_id"] for one in queued}


def lines_of(written: str) -> list[dict[str, Any]]:
    """Return the log lines, all of which are JSON objects (but for Celery's farewell)."""
    lines = [line for line in written.splitlines() if line and "Warm shutdown" not in line]
    return [json.loads(line) for line in lines]


# The proof.


@pytest.fixture
def written(
    start_server: StartServer, capfd: pytest.CaptureFixture[str]
) -> Callable[[], tuple[Day, str, list[str]]]:
    """Return a function that runs the day and returns it, all logs, and what Redis held."""

    def run() -> tuple[Day, str, list[str]]:
        with post_office(REFUSED) as office:
            environment = {"DJANGO_SETTINGS_MODULE": SETTINGS, "EMAIL_PORT": str(office.port)}
            with start_server(environment=environment) as url:
                day = Day(url, office)
                capfd.readouterr()
                held = work(day, environment)
            written = capfd.readouterr()
        return day, written.out + written.err, held

    return run


def work(day: Day, environment: dict[str, str]) -> list[str]:
    """Live through the day; return what Redis held when tasks were waiting, and at the end."""
    the_admin_invites_the_partner(day)
    assert queued_request_ids() <= ids_of(day)
    held = [everything_in_redis()]
    with worker(environment):
        wait_until(lambda: day.office.to(PARTNER))
    partner = the_partner_chooses_a_password(day)
    the_referent_imports_codes(day)
    the_partner_orders(partner)
    the_operator_activates(day, the_partner_asks_for_an_activation(partner))
    passwords_are_forgotten(day)
    assert queued_request_ids() <= ids_of(day)
    held.append(everything_in_redis())
    with worker(environment):
        wait_until(all_tried)
        the_partner_chooses_another_password(day)
        everything_breaks(day)
        wait_until(all_tried)
    held.append(everything_in_redis())
    return held


def ids_of(day: Day) -> set[str]:
    return {answer.request_id for one in day.visitors for answer in one.answers}


def test_a_day_leaves_no_personal_data_and_no_secret_behind(
    written: Callable[[], tuple[Day, str, list[str]]],
) -> None:
    day, logs, held = written()

    everything = day.secrets | ADDRESSES
    assert leaks(logs, everything) == {}
    # allauth leaves a used link's key, which opens nothing, in the session of who used it.
    kept = {name: text for name, text in everything.items() if name != "token of mot-de-passe"}
    assert [leaks(text, kept) for text in held] == [{}, {}, {}]
    assert leaks(everything_in_the_database(), day.secrets) == {}
    outbox = [(row.payload, row.last_error, row.topic) for row in OutboxMessage.objects.all()]
    assert leaks(repr(outbox), everything) == {}
    # The failures did happen, and are told: by their class.
    refused = OutboxMessage.objects.exclude(last_error="").values_list("topic", "last_error")
    assert set(refused) == {
        ("accounts.password_reset", "SMTPRecipientsRefused"),
        ("activation.activated_sms", "OSError"),
    }
    _assert_one_id_joins_everything(day, lines_of(logs))


def _assert_one_id_joins_everything(day: Day, lines: list[dict[str, Any]]) -> None:
    told = sorted(
        (line["request_id"], line["method"], line["status"])
        for line in lines
        if line["event"] == "request"
    )
    got = [(a.request_id, a.method, a.status) for one in day.visitors for a in one.answers]
    assert told == sorted(got)
    by_message: dict[str, set[str]] = {}
    for line in lines:
        if line["event"].startswith("outbox."):
            by_message.setdefault(line["message"], set()).add(line["request_id"])
    messages = OutboxMessage.objects.all()
    assert by_message == {str(one.uuid): {one.request_id} for one in messages}
    assert {one.request_id for one in messages} <= ids_of(day)
