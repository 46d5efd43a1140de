"""What a référent types of a product."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from wagtail.images.fields import WagtailImageField

from portal.ui.forms import day_input
from shop.backoffice import price_field
from shop.products.models import MOST_PER_ORDER, ProductTerms, validate_pattern
from shop.products.services import TERMS, kind_is_settled

#: The drawings of static/img/illustrations that stand for a product.
DRAWINGS = (
    ("gift", "Cadeau"),
    ("world-economy", "Petit globe"),
    ("mobile-internet", "Téléphone et internet"),
    ("world", "Globe"),
    ("unlimited-france", "France"),
    ("sim-card", "Carte SIM"),
)
_PLAIN = re.compile(r"\[0-9\]\{(\d{1,2})\}")


class PriceForm(forms.Form):
    """A price and its first day."""

    price = price_field(
        label="Prix en euros", help_text="Par exemple 4,50. Zéro pour un produit gratuit."
    )
    starts_on = forms.DateField(
        label="À partir du",
        widget=day_input(),
        initial=timezone.localdate,
        help_text="Les commandes déjà passées gardent leur prix.",
    )


class ProductForm(forms.Form):
    """What a product says and allows; its format of numbers as a length, or as an expression."""

    title = forms.CharField(label="Nom", max_length=120)
    kind = forms.ChoiceField(label="Nature", choices=ProductTerms.Kind.choices)
    summary = forms.CharField(
        label="Ce qu’il contient, en une phrase", max_length=200, widget=forms.TextInput
    )
    validity = forms.CharField(
        label="Durée de validité",
        max_length=120,
        required=False,
        help_text="Par exemple «\u00a0Valable 30 jours après la recharge\u00a0».",
    )
    illustration = forms.ChoiceField(label="Dessin", choices=DRAWINGS)
    picture = WagtailImageField(label="Image, à la place du dessin", required=False)
    image_alt = forms.CharField(
        label="Ce que montre l’image",
        max_length=120,
        required=False,
        help_text="Lu à voix haute à qui ne voit pas l’image. Demandé avec une image.",
    )
    remove_picture = forms.BooleanField(label="Revenir au dessin", required=False)
    data_go = forms.DecimalField(
        label="Internet compris, en Go",
        min_value=Decimal("0.01"),
        max_digits=6,
        decimal_places=2,
        localize=True,
        required=False,
        help_text="«\u00a0Estimer ma consommation\u00a0» conseille les recharges d’après ce "
        "nombre. Vide pour une recharge qui n’est pas faite pour internet.",
    )
    quota_only = forms.BooleanField(
        label="Uniquement sur dotation gratuite",
        required=False,
        help_text="Ne se commande que dans la limite de la dotation de la structure.",
    )
    order_limit = forms.IntegerField(
        label="Maximum par commande", min_value=1, max_value=MOST_PER_ORDER, initial=20
    )
    alert_threshold = forms.IntegerField(
        label="Seuil d’alerte du stock",
        min_value=0,
        max_value=1_000_000,
        initial=50,
        help_text="Les référents sont prévenus quand il reste moins de numéros que cela.",
    )
    code_length = forms.IntegerField(
        label="Chiffres d’un numéro",
        min_value=4,
        max_value=20,
        initial=10,
        required=False,
        help_text="10 chez SFR. Chaque numéro importé est vérifié.",
    )
    code_pattern = forms.CharField(
        label="Format particulier des numéros (expert)",
        max_length=100,
        required=False,
        validators=[validate_pattern],
        help_text="Expression régulière, si la longueur ne suffit pas. Par exemple "
        "«\u00a01[0-9]{9}\u00a0»\u00a0: dix chiffres dont le premier est 1.",
    )
    code_example = forms.CharField(
        label="Un numéro inventé à ce format",
        max_length=40,
        required=False,
        help_text="Demandé avec un format particulier, pour vérifier l’expression.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, product: Any = None) -> None:
        """Fill the form from ``product`` where there is one."""
        self.product = product
        super().__init__(data, files, initial=initial_of(product))
        if product and kind_is_settled(product):
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = "Fixée\u00a0: des numéros ou des commandes existent."
        if not (product and product.terms.image_id):
            del self.fields["remove_picture"]

    def clean(self) -> dict[str, Any]:
        """Make one format of the two fields, and ask for the words of a picture."""
        typed: dict[str, Any] = super().clean() or {}
        if self.has_picture(typed) and not typed.get("image_alt"):
            self.add_error("image_alt", "Dites en quelques mots ce que montre l’image.")
        pattern, example = typed.get("code_pattern"), typed.get("code_example", "")
        if pattern and pattern != self.initial.get("code_pattern"):
            if not re.fullmatch(pattern, example):
                self.add_error(
                    "code_example",
                    "Ce numéro ne suit pas le format\u00a0: corrigez l’un ou l’autre."
                    if example
                    else "Donnez un numéro inventé qui suit ce format.",
                )
        elif not pattern and "code_length" not in self.errors and not typed.get("code_length"):
            self.add_error("code_length", "Indiquez de combien de chiffres est fait un numéro.")
        return typed

    def has_picture(self, typed: dict[str, Any]) -> bool:
        """Tell whether the card will show a picture."""
        kept = self.product and self.product.terms.image_id and not typed.get("remove_picture")
        return bool(typed.get("picture") or kept)

    def terms(self) -> dict[str, Any]:
        """Return what was typed as fields of `ProductTerms`."""
        typed = self.cleaned_data
        terms = {name: typed[name] for name in TERMS}
        terms["code_pattern"] = typed["code_pattern"] or f"[0-9]{{{typed['code_length']}}}"
        return terms


class NewProductForm(ProductForm):
    """A product and its first price."""

    price = price_field(label="Prix en euros", help_text="Par exemple 4,50.")
    starts_on = forms.DateField(
        label="Ce prix vaut à partir du", widget=day_input(), initial=timezone.localdate
    )

    def clean_starts_on(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data["starts_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("Choisissez aujourd’hui ou un jour à venir.")
        return day


def initial_of(product: Any) -> dict[str, Any]:
    """Return what the form shows of a product."""
    if product is None:
        return {}
    terms = product.terms
    plain = _PLAIN.fullmatch(terms.code_pattern)
    return {
        **{name: getattr(terms, name) for name in (*TERMS, "image_alt")},
        "title": product.title,
        "code_length": int(plain[1]) if plain else None,
        "code_pattern": "" if plain else terms.code_pattern,
    }
