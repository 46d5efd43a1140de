"""The library: alternative text, licence and credit, and files that are not what they say."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image
from wagtail.models import UploadedFile

from portal.accounts.roles import Role
from portal.pages.models import Licence, Paper, Picture
from portal.pages.uploads import is_what_it_says
from tests.pages.people import browser_of

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def editor(db: None) -> Client:
    return browser_of(Role.EDITOR)


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(content, "PNG")
    return content.getvalue()


def office(part: str, text: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        parts.writestr(part, text)
    return content.getvalue()


def picture_form(**changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Carte SIM",
        "file": SimpleUploadedFile("carte.png", png()),
        "description": "Une carte SIM et son support.",
        "licence": "own",
        "credit": "",
        "tags": "",
    }
    return fields | changes


def sent(client: Client, place: str, form: dict[str, Any]) -> dict[str, list[str]]:
    """Send the form; return the errors of its fields, none when it was taken."""
    answer = client.post(f"/gestion/{place}/add/", form)
    return {} if answer.status_code == 302 else dict(answer.context["form"].errors)


def test_a_picture_needs_its_description_and_its_licence(editor: Client) -> None:
    assert sent(editor, "images", picture_form()) == {}
    missing = sent(editor, "images", picture_form(description="", licence=""))
    assert sorted(missing) == ["description", "licence"]
    assert Picture.objects.count() == 1


@pytest.mark.parametrize("licence", ["cc-by", "cc-by-sa", "agreed"])
def test_a_licence_that_asks_for_a_credit_gets_one(editor: Client, licence: str) -> None:
    refused = sent(editor, "images", picture_form(licence=licence))
    assert refused == {"__all__": ["Cette licence demande un crédit\u00a0: écrivez qui l’a faite."]}
    named = picture_form(licence=licence, credit="Photo : Ada Martin")
    assert sent(editor, "images", named) == {}


def test_several_pictures_at_once_wait_for_their_description(editor: Client) -> None:
    answer = editor.post(
        "/gestion/images/multiple/add/", {"files[]": SimpleUploadedFile("carte.png", png())}
    )
    assert answer.json()["success"] is True
    assert (Picture.objects.count(), UploadedFile.objects.count()) == (0, 1)
    assert 'name="uploaded-image-' in answer.json()["form"]
    assert "-description" in answer.json()["form"]
    waiting = UploadedFile.objects.get().pk
    place = f"/gestion/images/multiple/create_from_uploaded_image/{waiting}/"
    written = {f"uploaded-image-{waiting}-{name}": v for name, v in picture_form().items()}
    assert editor.post(place, written).json()["success"] is True
    assert Picture.objects.get().description == "Une carte SIM et son support."


def test_the_database_itself_refuses_a_picture_without_description(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Picture.objects.create(
            title="x", file=SimpleUploadedFile("x.png", png()), licence=Licence.OWN
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [("dessin.svg", SVG), ("dessin.png", SVG), ("page.jpg", HTML), ("vide.png", b"")],
)
def test_what_is_no_picture_is_refused(editor: Client, name: str, content: bytes) -> None:
    file = SimpleUploadedFile(name, content)
    assert list(sent(editor, "images", picture_form(file=file))) == ["file"]
    assert Picture.objects.count() == 0


def test_a_picture_of_40_mb_is_refused_with_a_sentence(editor: Client) -> None:
    file = SimpleUploadedFile("grande.png", png() + bytes(40 * 1024 * 1024))
    errors = sent(editor, "images", picture_form(file=file))["file"]
    assert errors == [
        "Ce fichier est trop gros (40,0\xa0Mio). La taille de fichier maximale est de 10,0\xa0Mio."
    ]


def paper_form(name: str, content: bytes) -> dict[str, Any]:
    file = SimpleUploadedFile(name, content)
    return {"title": "Affiche", "file": file, "licence": "own", "credit": "", "tags": ""}


GOOD = [
    ("affiche.pdf", b"%PDF-1.7\n"),
    ("liste.csv", "nom;numéro\n".encode()),
    ("note.txt", b"Bonjour"),
    ("lettre.docx", office("word/document.xml")),
    ("table.xlsx", office("xl/workbook.xml")),
    ("table.ods", office("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
]
BAD = [
    ("affiche.pdf", HTML),
    ("affiche.pdf", b"\n " + HTML + b"%PDF-1.7"),
    ("note.txt", HTML),
    ("note.txt", b"\xef\xbb\xbf" + SVG),
    ("note.txt", b"MZ\0\0"),
    ("lettre.docx", b"PK\x03\x04"),
    ("lettre.docx", office("xl/workbook.xml")),
    ("lettre.odt", office("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
]


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_a_document_is_what_its_name_says(editor: Client, name: str, content: bytes) -> None:
    assert sent(editor, "documents", paper_form(name, content)) == {}
    assert is_what_it_says(Paper.objects.get().file)


@pytest.mark.parametrize(("name", "content"), BAD)
def test_a_document_that_lies_is_refused(editor: Client, name: str, content: bytes) -> None:
    errors = sent(editor, "documents", paper_form(name, content))
    assert errors["file"][0].startswith("Le contenu de ce fichier n’est pas celui que son nom")
    assert Paper.objects.count() == 0


@pytest.mark.parametrize("name", ["page.html", "dessin.svg", "outil.exe", "sans-fin"])
def test_other_kinds_of_documents_are_refused(editor: Client, name: str) -> None:
    assert list(sent(editor, "documents", paper_form(name, b"x"))) == ["file"]


def test_a_document_needs_its_licence(editor: Client) -> None:
    form = paper_form("note.txt", b"Bonjour") | {"licence": ""}
    assert list(sent(editor, "documents", form)) == ["licence"]


def test_several_documents_at_once_are_checked_too(editor: Client) -> None:
    lies = {"files[]": SimpleUploadedFile("affiche.pdf", HTML)}
    answer = editor.post("/gestion/documents/multiple/add/", lies).json()
    assert (answer["success"], Paper.objects.count(), UploadedFile.objects.count()) == (False, 0, 0)
