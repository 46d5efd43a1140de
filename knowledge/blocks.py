"""StreamField blocks of every editorial page; `portal.pages` uses them too."""

from collections.abc import Iterator
from typing import Any

from wagtail import blocks
from wagtail.images.blocks import ImageBlock

#: What rich text may hold: no colours, no images in the text, headings from level 2.
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]
LONG_TEXT_FEATURES = ["h2", "h3", *TEXT_FEATURES, "hr"]

DRAWINGS = (
    ("home", "Accueil : deux personnes et un téléphone"),
    ("sim-card", "Carte SIM"),
    ("gift", "Recharge gratuite"),
    ("mobile-internet", "Internet mobile"),
    ("world", "Monde"),
    ("world-economy", "Monde économique"),
    ("unlimited-france", "Illimité France"),
    ("basket-empty", "Panier"),
    ("orders-empty", "Commandes"),
    ("search-empty", "Recherche"),
)

PROVIDERS = (("", "Tous"), ("sfr", "SFR"), ("emmaus", "Emmaüs Connect"), ("other", "Autres"))


class TextBlock(blocks.RichTextBlock):
    """Text with headings, lists and links."""

    class Meta:
        description = "Titres, listes, liens. Commencez par un titre de niveau 2, restez bref."
        preview_value = (
            "<h2>Avant de commencer</h2><p>Il vous faut&nbsp;:</p>"
            "<ul><li>le téléphone <b>allumé</b>&nbsp;;</li><li>le numéro de recharge.</li></ul>"
        )

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        """Stand in migrations as what it is made from: only its preview differs."""
        _, args, kwargs = super().deconstruct()
        return "wagtail.blocks.RichTextBlock", args, kwargs


class StepBlock(blocks.StructBlock):
    """One step of a tutorial."""

    title = blocks.CharBlock(
        label="Ce qu’il faut faire",
        max_length=120,
        help_text="Une phrase courte à l’impératif : « Ajoutez la recharge au panier ».",
    )
    text = blocks.RichTextBlock(label="Explication", features=TEXT_FEATURES, required=False)
    drawing = blocks.ChoiceBlock(
        label="Dessin", choices=DRAWINGS, required=False, help_text="Un dessin du site."
    )
    picture = ImageBlock(
        label="Image",
        required=False,
        help_text="Une capture d’écran ou une photo ; décrivez-la pour qui ne la voit pas.",
    )
    tip = blocks.TextBlock(label="Astuce", required=False, rows=2)
    warning = blocks.TextBlock(label="Attention", required=False, rows=2)

    class Meta:
        label = "Étape"
        icon = "list-ol"


class StepsBlock(blocks.StructBlock):
    """Numbered steps, under a title of their own."""

    title = blocks.CharBlock(label="Titre", max_length=120, required=False)
    steps = blocks.ListBlock(StepBlock(), label="Étapes", min_num=1)

    class Meta:
        label = "Étapes numérotées"
        icon = "list-ol"
        template = "knowledge/blocks/steps.html"
        description = "Une marche à suivre : une action par étape, à l’impératif, et son image."
        preview_value = {
            "title": "Recharger une carte",
            "steps": [
                {
                    "title": "Composez le 952 depuis le téléphone à recharger",
                    "text": "<p>L’appel est gratuit. Une voix vous guide.</p>",
                    "drawing": "sim-card",
                    "tip": "Gardez le numéro de recharge sous les yeux.",
                },
                {
                    "title": "Tapez les dix chiffres du numéro de recharge",
                    "text": "<p>Puis la touche <b>dièse</b>.</p>",
                    "warning": "Après trois erreurs, il faut attendre.",
                },
            ],
        }


class NoticeBlock(blocks.StructBlock):
    """A notice that stands out from the text."""

    kind = blocks.ChoiceBlock(
        label="Nature",
        choices=(("info", "Information"), ("success", "Bon à savoir"), ("warning", "Attention")),
        default="info",
    )
    title = blocks.CharBlock(label="Titre", max_length=80, required=False)
    text = blocks.TextBlock(label="Texte", rows=3)

    class Meta:
        label = "Encadré"
        icon = "info-circle"
        template = "knowledge/blocks/notice.html"
        description = "Ce qui doit se voir au premier coup d’œil. Un par page suffit."
        preview_value = {
            "kind": "warning",
            "title": "Gardez le ticket",
            "text": "Sans le numéro de recharge, personne ne peut rendre le crédit.",
        }


class UsefulNumbersBlock(blocks.StructBlock):
    """The useful numbers, from their one list."""

    title = blocks.CharBlock(label="Titre", max_length=120, required=False)
    provider = blocks.ChoiceBlock(
        label="Lesquels",
        choices=PROVIDERS,
        required=False,
        help_text="La liste se modifie dans le menu « Ressources », une fois pour tout le site.",
    )

    class Meta:
        label = "Numéros utiles"
        icon = "mobile-alt"
        template = "knowledge/blocks/useful_numbers.html"
        description = "La liste tenue à jour, tout ou partie : elle change partout à la fois."
        preview_value = {"title": "Les numéros utiles", "provider": ""}


class FactBlock(blocks.StructBlock):
    """A row of a table of two columns."""

    label = blocks.CharBlock(label="Première colonne", max_length=120)
    value = blocks.CharBlock(label="Seconde colonne", max_length=200)


class TableBlock(blocks.StructBlock):
    """A table of two columns that stays readable on a phone."""

    caption = blocks.CharBlock(
        label="Titre du tableau", max_length=160, help_text="Lu en premier par un lecteur d’écran."
    )
    first_heading = blocks.CharBlock(label="En-tête de la première colonne", max_length=60)
    second_heading = blocks.CharBlock(label="En-tête de la seconde colonne", max_length=60)
    rows = blocks.ListBlock(FactBlock(), label="Lignes", min_num=1)
    source = blocks.CharBlock(label="Source", max_length=200, required=False)

    class Meta:
        label = "Tableau"
        icon = "table"
        template = "knowledge/blocks/table.html"
        description = "Deux colonnes, en fiches sur un téléphone. Pour comparer, pas pour décorer."
        preview_value = {
            "caption": "Ce que consomme une heure",
            "first_heading": "Usage",
            "second_heading": "Par heure",
            "rows": [
                {"label": "Messages écrits", "value": "moins de 0,01 Go"},
                {"label": "Vidéo sur un téléphone", "value": "0,7 Go"},
            ],
            "source": "Mesures d’Emmaüs Connect",
        }


class PictureBlock(blocks.StructBlock):
    """A picture with its caption."""

    picture = ImageBlock(label="Image")
    caption = blocks.CharBlock(label="Légende", max_length=200, required=False)

    class Meta:
        label = "Image"
        icon = "image"
        template = "knowledge/blocks/picture.html"
        description = "Une photo ou une capture d’écran. Décrivez-la pour qui ne la voit pas."
        preview_value = {"caption": "La légende, une phrase."}
        preview_template = "knowledge/blocks/preview/picture.html"


class ContentBlock(blocks.StreamBlock):
    """What the body of a guide or of a standard page is made of."""

    text = TextBlock(
        label="Texte", features=LONG_TEXT_FEATURES, template="knowledge/blocks/text.html"
    )
    steps = StepsBlock()
    notice = NoticeBlock()
    useful_numbers = UsefulNumbersBlock()
    table = TableBlock()
    picture = PictureBlock()

    class Meta:
        block_counts: dict[str, Any] = {}


#: Keys of a stored block whose text nobody reads on the page.
UNREAD = frozenset(
    ("id", "type", "kind", "drawing", "icon", "provider", "alt_text", "address", "date", "until")
)


def texts_of(stored: Any) -> Iterator[str]:
    """Yield the texts that stored blocks show, in their order; rich text as HTML."""
    if isinstance(stored, str):
        yield stored
    elif isinstance(stored, list):
        for one in stored:
            yield from texts_of(one)
    elif isinstance(stored, dict):
        for key, one in stored.items():
            if key not in UNREAD:
                yield from texts_of(one)
