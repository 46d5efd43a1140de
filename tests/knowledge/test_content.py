"""The guides as they are written, and the pictures of our screens that they show."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from knowledge import first_content, pictures
from knowledge.models import GuidePage
from portal.pages.models import HomePage, Picture
from tests.guide_pictures import SHOTS, WIDTH

GUIDES = sorted((first_content.CONTENT / "guides").glob("*.toml"))
MOST = 40_000  # bytes of a picture's file
WORDS = range(300, 901)
#: What no guide says: notes of who writes, and what the site never does.
UNWANTED = re.compile(r"lorem|ipsum|todo|xxx|à compléter|à rédiger|cliquez ici", re.IGNORECASE)
#: What a guide may call a person's data: an e-mail address, or a French phone number.
PERSONAL = re.compile(r"[\w.]+@[\w.]+\w|\b0[1-9](?:[ .]?\d\d){4}\b")


def guide(path: Path) -> dict[str, Any]:
    """Return what a file says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def steps(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a guide."""
    return [step for block in entry["body"] for step in block.get("steps", [])]


def words_of(entry: dict[str, Any]) -> str:
    """Return what a reader reads."""
    kept: list[str] = []

    def walk(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, one in value.items():
                walk(one, name)
        elif isinstance(value, list):
            for one in value:
                walk(one, key)
        elif key not in {"type", "kind", "drawing", "picture", "provider"}:
            kept.append(str(value))

    walk(entry["body"])
    return re.sub(r"\]\([^)]*\)", "]", " ".join(kept))


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_is_written_for_a_few_minutes_and_says_nobody_s_data(path: Path) -> None:
    text = words_of(guide(path))
    assert len(re.findall(r"\w+", text)) in WORDS
    assert UNWANTED.search(text) is None
    assert PERSONAL.search(text) is None


def test_every_guide_of_the_deck_is_there() -> None:
    themes = [guide(path)["theme"] for path in GUIDES]
    assert themes == ["techniques"] * 6 + ["accompagnement"] * 3 + ["data"]


def test_every_picture_is_described_taken_and_shown() -> None:
    named = {step["picture"] for path in GUIDES for step in steps(guide(path)) if "picture" in step}
    files = {path.stem for path in pictures.PICTURES.glob("*.webp")}
    assert set(pictures.words()) == named == files == {shot.name for shot in SHOTS}
    assert all(40 < len(text["description"]) <= 255 for text in pictures.words().values())
    assert not [text for text in pictures.words().values() if PERSONAL.search(str(text))]


@pytest.mark.parametrize("name", sorted(pictures.words()))
def test_a_picture_is_light_and_as_wide_as_a_phone(name: str) -> None:
    file = pictures.PICTURES / f"{name}.webp"
    assert file.stat().st_size < MOST
    with Image.open(file) as picture:
        assert picture.width >= 1.5 * WIDTH


def test_the_steps_show_their_pictures_with_words_for_them(content: int, client: Client) -> None:
    described = pictures.words()
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    shown = [
        step["picture"].contextual_alt_text
        for block in page.body
        if block.block_type == "steps"
        for step in block.value["steps"]
        if step["picture"]
    ]
    names = ["offre", "panier", "valider", "numero", "ticket", "signaler"]
    assert shown == [described[name]["description"] for name in names]
    html = client.get(page.url).content.decode()
    assert [html.count(text.replace("'", "&#x27;")) for text in shown] == [1] * 6


def test_a_second_load_adds_and_writes_nothing(content: int) -> None:
    before = list(Picture.objects.order_by("pk").values("pk", "file", "title", "description"))
    assert (len(before), first_content.load(HomePage.objects.get())) == (len(SHOTS), 0)
    assert list(Picture.objects.order_by("pk").values(*before[0])) == before


def test_a_newer_picture_replaces_ours_and_leaves_the_words(content: int, tmp_path: Path) -> None:
    picture = Picture.objects.get(title=pictures.words()["numero"]["title"])
    picture.description = "Ce que l’éditeur a écrit."
    picture.save()
    picture.get_rendition("width-320")
    page = GuidePage.objects.get(slug="acheter-des-recharges")
    retake(tmp_path, "numero")

    pictures.load(tmp_path)

    again = Picture.objects.get(pk=picture.pk)
    assert (again.width, again.height) == (600, 300)
    assert again.file.name != picture.file.name
    assert again.description == "Ce que l’éditeur a écrit."
    assert list(again.renditions.all()) == []
    assert GuidePage.objects.get(pk=page.pk).latest_revision_id == page.latest_revision_id


def test_a_picture_that_an_editor_put_instead_stays(content: int, tmp_path: Path) -> None:
    picture = Picture.objects.get(title=pictures.words()["numero"]["title"])
    with picture.file.open() as file:
        picture.file.save("notre-photo.webp", file, save=True)
    retake(tmp_path, "numero")

    pictures.load(tmp_path)

    assert Picture.objects.get(pk=picture.pk).file.name == picture.file.name


def retake(folder: Path, name: str) -> None:
    """Take one picture anew, in a folder of its own."""
    for file in pictures.PICTURES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    Image.new("RGB", (600, 300), "white").save(folder / f"{name}.webp")
