"""What guides have and other pages have not: a video, without a third party in the page."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from knowledge.blocks import TEXT_FEATURES, ContentBlock

WRONG = {
    "one": "Choisissez un fichier de la médiathèque, ou écrivez une adresse : l’un des deux.",
    "file": "Choisissez un fichier MP4 (H.264) : il se lit sur tous les téléphones.",
    "captions": "Choisissez un fichier de sous-titres WebVTT, au nom terminé par « .vtt ».",
    "missing": "Une vidéo sans sous-titres ne se comprend pas sans le son : ajoutez-les.",
    "address": "L’adresse commence par « https:// ».",
}


class VideoBlock(blocks.StructBlock):
    """« Marche à suivre » on video: our own file, or a plain link that names the other site."""

    title = blocks.CharBlock(label="Titre", max_length=120)
    file = DocumentChooserBlock(
        label="Vidéo",
        required=False,
        help_text="Un fichier MP4 de la médiathèque, 10 Mo au plus : deux minutes en 640 × 360.",
    )
    captions = DocumentChooserBlock(
        label="Sous-titres",
        required=False,
        help_text="Un fichier « .vtt » de la médiathèque. Obligatoire avec une vidéo.",
    )
    address = blocks.URLBlock(
        label="ou adresse",
        required=False,
        help_text="Sur un autre site : la page y mène par un lien, elle ne l’affiche pas. "
        "Personne n’est suivi avant d’avoir cliqué.",
    )
    transcript = blocks.RichTextBlock(
        label="Texte de la vidéo",
        features=TEXT_FEATURES,
        help_text="Ce qui se dit et ce qui se voit, pour qui ne peut ni voir ni entendre. "
        "C’est aussi ce qui s’imprime.",
    )

    class Meta:
        label = "Vidéo"
        icon = "media"
        template = "knowledge/blocks/video.html"
        description = "Une marche à suivre filmée, sous-titrée, avec son texte. Sans autre site."
        preview_value = {
            "title": "Composer le 952",
            "address": "https://video.example.org/composer-le-952",
            "transcript": "<p>Une main compose le 952, puis tape les dix chiffres.</p>",
        }

    def clean(self, value: Any) -> Any:
        """Want one video, its captions, and an address that is safe to lead to."""
        cleaned = super().clean(value)
        errors = _faults(cleaned)
        if errors:
            wrong = {name: ValidationError(WRONG[code]) for name, code in errors.items()}
            raise blocks.StructBlockValidationError(block_errors=wrong)
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        """Add the name of the other site."""
        context = super().get_context(value, parent_context)
        context["host"] = urlsplit(value.get("address") or "").hostname
        return context


def _faults(value: Any) -> dict[str, str]:
    """Return the key of each fault's sentence, by field."""
    file, captions, address = (value.get(name) for name in ("file", "captions", "address"))
    if bool(file) == bool(address):
        return {"file": "one"}
    if address:
        return {} if address.startswith("https://") else {"address": "address"}
    faults = {}
    if file.file_extension.lower() != "mp4":
        faults["file"] = "file"
    if not captions:
        faults["captions"] = "missing"
    elif captions.file_extension.lower() != "vtt":
        faults["captions"] = "captions"
    return faults


class GuideBlock(ContentBlock):
    """The body of a guide."""

    video = VideoBlock()
