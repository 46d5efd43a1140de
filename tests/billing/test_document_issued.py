"""An issued invoice's document: of its frozen facts, drawn once, then kept."""

import hashlib
import io
import re
import uuid
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader

from portal.pages.models import Licence, Picture
from shop.billing import credits, issuing
from shop.billing.document import NotDepositable
from shop.billing.document.issued import batch, bill_of, keep
from shop.billing.models import BillingSettings, BuyerTerms, Invoice, InvoiceDocument
from tests import factories
from tests.billing import world
from tests.tickets.conftest import drawing

__all__ = ("drawing",)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawing")]


@pytest.fixture
def invoice() -> Invoice:
    """An issued invoice of three units of which one was free."""
    world.seller()
    world.stock(monde=5)
    member = world.customer(address="1 place de la Comédie", postcode="69001", city="Lyon")
    factories.quota(member.structure, "monde", 1)
    world.ordered(member, monde=3)
    world.opened()
    issued = issuing.issue(world.only(), by=world.manager())
    assert issued is not None
    return issued


def said(document: InvoiceDocument) -> str:
    """Return what a document's first page says, with plain spaces."""
    page = PdfReader(io.BytesIO(bytes(document.pdf))).pages[0]
    return re.sub(r"\s+", " ", page.extract_text())


def png() -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (60, 20), "#0b5d63").save(file, "PNG")
    return file.getvalue()


def choose_logo() -> Path:
    """Choose a picture as the seller's logo; return where its file lies."""
    facts = BillingSettings.load()
    facts.logo = Picture.objects.create(
        title="Logo",
        description="Le logo.",
        licence=Licence.OWN,
        file=SimpleUploadedFile("logo.png", png()),
    )
    facts.save()
    return Path(facts.logo.file.path)


def test_the_document_says_what_the_invoice_does(invoice: Invoice) -> None:
    document = keep(invoice)

    assert f"N° {invoice.number}" in said(document)
    assert invoice.structure.name in said(document)
    assert "1 place de la Comédie 69001 Lyon" in said(document)
    assert "Total à payer 10,00 €" in said(document)
    assert document.sha256 == hashlib.sha256(bytes(document.pdf)).hexdigest()
    assert [(one.quantity, one.is_free) for one in bill_of(invoice).lines] == [
        (2, False),
        (1, True),
    ]


def test_what_is_edited_after_the_issue_changes_nothing(invoice: Invoice) -> None:
    invoice.structure.name = "Autre nom"
    invoice.structure.save()
    BillingSettings.objects.update(seller_name="Autre vendeur", vat_mention="261-7-1")
    document = keep(Invoice.objects.get(pk=invoice.pk))

    assert "Autre" not in said(document)
    assert "TVA non applicable, art. 293 B du CGI" in said(document)


def test_a_document_is_drawn_once(invoice: Invoice) -> None:
    first = keep(invoice)
    BillingSettings.objects.update(logo=None)

    assert (keep(invoice).sha256, keep(invoice).made_at) == (first.sha256, first.made_at)
    assert InvoiceDocument.objects.count() == 1


def test_the_logo_of_the_settings_is_drawn(invoice: Invoice) -> None:
    choose_logo()

    assert len(PdfReader(io.BytesIO(bytes(keep(invoice).pdf))).pages[0].images) == 1


def test_an_unreadable_logo_stops_no_invoice(invoice: Invoice) -> None:
    choose_logo().write_bytes(b"no picture")

    assert len(PdfReader(io.BytesIO(bytes(keep(invoice).pdf))).pages[0].images) == 0


def test_a_credit_note_says_which_invoice_it_corrects(invoice: Invoice) -> None:
    by = world.manager()
    paid = invoice.lines.get(is_free=False)
    draft = credits.draft_credit_note(
        by=by, invoice=invoice.uuid, quantities={paid.pk: 1}, reason="Geste", key=uuid.uuid4()
    )
    note = issuing.issue(draft, by=by)

    assert note is not None
    assert f"Corrige la facture N° {invoice.number}" in said(keep(note))
    assert "Total de l’avoir 5,00 €" in said(keep(note))


def test_a_draft_has_no_document(invoice: Invoice) -> None:
    world.ordered(world.customer(), monde=1)
    world.opened(invoice.month)
    draft = Invoice.objects.drafts().get()

    with pytest.raises(ValueError, match="draft"):
        keep(draft)
    assert InvoiceDocument.objects.count() == 0


def test_the_batch_for_chorus_pro_holds_the_kept_files(invoice: Invoice) -> None:
    public = Invoice.objects.get(pk=invoice.pk)
    assert public.buyer is not None
    public.buyer["is_public"] = True
    archive = zipfile.ZipFile(io.BytesIO(batch([public])))

    (name,) = archive.namelist()
    assert name == f"facture_{invoice.number}.pdf"
    assert archive.read(name) == bytes(keep(invoice).pdf)


def test_a_private_structure_is_kept_out_of_the_batch(invoice: Invoice) -> None:
    assert not BuyerTerms.of(invoice.structure).is_public

    with pytest.raises(NotDepositable):
        batch([invoice])
