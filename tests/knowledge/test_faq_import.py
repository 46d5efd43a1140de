"""Importing questions of the FAQ from a spreadsheet."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge import faq_import
from knowledge.models import FaqFile, FaqQuestion
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.sheets.reading import UnreadableFile
from tests.factories import UserFactory

GOOD = """\
thème;question;réponse;mots
Dépannage;Que faire d'un téléphone mouillé ?;"Éteignez-le.

- **Ne** l'allumez pas
- Voyez [l'aide](/aide/)";eau pluie
depannage;que faire d’un TELEPHONE mouille;Autre chose;
usage;Comment connaître le solde de la ligne?;Le 950;
Inconnu;Une question;Une réponse;
usage;;Une réponse;
usage;Sans réponse;;
usage;Un lien;[ici](javascript:alert(1));
usage;Du HTML;<script>alert(1)</script>;
"""


@pytest.fixture
def editor(content: int) -> Client:
    client = Client()
    client.force_login(UserFactory(role=Role.EDITOR))
    return client


def outcomes(text: str) -> list[tuple[int, str]]:
    plan = faq_import.plan(io.BytesIO(text.encode()))
    return [(line.number, line.why or str(line.outcome)) for line in plan.lines]


def send(client: Client, text: str, name: str = "questions.csv") -> str:
    file = SimpleUploadedFile(name, text.encode())
    answer = client.post("/gestion/faq/suivi/importer/", {"file": file})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_each_line_says_what_it_becomes_and_why(content: int) -> None:
    names = ("Questions d’usage", "Questions techniques", "Dépannage")
    themes = ", ".join(f"«\u00a0{name}\u00a0»" for name in names)
    assert outcomes(GOOD) == [
        (2, "draft"),
        (6, "La même question est à la ligne 2."),
        (7, "La FAQ a déjà cette question."),
        (8, f"Ce thème n’existe pas. Les thèmes\u00a0: {themes}."),
        (9, "La question manque."),
        (10, "La réponse manque."),
        (11, "Un lien ne commence ni par / ni par http(s)://, mailto: ou tel:."),
        (12, "draft"),
    ]


def test_nothing_is_written_before_it_is_confirmed_then_drafts_only(editor: Client) -> None:
    before = FaqQuestion.objects.count()
    address = send(editor, GOOD)
    html = editor.get(address).content.decode()
    assert re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", html) == [
        ("Brouillons", "2"),
        ("Déjà connues", "2"),
        ("Refusées", "4"),
    ]
    assert FaqQuestion.objects.count() == before
    assert editor.post(address)["Location"] == address
    made = FaqQuestion.objects.get(question="Que faire d’un téléphone mouillé\u00a0?")
    assert (made.live, made.theme.slug, made.keywords) == (False, "depannage", "eau pluie")
    assert made.answer == (
        "<p>Éteignez-le.</p><ul><li><b>Ne</b> l’allumez pas</li>"
        '<li>Voyez <a href="/aide/">l’aide</a></li></ul>'
    )
    hostile = FaqQuestion.objects.get(question="Du HTML")
    assert "<script" not in hostile.answer
    assert Client().get(f"/faq/{made.slug}/").status_code == 404
    assert made.latest_revision.user == FaqFile.objects.get().by
    assert FaqQuestion.objects.count() == before + 2


def test_a_file_is_imported_once_and_leaves_its_report_only(editor: Client) -> None:
    address = send(editor, GOOD)
    for _ in range(2):
        editor.post(address)
    file = FaqFile.objects.get()
    assert (bytes(file.content), len(file.report)) == (b"", 8)
    entry = AuditEntry.objects.get(action="knowledge.faq_imported")
    assert entry.details["created"] == 2
    assert "importé le" in editor.get(address).content.decode()


def test_a_file_that_brings_nothing_is_refused(editor: Client) -> None:
    address = send(editor, "theme;question;reponse\nusage;Sans réponse;\n")
    answer = editor.post(address)
    assert answer.status_code == 422
    assert "Aucune ligne de ce fichier" in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("question;reponse\nA;B\n", "Il manque\u00a0: theme."),
        ("theme;question;reponse\n", "Ce fichier n’a que sa ligne de titres"),
        ("\0\0", "Ce fichier n’est ni un CSV"),
    ],
)
def test_a_file_that_is_no_table_of_questions_says_why(content: int, text: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=re.escape(why)):
        outcomes(text)


def test_only_those_who_write_questions_import_them(content: int) -> None:
    codes = {}
    for role in (Role.EDITOR, Role.MODERATOR, Role.REFERENT, Role.PARTNER):
        client = Client()
        client.force_login(UserFactory(role=role))
        codes[role] = client.get("/gestion/faq/suivi/importer/").status_code
    assert codes == {Role.EDITOR: 200, Role.MODERATOR: 200, Role.REFERENT: 302, Role.PARTNER: 302}
