"""The file: PDF/A-3 with its data attached, the same twice, light, and safe to keep."""

import hashlib
import io
import os
import resource
import subprocess
import sys
from typing import Any

import facturx
import pytest
from defusedxml import ElementTree
from PIL import Image
from pypdf import PdfReader

from shop.billing.document import Document, render
from tests.billing.bills import bill, line
from tests.tickets.conftest import drawing

__all__ = ("drawing",)
pytestmark = pytest.mark.usefixtures("drawing")

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FACTUR_X = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDF_A = "{http://www.aiim.org/pdfa/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
#: What a PDF/A may not have, wherever it is.
FORBIDDEN = {"/JavaScript", "/JS", "/Launch", "/AA", "/OpenAction", "/Encrypt", "/EmbeddedFDFs"}
DRAWS = (
    "import hashlib, django; django.setup();"
    "from tests.billing.bills import bill; from shop.billing.document import render;"
    "print(hashlib.sha256(render(bill()).pdf).hexdigest())"
)


@pytest.fixture(scope="module")
def document() -> Document:
    """An invoice of two lines."""
    return render(bill(line(), line("Carte SIM", price="0.00")))


@pytest.fixture
def reader(document: Document) -> PdfReader:
    """The same, opened."""
    return PdfReader(io.BytesIO(document.pdf), strict=True)


@pytest.fixture
def catalog(reader: PdfReader) -> Any:
    """What its pages and all else hang from."""
    return reader.trailer["/Root"]


@pytest.fixture
def metadata(catalog: Any) -> Any:
    """The XMP packet, parsed."""
    return ElementTree.fromstring(catalog["/Metadata"].get_data())


def test_the_data_are_attached_once_as_factur_x_wants(document: Document, catalog: Any) -> None:
    (attached,) = [one.get_object() for one in catalog["/AF"]]
    names, file = catalog["/Names"]["/EmbeddedFiles"]["/Names"], attached["/EF"]["/F"].get_object()

    assert (attached["/F"], attached["/UF"]) == ("factur-x.xml", "factur-x.xml")
    assert attached["/AFRelationship"] == "/Data"
    assert [str(names[0]), names[1].get_object()] == ["factur-x.xml", attached]
    assert file["/Subtype"] == "/text/xml"
    assert file.get_data() == document.xml
    assert bytes(file["/Params"]["/CheckSum"]) == hashlib.md5(document.xml).digest()  # noqa: S324


def test_both_readers_find_the_data(document: Document, reader: PdfReader) -> None:
    assert reader.attachments == {"factur-x.xml": [document.xml]}
    assert facturx.get_facturx_xml_from_pdf(document.pdf) == ("factur-x.xml", document.xml)
    assert facturx.get_level(facturx.facturx.etree.fromstring(document.xml)) == "en16931"


def test_the_metadata_announce_pdf_a_3_and_factur_x(metadata: Any) -> None:
    (rdf,) = metadata.findall(f"{RDF}RDF")
    about: dict[str, str] = {}
    for description in rdf.findall(f"{RDF}Description"):
        about |= description.attrib
        about |= {child.tag: str(child.text) for child in description}

    assert (about[f"{PDF_A}part"], about[f"{PDF_A}conformance"]) == ("3", "U")
    assert about[f"{FACTUR_X}DocumentType"] == "INVOICE"
    assert about[f"{FACTUR_X}DocumentFileName"] == "factur-x.xml"
    assert about[f"{FACTUR_X}Version"] == "1.0"
    assert about[f"{FACTUR_X}ConformanceLevel"] == "EN 16931"


def test_each_property_of_factur_x_is_declared(metadata: Any) -> None:
    declared = {str(node.text) for node in metadata.iter(f"{PROPERTY}name")}
    used = {node.tag.removeprefix(FACTUR_X) for node in metadata.iter() if FACTUR_X in node.tag}

    assert declared == used
    assert [node.text for node in metadata.iter(f"{SCHEMA}namespaceURI")] == [FACTUR_X[1:-1]]


def test_the_file_has_what_pdf_a_wants(document: Document, reader: PdfReader, catalog: Any) -> None:
    (intent,) = catalog["/OutputIntents"]
    first, second = reader.trailer["/ID"]

    assert document.pdf.startswith(b"%PDF-1.7")
    assert (first, len(second)) == (second, len(first))
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object()["/N"] == 3
    assert not reader.is_encrypted
    assert "/Filter" not in catalog["/Metadata"]


def test_the_file_is_tagged_in_french_under_its_name(reader: PdfReader, catalog: Any) -> None:
    info: Any = reader.metadata

    assert catalog["/Lang"] == "fr"
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert info.title == "Facture 2026-000123, Emmaüs Connect"
    assert info["/CreationDate"] == "D:20261101"


def test_nothing_in_the_file_runs_and_every_font_is_inside(reader: PdfReader) -> None:
    keys: set[str] = set()
    fonts = []
    for number in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1):
        one: Any = reader.get_object(number)
        if isinstance(one, dict):
            keys |= set(one)
            if one.get("/Type") == "/FontDescriptor":
                fonts.append({"/FontFile2", "/FontFile3"} & set(one))

    assert keys & FORBIDDEN == set()
    assert len(fonts) > 1
    assert all(fonts)


def test_another_process_draws_the_same_bytes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", DRAWS]
    drawn = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)

    assert drawn.stdout.split()[-1] == hashlib.sha256(render(bill()).pdf).hexdigest()


def test_what_was_drawn_before_changes_no_byte() -> None:
    logo = io.BytesIO()
    Image.new("RGB", (60, 20), "#0b5d63").save(logo, "PNG")
    first = render(bill()).pdf
    render(bill(*(line("Carte ЖЇ مركز 🎁") for _ in range(30)), logo=logo.getvalue()))

    assert render(bill()).pdf == first


def test_forty_invoices_take_no_more_memory_than_fifteen() -> None:
    def draw(count: int) -> int:
        for number in range(count):
            render(bill(line(f"Recharge {number}"), number=f"2026-{number:06}"))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = draw(15)

    assert draw(25) - before < 5_000  # kilobytes; each kept 400 where fonts were gathered anew
