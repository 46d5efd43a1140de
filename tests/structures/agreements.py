"""Conventions and avenants at each of their stages, and the files that people send back."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pypdf import PdfReader, PdfWriter

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.agreements import Asked, documents, prepare, signing
from portal.structures.agreements.moves import Paper
from portal.structures.agreements.preparing import Need, change_amendment
from portal.structures.models import Agreement, Amendment, Membership, Structure
from tests import factories

PAGE = "/mon-compte/convention/"
DESK = "/gestion/conventions/"


def referent(**fields: Any) -> User:
    user: User = factories.UserFactory(role=Role.REFERENT, password=factories.PASSWORD, **fields)
    return user


def candidate(**fields: Any) -> Membership:
    """Return the lead of a candidate structure, who has a password."""
    names = {"state": Structure.State.CANDIDATE, "account_manager": referent()}
    structure = factories.StructureFactory(**(names | fields))
    user = factories.UserFactory(password=factories.PASSWORD, first_name="Léa", last_name="Martin")
    lead: Membership = factories.MembershipFactory(
        user=user, structure=structure, is_structure_lead=True
    )
    return lead


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pdf(pages: int = 1) -> bytes:
    """Return a real PDF of blank pages."""
    writer, made = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


def picture(kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(made, kind)
    return made.getvalue()


def upload(content: bytes | None = None, name: str = "convention.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def words(paper: Paper) -> str:
    """Return the text of the last document drawn for a paper, its lines joined."""
    drawn = documents.of_paper(paper).filter(kind="generated").first()
    assert drawn is not None
    pages = PdfReader(io.BytesIO(documents.content(drawn))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def draft(lead: Membership, by: User, **needs: int) -> Agreement:
    """Prepare a convention, and an avenant for needs of a month; ``monde=10``."""
    factories.product()
    asked = [
        Asked((upc := name.replace("_", "-")), factories.product(upc).title, units)
        for name, units in needs.items()
    ]
    return prepare(
        structure=lead.structure,
        needs=asked,
        delivery_mode=Agreement.Delivery.PICKUP,
        public="Familles",
        by=by,
    )


def signed(paper: Any, lead: Membership, by: User) -> Any:
    """Bring a draft to its signature."""
    signing.send_to_sign(paper, by=by)
    return signing.deposit(paper, by=lead.user, file=upload())


def grant(amendment: Amendment, by: User, limit: int | None = None, **units: int) -> Amendment:
    """Decide of an avenant's quantities; ``monde=20``."""
    asked = {need.upc: need.asked for need in amendment.needs.all()}
    needs = []
    for name, validated in units.items():
        upc = name.replace("_", "-")
        title = factories.product(upc).title
        needs.append(Need(upc, title, asked.get(upc, 0), validated, limit))
    return change_amendment(
        by=by,
        amendment=amendment,
        label=amendment.label,
        starts_on=amendment.starts_on,
        ends_on=amendment.ends_on,
        delivery_mode=amendment.delivery_mode,
        needs=needs,
    )


def in_force(lead: Membership, by: User, **needs: int) -> Agreement:
    """Return a countersigned convention, with a draft avenant where there are needs."""
    return signing.countersign(signed(draft(lead, by, **needs), lead, by), by=by)


def validated(lead: Membership, by: User, limit: int | None = None, **units: int) -> Amendment:
    """Return a validated avenant that grants what it is asked for; ``monde=20``."""
    agreement = in_force(lead, by, **units)
    amendment = grant(agreement.amendments.get(), by, limit, **units)
    return signing.validate(signed(amendment, lead, by), by=by)
