"""What the tests of assistance stand on: a structure, its référent, questions."""

import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pypdf import PdfWriter

from knowledge.models import FaqQuestion, FaqTheme
from knowledge.support import services, team
from knowledge.support.models import SupportRequest
from knowledge.support.services import Question
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.models import Membership
from tests import factories

ASK = "/aide/demande/"
MINE = "/mon-compte/assistance/"
DESK = "/gestion/assistance/"
SECRET = "Fatoumata ne capte plus"


def referent(**fields: Any) -> User:
    made: User = factories.UserFactory(role=Role.REFERENT, **fields)
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(answer: Any) -> str:
    """Return what a page says, without its markup; non-breaking spaces made plain."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.replace("&nbsp;", " ").replace("\u00a0", " ").split())


def question(**fields: Any) -> Question:
    """Return what a partner asks, about a SIM card."""
    usual = {"subject": "sim", "title": "La carte n’est pas reconnue", "body": SECRET}
    return Question(**(usual | fields))


def ask(member: Membership, **fields: Any) -> SupportRequest:
    """Send a request by the service."""
    files = fields.pop("files", ())
    return services.ask(by=member, key=uuid.uuid4(), question=question(**fields), files=files)


def answer(by: User, request: SupportRequest, body: str = "Éteignez le téléphone.") -> None:
    """Answer a request by the service."""
    team.answer(by=by, request=request, key=uuid.uuid4(), body=body)


def typed(**fields: Any) -> dict[str, Any]:
    """Return the form as a partner fills it in."""
    usual = {
        "key": str(uuid.uuid4()),
        "subject": "sim",
        "about": "",
        "title": "La carte n’est pas reconnue",
        "body": SECRET,
    }
    return usual | fields


def faq(text: str, answer: str = "<p>Éteignez-la puis rallumez-la.</p>") -> FaqQuestion:
    """Publish a question."""
    theme, _ = FaqTheme.objects.get_or_create(name="Dépannage", slug="depannage")
    made = FaqQuestion(theme=theme, question=text, answer=answer, live=True)
    made.full_clean()
    made.save()
    return made


def pdf() -> bytes:
    """Return a real PDF of a blank page."""
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


def picture(kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(made, kind)
    return made.getvalue()


def upload(content: bytes, name: str = "photo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def manager(db: None) -> User:
    """The référent who follows the structure."""
    return referent(first_name="Rachid", last_name="Benali")


@pytest.fixture
def member(manager: User) -> Membership:
    """A partner who asks."""
    structure = factories.StructureFactory(
        name="CCAS de Lormont", may_order=True, account_manager=manager
    )
    made: Membership = factories.MembershipFactory(structure=structure)
    return made


@pytest.fixture
def stranger(db: None) -> Membership:
    """A partner of another structure."""
    made: Membership = factories.MembershipFactory()
    return made
