"""What is on paper: the PDF's text, its versions, and the files that come back."""

import io
import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.structures.agreements import documents, paper, signing, texts
from portal.structures.agreements.texts import TextRefused
from portal.structures.agreements.uploads import MAX_BYTES, UploadRefused, check
from portal.structures.models import (
    Agreement,
    AgreementDocument,
    AgreementText,
    Kind,
    Membership,
)
from portal.ui.forms import french_date
from tests import factories
from tests.structures import agreements as papers

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture
def lead(db: None) -> Membership:
    return papers.candidate(name="CCAS de Lormont", siret="21330249500019")


@pytest.fixture
def by(lead: Membership) -> User:
    return papers.referent(first_name="Rachid", last_name="Benali")


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_convention_says_what_its_text_says_with_the_structures_data(
    lead: Membership, by: User
) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)

    text = AgreementText.objects.get(kind=Kind.CONVENTION)
    laid = texts.blocks(text.body, paper.facts(agreement))
    expected = [plain(line) for block in laid for line in block.lines]
    found = papers.words(agreement)
    assert [line for line in expected if line not in found] == []
    assert "CCAS de Lormont (Association)" in found
    assert "SIRET 21330249500019" in found
    assert "Référent de la structure : Léa Martin" in found
    assert f"prend effet le {plain(french_date(agreement.starts_on))}" in found
    assert ("{{" in found, "………" in found) == (False, False)


def test_the_avenant_holds_the_table_of_what_is_asked_and_given(lead: Membership, by: User) -> None:
    amendment = papers.validated(lead, by, limit=2, monde=20, carte_sim=0)

    found = papers.words(amendment)
    monde, card = (factories.product(upc).title for upc in ("monde", "carte-sim"))
    assert f"{monde} 60 20 2 {card} 0 0 2" in found
    assert "vient retirer les cartes SIM" in found


def test_what_was_sent_stays_what_it_was_whatever_is_published_later(
    lead: Membership, by: User
) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    before = agreement.documents.get()
    first = AgreementText.objects.get(kind=Kind.CONVENTION)

    made = texts.publish(
        by=by, kind="convention", title="Autre titre", body="Texte de {{ structure }}."
    )

    after = AgreementDocument.objects.get()
    agreement.refresh_from_db()
    assert (made.version, agreement.text) == (2, first)
    assert (after.sha256, documents.content(after)) == (before.sha256, documents.content(before))
    assert "Autre titre" not in papers.words(agreement)


def test_the_next_paper_takes_the_new_version(lead: Membership, by: User) -> None:
    texts.publish(by=by, kind="convention", title="Autre titre", body="Pour {{ structure }} seule.")
    agreement = papers.draft(lead, by)

    signing.send_to_sign(agreement, by=by)

    assert "Pour CCAS de Lormont seule." in papers.words(agreement)


def test_a_published_text_never_changes(by: User) -> None:
    text = AgreementText.objects.earliest("pk")
    text.body = "Autre"

    with pytest.raises(TypeError):
        text.save()


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        ("convention", "Pour {{ strcture }}.", "« {{ strcture }} » n’est pas un champ connu"),
        ("convention", "{{ dotations }}", "« {{ dotations }} » n’est pas un champ connu"),
        ("convention", "Pour {{ structure.", "Un champ commence par {{ et finit par }}"),
        ("convention", "  \n ", "Le texte est vide."),
        ("avenant", "Rien de gratuit.", "seul dans son paragraphe"),
        ("avenant", "Voici {{ dotations }} en ligne.", "seul dans son paragraphe"),
    ],
)
def test_a_text_with_a_fault_is_refused(by: User, kind: str, body: str, sentence: str) -> None:
    with pytest.raises(TextRefused) as refused:
        texts.publish(by=by, kind=kind, title="Titre", body=body)

    assert sentence in refused.value.message.replace("\u00a0", " ")
    assert AgreementText.objects.filter(kind=kind).count() == 1


def test_a_text_that_looks_like_html_is_only_text(lead: Membership, by: User) -> None:
    body = "<script>alert(1)</script> <b>{{ structure }}</b>"
    texts.publish(by=by, kind="convention", title="Titre", body=body)
    agreement = papers.draft(lead, by)

    signing.send_to_sign(agreement, by=by)

    assert "<script>alert(1)</script> <b>CCAS de Lormont</b>" in papers.words(agreement)


def locked() -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.encrypt("secret")
    writer.write(made)
    return made.getvalue()


def active() -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.add_open_action(JavaScript("app.alert('bonjour');"))
    writer.write(made)
    return made.getvalue()


def carrier() -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.add_attachment("virus.exe", b"MZ")
    writer.write(made)
    return made.getvalue()


HTML = b"<!doctype html><html><script>alert(1)</script></html>"
NEITHER = "Ce fichier n’est ni un PDF, ni une photo JPEG ou PNG."
DAMAGED = "Ce PDF est incomplet ou abîmé"
BAD = {
    "empty": (b"", "Ce fichier est vide"),
    "html": (HTML, NEITHER),
    "html after a space": (b" " + HTML + b"%PDF-1.7 %%EOF", NEITHER),
    "executable": (b"MZ\x90\x00" + bytes(300), NEITHER),
    "elf": (b"\x7fELF" + bytes(300), NEITHER),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', NEITHER),
    "gif": (b"GIF89a" + bytes(20), NEITHER),
    "word": (b"PK\x03\x04" + bytes(100), NEITHER),
    "cut picture": (papers.picture("PNG")[:40], NEITHER),
    "head of a pdf": (b"%PDF-1.7\n", DAMAGED),
    "html dressed as pdf": (b"%PDF-1.7\n" + HTML + b"\n%%EOF", DAMAGED),
    "cut pdf": (papers.pdf()[:-60], DAMAGED),
    "locked": (locked(), "Ce PDF est protégé par un mot de passe"),
    "script": (active(), "Ce PDF contient un programme"),
    "attachment": (carrier(), "Ce PDF contient un programme"),
    "too big": (papers.pdf() + bytes(30 * 1024 * 1024), "Ce fichier pèse 30 Mo"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_none_of_ours_is_refused_and_nothing_is_lost(
    lead: Membership, by: User, case: str
) -> None:
    content, sentence = BAD[case]
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)

    with pytest.raises(UploadRefused) as refused:
        signing.deposit(agreement, by=lead.user, file=papers.upload(content))

    agreement.refresh_from_db()
    assert refused.value.message.replace("\u00a0", " ").startswith(sentence)
    assert refused.value.message.endswith("Rien n’a été modifié.")
    assert (agreement.state, agreement.documents.count()) == ("to_sign", 1)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (papers.pdf(3), "application/pdf"),
        (papers.picture("JPEG"), "image/jpeg"),
        (papers.picture("PNG"), "image/png"),
    ],
)
def test_a_real_file_is_kept_by_what_it_is_and_not_by_its_name(
    content: bytes, media_type: str
) -> None:
    checked = check(SimpleUploadedFile("facture.exe", content, content_type="text/html"))

    assert (checked.content, checked.media_type) == (content, media_type)


def test_a_file_of_exactly_the_limit_passes_and_a_byte_more_does_not() -> None:
    content = papers.pdf()
    filled = content.replace(b"%PDF-1.3\n", b"%PDF-1.3\n%" + b"x" * 10 + b"\n", 1)
    assert check(SimpleUploadedFile("a.pdf", filled)).content == filled

    with pytest.raises(UploadRefused):
        check(SimpleUploadedFile("a.pdf", bytes(MAX_BYTES + 1)))


def test_our_own_pdf_comes_back_through_the_same_check(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    ours = documents.content(agreement.documents.get())

    assert check(papers.upload(ours)).media_type == "application/pdf"
    assert len(PdfReader(io.BytesIO(ours)).pages) == 2


def test_a_file_lies_encrypted_in_the_database(lead: Membership, by: User) -> None:
    agreement = papers.signed(papers.draft(lead, by), lead, by)
    document = agreement.documents.get(kind="signed")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encrypted FROM structures_agreementdocument WHERE id = %s", [document.pk]
        )
        (raw,) = cursor.fetchone()

    assert (b"%PDF" in bytes(raw), documents.content(document)[:5]) == (False, b"%PDF-")


@pytest.fixture
def file(lead: Membership, by: User) -> AgreementDocument:
    agreement = papers.signed(papers.draft(lead, by), lead, by)
    return agreement.documents.get(kind="signed")  # type: ignore[no-any-return]


@pytest.mark.parametrize("desk", [False, True])
def test_a_download_is_saved_and_kept_by_nothing(
    lead: Membership, by: User, file: AgreementDocument, desk: bool
) -> None:
    reader = by if desk else lead.user
    place = papers.DESK if desk else papers.PAGE

    answer = papers.browser(reader).get(f"{place}documents/{file.uuid}/")

    name = f"convention-{lead.structure_id}-{file.pk}-signe.pdf"
    assert (answer.status_code, answer.content) == (200, documents.content(file))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    trail = AuditEntry.objects.get(action="structures.document_downloaded")
    assert (trail.by, trail.target_id) == (reader, str(file.pk))


def test_only_the_lead_of_the_structure_reads_its_files(
    lead: Membership, file: AgreementDocument
) -> None:
    colleague = factories.MembershipFactory(structure=lead.structure)
    stranger = papers.candidate()
    address = f"{papers.PAGE}documents/{file.uuid}/"

    asked = [papers.browser(one.user).get(address).status_code for one in (colleague, stranger)]

    assert (asked, Client().get(address).status_code) == ([404, 404], 302)


def test_no_file_is_in_a_log(lead: Membership, by: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        papers.signed(papers.draft(lead, by), lead, by)

    assert [one for one in caplog.messages if "%PDF" in one] == []


def post(client: Client, address: str, content: bytes) -> Any:
    return client.post(address, {"file": papers.upload(content)})


@pytest.mark.parametrize("case", ["html", "executable", "too big", "empty"])
def test_the_lead_reads_why_a_file_is_refused_and_sends_another(
    lead: Membership, by: User, case: str
) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    client, address = papers.browser(lead.user), f"{papers.PAGE}{agreement.uuid}/renvoyer/"

    refused = post(client, address, BAD[case][0])
    accepted = post(client, address, papers.pdf())

    text = refused.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")
    assert (refused.status_code, BAD[case][1] in text) == (422, True)
    assert accepted.status_code == 302
    assert Agreement.objects.get().state == "signed"


def test_a_member_who_does_not_lead_signs_nothing(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    colleague = factories.MembershipFactory(structure=lead.structure)

    answer = post(
        papers.browser(colleague.user), f"{papers.PAGE}{agreement.uuid}/renvoyer/", papers.pdf()
    )

    assert (answer.status_code, Agreement.objects.get().state) == (403, "to_sign")
