"""The file to keep ten years: PDF/A-3, tagged, with the data attached as Factur-X asks.

WeasyPrint attaches the data itself: the factur-x package would do it with the clock's time and
would announce a lower conformance, so the same bill would not give the same bytes twice.
"""

import datetime as dt
from typing import Any

from portal.documents.pdf import weasyprint
from shop.billing.document.bill import Bill

#: Level U: each letter can be read back. The page is tagged besides, for whoever listens to it.
VARIANT = "pdf/a-3u"
FILE_NAME = "factur-x.xml"
_END_OF_METADATA = b"</rdf:RDF>"
#: Factur-X 1.0: what the attached data are, and the schema that PDF/A wants of such properties.
_METADATA = """
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType>
<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version>
<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_PROPERTY = """
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{about}</pdfaProperty:description>
</rdf:li>"""
_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER",
    "Version": "The actual version of the standard applying to the embedded XML document",
    "ConformanceLevel": "The conformance level of the embedded XML document",
}


def archive(document: Any, xml: bytes, bill: Bill) -> bytes:
    """Return a laid-out bill as PDF/A-3 with its data inside.

    Args:
        document: WeasyPrint's.
        xml: the same bill, by ``cii.build``.
        bill: gives the attachment its date.
    """
    noon = dt.datetime.combine(bill.issued_on, dt.time(12), dt.UTC)
    attachment = weasyprint().Attachment(
        string=xml,
        name=FILE_NAME,
        description="Factur-X",
        created=noon,
        modified=noon,
        relationship="Data",
    )
    content: bytes = document.write_pdf(
        pdf_variant=VARIANT, pdf_tags=True, attachments=[attachment], finisher=_finish
    )
    return content


def unprintable(document: Any) -> frozenset[str]:
    """Return the characters of an archived document that no font of this machine can draw."""
    return frozenset(chr(one) for font in document.fonts.values() for one in font.missing)


def _finish(document: Any, pdf: Any) -> None:
    """Say in the metadata what is attached, and name it once among the associated files."""
    metadata = _found(pdf, pdf.catalog["Metadata"])
    (packet,) = metadata.stream
    start, end, rest = packet.rpartition(_END_OF_METADATA)
    properties = "".join(
        _PROPERTY.format(name=name, about=about) for name, about in _PROPERTIES.items()
    )
    metadata.stream = [start + _METADATA.format(properties=properties).encode() + end + rest]
    metadata.compress = False  # whoever keeps the file reads them without decoding it
    associated = pdf.catalog["AF"]
    associated[:] = dict.fromkeys(associated)


def _found(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
