"""A guide on paper: its PDF, and its video where somebody filmed it."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from knowledge.models import GuidePage
from knowledge.reading import paper
from knowledge.reading.blocks import VideoBlock
from portal.documents import pdf
from portal.documents.pdf import VARIANT, PdfUnavailable, lay_out
from portal.pages.models import Licence, Paper, Picture
from portal.pages.uploads import is_what_it_says
from tests.factories import MembershipFactory

GUIDE = "activer-une-carte-sim"
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 8


def drawable() -> bool:
    try:
        pdf.weasyprint()
    except PdfUnavailable:
        return False
    return True


needs_printer = pytest.mark.skipif(not drawable(), reason="WeasyPrint's libraries are missing")


@pytest.fixture
def guide(content: int) -> GuidePage:
    page: GuidePage = GuidePage.objects.get(slug=GUIDE)
    return page


def document(name: str, content: bytes, **values: object) -> Paper:
    file = ContentFile(content, name)
    made: Paper = Paper.objects.create(title=name, file=file, licence=Licence.OWN, **values)
    return made


def picture() -> Picture:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    file = ContentFile(content.getvalue(), "step.png")
    made: Picture = Picture.objects.create(
        title="Carte", description="Une carte SIM", file=file, licence=Licence.OWN
    )
    return made


def with_block(page: GuidePage, kind: str, value: dict[str, object]) -> GuidePage:
    page.body = [(kind, page.body.stream_block.child_blocks[kind].to_python(value))]
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@needs_printer
def test_the_pdf_is_tagged_french_titled_and_says_every_step(guide: GuidePage) -> None:
    html, pictures = paper.sheet(guide, address="https://example.org/x/")
    files = {name: paper._read(one) for name, one in pictures.items()}
    laid_out = lay_out(html, styles=paper.STYLES, pictures=files)
    content = laid_out.write_pdf(pdf_variant=VARIANT, uncompressed_pdf=True)
    assert laid_out.metadata.title == guide.title
    assert laid_out.metadata.lang == "fr"
    assert b"/Lang (fr)" in content
    assert b"pdfuaid:part" in content
    assert b"/StructTreeRoot" in content
    steps = next(block.value["steps"] for block in guide.body if block.block_type == "steps")
    assert [step["title"] for step in steps if step["title"] not in html] == []
    said = re.findall(r'<img src="picture:[0-9]+" alt="([^"]+)">', html)
    assert len(said) == len(pictures) == sum(1 for step in steps if step["picture"])
    assert len(laid_out.pages) < len(steps)  # several steps a sheet, beside their pictures


@needs_printer
def test_a_picture_is_printed_with_the_words_that_stand_for_it(guide: GuidePage) -> None:
    image = {"image": picture().pk, "alt_text": "La carte, vue de face", "decorative": False}
    steps = [{"type": "item", "id": "a", "value": {"title": "Prenez la carte", "picture": image}}]
    page = with_block(guide, "steps", {"title": "", "steps": steps})
    html, pictures = paper.sheet(page, address="https://example.org/x/")
    assert 'src="picture:0" alt="La carte, vue de face"' in html
    files = {name: paper._read(one) for name, one in pictures.items()}
    content = lay_out(html, styles=paper.STYLES, pictures=files).write_pdf(
        pdf_variant=VARIANT, uncompressed_pdf=True
    )
    assert content.count(b"/Subtype /Image") == 1
    assert paper.draw(page, address="https://example.org/x/")[:5] == b"%PDF-"


@needs_printer
def test_the_pdf_is_drawn_once_until_the_guide_changes(
    guide: GuidePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Client().get(f"{guide.url}pdf/")
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"] == f'inline; filename="{GUIDE}.pdf"'
    with monkeypatch.context() as patch:
        patch.setattr(paper, "lay_out", None)  # a second drawing would fail
        assert Client().get(f"{guide.url}pdf/").content == first.content
    guide.summary = "Un autre résumé"
    guide.save_revision().publish()
    assert Client().get(f"{guide.url}pdf/").content != first.content


def test_without_its_libraries_the_server_says_so(
    guide: GuidePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*args: object, **kwargs: object) -> None:
        raise PdfUnavailable

    monkeypatch.setattr(paper, "lay_out", unavailable)
    answer = Client().get(f"{guide.url}pdf/")
    html = answer.content.decode()
    assert answer.status_code == 503
    assert PdfUnavailable.default_message in html
    assert f'href="{guide.url}"' in html


def test_a_restricted_or_drafted_guide_has_no_pdf_for_strangers(guide: GuidePage) -> None:
    kind = PageViewRestriction.LOGIN
    one = PageViewRestriction.objects.create(page=guide, restriction_type=kind)
    assert Client().get(f"{guide.url}pdf/")["Location"].startswith("/connexion/")
    one.delete()
    guide.unpublish()
    assert Client().get(f"{guide.url}pdf/").status_code == 404


def wrong(**values: object) -> list[str]:
    block = VideoBlock()
    given = {"title": "Film", "transcript": "<p>Texte</p>", **values}
    try:
        block.clean(block.normalize(given))
    except ValidationError as error:
        return sorted(error.block_errors)  # type: ignore[attr-defined]
    return []


def test_a_video_has_captions_and_a_text_and_one_place(db: None) -> None:
    film, words = document("film.mp4", FILM), document("film.vtt", b"WEBVTT\n")
    address = "https://video.example.org/1"
    assert wrong(file=film, captions=words) == []
    assert wrong(address=address) == []
    assert wrong() == ["file"]
    assert wrong(file=film, captions=words, address=address) == ["file"]
    assert wrong(file=film) == ["captions"]
    assert wrong(file=words, captions=film) == ["captions", "file"]
    assert wrong(address="http://video.example.org/1") == ["address"]
    assert wrong(address=address, transcript="") == ["transcript"]


def test_our_own_video_plays_without_anybody_else(guide: GuidePage) -> None:
    film, words = document("film.mp4", FILM), document("film.vtt", b"WEBVTT\n")
    value = {
        "title": "Film",
        "file": film.pk,
        "captions": words.pk,
        "transcript": "<p>Le texte</p>",
    }
    html = Client().get(with_block(guide, "video", value).url).content.decode()
    main = html.split("<main")[1].split("</main>")[0]
    assert re.findall(r'<source src="([^"]+)" type="video/mp4">', main) == [film.url]
    assert f'<track kind="captions" src="{words.url}" srclang="fr"' in main
    assert "Le texte" in main
    assert re.findall(r'(?:src|href)="(https?://[^"]+)"', main) == []


def test_a_video_elsewhere_is_a_link_that_names_the_place(guide: GuidePage) -> None:
    value = {
        "title": "Film",
        "address": "https://video.example.org/1",
        "transcript": "<p>Le texte</p>",
    }
    page = with_block(guide, "video", value)
    main = Client().get(page.url).content.decode().split("<main")[1].split("</main>")[0]
    assert "Voir la vidéo sur video.example.org" in main
    assert re.findall(r"<(?:iframe|video|embed|object)", main) == []
    assert re.findall(r'src="(https?://[^"]+)"', main) == []
    html, _ = paper.sheet(page, address="https://example.org/x/")
    assert "Le texte" in html


def test_a_phone_gets_a_film_in_parts(db: None) -> None:
    film = document("film.mp4", FILM)
    size = len(FILM)
    client = Client()

    def part(asked: str) -> tuple[int, bytes, str]:
        answer = client.get(film.url, headers={"range": asked})
        content = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, content, answer.headers.get("Content-Range", "")

    assert part("bytes=0-1") == (206, FILM[:2], f"bytes 0-1/{size}")
    assert part("bytes=10-") == (206, FILM[10:], f"bytes 10-{size - 1}/{size}")
    assert part("bytes=-4") == (206, FILM[-4:], f"bytes {size - 4}-{size - 1}/{size}")
    assert part(f"bytes=0-{size * 2}") == (206, FILM, f"bytes 0-{size - 1}/{size}")
    assert part(f"bytes={size}-") == (416, b"", f"bytes */{size}")
    assert part("bytes=5-2")[0] == 416
    assert part("lines=1-2") == (200, FILM, "")
    whole = client.get(film.url)
    assert whole["Content-Type"] == "video/mp4"
    assert whole["X-Content-Type-Options"] == "nosniff"


def test_a_film_of_a_closed_collection_is_for_its_members(db: None) -> None:
    closed = Collection.get_first_root_node().add_child(name="Équipe")
    CollectionViewRestriction.objects.create(
        collection=closed, restriction_type=CollectionViewRestriction.LOGIN
    )
    film = document("film.mp4", FILM, collection=closed)
    assert Client().get(film.url)["Location"].startswith("/connexion/")
    client = Client()
    client.force_login(MembershipFactory().user)
    assert client.get(film.url).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("a.mp4", FILM, True),
        ("a.mp4", b"<html><script>", False),
        ("a.vtt", b"\xef\xbb\xbfWEBVTT\n\n00:00", True),
        ("a.vtt", b"<script>alert(1)</script>", False),
        ("a.vtt", b"WEBVTT\0", False),
    ],
)
def test_a_film_and_its_captions_are_what_their_names_say(
    name: str, content: bytes, fits: bool
) -> None:
    file = io.BytesIO(content)
    file.name = name
    assert is_what_it_says(file) is fits
