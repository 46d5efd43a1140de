"""Browsers of the back office, and its pages as text."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from shop.billing import deposits
from shop.billing.models import BillingSettings, Invoice
from tests import factories

RUNS = "/gestion/facturation/"
INVOICES = "/gestion/facturation/factures/"


def browser(who: User | Role = Role.REFERENT) -> Client:
    """Return the browser of somebody who is logged in."""
    client = Client()
    user: User = who if isinstance(who, User) else factories.UserFactory(role=who)
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    """Return what a page says, in ordinary spaces."""
    html = re.sub(r"<(script|style|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    words = re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").replace("\u00a0", " ")
    return " ".join(words.split()).replace("&#x27;", "'")


def said(answer: Any) -> list[str]:
    """Return the sentences above a page, in ordinary spaces."""
    return [str(one).strip().replace("\u00a0", " ") for one in answer.context["messages"]]


def objects(*, by: User, invoice: UUID) -> dict[str, object]:
    """Deposit an issued invoice of a public body on Chorus Pro; return arguments of addresses."""
    found = Invoice.objects.select_related("run").get(uuid=invoice)
    assert found.run
    deposit = deposits.deposit(by=by, key=uuid4(), invoices=[invoice])
    return {
        "gestion/facturation/mois/|uuid": found.run.uuid,
        "gestion/facturation/factures/|uuid": invoice,
        "gestion/facturation/factures/structures/|uuid": found.structure.uuid,
        "gestion/facturation/chorus-pro/|uuid": deposit.uuid,
        "billing_settings_id": BillingSettings.load().pk,
    }
