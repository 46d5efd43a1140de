"""Pictures of the guides: ``make guide-pictures`` takes them, this puts them into the library.

A picture is known by its title. A newer file replaces the one we put there ourselves; one that an
editor put in its place stays, and so do the words that an editor wrote.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.images import get_image_dimensions
from django.db import transaction
from wagtail.images import get_image_model

from knowledge import writing

PICTURES = Path(__file__).parent / "content" / "pictures"
OURS = "guide-"  # the beginning of the files' names in the library
OWN = "own"  # `portal.pages.models.library.Licence`, which stands above us


def words(folder: Path = PICTURES) -> dict[str, dict[str, str]]:
    """Return the title and the description of each picture, by its name."""
    entries: dict[str, dict[str, str]] = writing.set_texts(writing.read(folder / "pictures.toml"))
    return entries


def load(folder: Path = PICTURES) -> dict[str, Any]:
    """Put what is missing or new into the library; return its pictures by name.

    Args:
        folder: holds ``<name>.webp`` and ``pictures.toml``, their titles and descriptions.
    """
    # One that is named but not taken yet is left out: the demo that it is taken from must load.
    taken = {file.stem: file for file in folder.glob("*.webp")}
    texts = {name: text for name, text in words(folder).items() if name in taken}
    model = get_image_model()
    titles = [text["title"] for text in texts.values()]
    known = {one.title: one for one in model.objects.filter(title__in=titles)}
    loaded = {}
    for name, text in texts.items():
        picture = known.get(text["title"]) or model(**text, licence=OWN)
        content = taken[name].read_bytes()
        if picture.pk is None or _is_old(picture, content):
            _write(picture, name, content)
        loaded[name] = picture
    return loaded


def _is_old(picture: Any, content: bytes) -> bool:
    is_ours = Path(picture.file.name).name.startswith(OURS)
    return is_ours and picture.file_hash != _digest(content)


def _write(picture: Any, name: str, content: bytes) -> None:
    former = picture.file.name if picture.pk else ""
    storage = picture.file.storage
    # Named after its content: what a load that was rolled back left behind is taken again.
    path = picture.get_upload_to(f"{OURS}{name}-{_digest(content)[:8]}.webp")
    picture.file = path if storage.exists(path) else storage.save(path, ContentFile(content))
    picture.width, picture.height = get_image_dimensions(ContentFile(content))
    picture.file_size, picture.file_hash = len(content), _digest(content)
    picture.full_clean()
    picture.save()
    picture.renditions.all().delete()
    if former:
        transaction.on_commit(lambda: storage.delete(former), robust=True)


def _digest(content: bytes) -> str:
    # As Wagtail's own `hash_filelike`.
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
