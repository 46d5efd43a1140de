"""Specimens of the style guide: invented data only."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from portal.ui.forms import DateField
from portal.ui.tokens import SHAPE_PAIRS, TEXT_PAIRS, contrast, read_tokens

LONG = (
    "Centre communal d’action sociale et d’insertion professionnelle de l’agglomération "
    "de Saint-Germain-en-Laye"
)
ILLUSTRATIONS = (
    *("home", "world-economy", "mobile-internet", "world", "unlimited-france", "gift", "sim-card"),
    *("basket-empty", "orders-empty", "search-empty", "nothing"),
    *("error-403", "error-404", "error-500", "error-csrf"),
)


@dataclass(frozen=True)
class SampleStructure:
    """A structure as the header sees it."""

    name: str
    uuid: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class SampleVisitor:
    """A visitor as the header sees them."""

    name: str = "Amina Benali"
    is_authenticated: bool = True
    structure: SampleStructure | None = None
    other_structures: list[SampleStructure] = field(default_factory=list)
    basket_count: int = 0
    has_backoffice: bool = False


VISITORS = {
    "partenaire": SampleVisitor(structure=SampleStructure("CCAS de Lille"), basket_count=2),
    "equipe": SampleVisitor(name="Jeanne Martin", has_backoffice=True),
    "long": SampleVisitor(
        name="Marie-Antoinette de La Rochefoucauld-Montbel",
        structure=SampleStructure(LONG),
        other_structures=[SampleStructure("Mission locale de Roubaix"), SampleStructure(LONG)],
        basket_count=128,
        has_backoffice=True,
    ),
}


class SampleForm(forms.Form):
    """One field of each kind."""

    iccid = forms.CharField(
        label="Numéro de série de la carte SIM (ICCID)",
        help_text="20 chiffres imprimés sur la carte, qui commencent par 893310.",
        widget=forms.TextInput(attrs={"class": "input--code", "inputmode": "numeric"}),
        error_messages={"required": "Indiquez les 20 chiffres de la carte."},
    )
    civility = forms.ChoiceField(
        label="Civilité",
        choices=[("f", "Madame"), ("m", "Monsieur")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une civilité."},
    )
    birth_date = DateField(
        label="Date de naissance", help_text="Par exemple 4 12 1985.", max_value=timezone.localdate
    )
    department = forms.ChoiceField(
        label="Département de naissance",
        choices=[("", "Choisissez"), ("59", "59 – Nord"), ("2A", "2A – Corse-du-Sud")],
        error_messages={"required": "Choisissez un département."},
    )
    email = forms.EmailField(label="Adresse électronique", required=False)
    message = forms.CharField(
        label="Message", widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    uses = forms.MultipleChoiceField(
        label="Usages",
        choices=[("web", "Internet"), ("calls", "Appels"), ("abroad", "Appels à l’étranger")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    document = forms.FileField(label="Fichier des besoins", required=False)
    locked = forms.CharField(
        label="Structure", initial="CCAS de Lille", disabled=True, required=False
    )
    checked = forms.BooleanField(
        label="J’ai vérifié la pièce d’identité du bénéficiaire.",
        error_messages={"required": "Cochez la case après avoir vérifié la pièce d’identité."},
    )


def forms_in_each_state() -> dict[str, forms.Form]:
    """Return the sample form empty, and filled with errors."""
    wrong = {"iccid": "893310599700", "birth_date_day": "31", "birth_date_month": "2"}
    bad = SampleForm(
        {**wrong, "birth_date_year": "1980", "email": "amina@"}, prefix=None, auto_id="bad_%s"
    )
    bad.add_error("iccid", "Il manque 8 chiffres. Recopiez les 20 chiffres de la carte.")
    bad.add_error(None, "La demande n’est pas partie\u00a0: complétez les champs signalés.")
    return {"empty_form": SampleForm(auto_id="empty_%s"), "bad_form": bad}


def palette() -> list[dict[str, str]]:
    """Return every colour token with its value in each scheme."""
    schemes = read_tokens()
    return [
        {"name": name, "light": value, "dark": schemes["dark"][name]}
        for name, value in schemes["light"].items()
        if value.startswith("#")
    ]


def measured_pairs() -> list[dict[str, Any]]:
    """Return each pair of colours that meet, with its contrast in each scheme."""
    schemes = read_tokens()
    floors = {4.5: TEXT_PAIRS, 3: SHAPE_PAIRS}
    return [
        {
            "front": front,
            "back": back,
            "floor": floor,
            **{name: contrast(t[front], t[back]) for name, t in schemes.items()},
        }
        for floor, pairs in floors.items()
        for front, back in pairs
    ]


def sizes(prefix: str) -> list[dict[str, str]]:
    """Return the tokens of a family: ``space``, ``text``, ``radius``."""
    light = read_tokens()["light"]
    return [{"name": n, "value": v} for n, v in light.items() if n.startswith(f"{prefix}-")]


def specimens() -> dict[str, Any]:
    """Return what the templates of ``styleguide/`` show."""
    return {
        "long": LONG,
        "illustrations": ILLUSTRATIONS,
        "products": [
            {"name": "Monde économique", "price": Decimal(2), "picture": "world-economy"},
            {"name": "Internet mobile 8 Go", "price": Decimal(4), "picture": "mobile-internet"},
            {"name": "Monde", "price": Decimal(5), "picture": "world"},
            {"name": "Illimité France", "price": Decimal(6), "picture": "unlimited-france"},
            {
                "name": "Recharge exceptionnelle gratuite",
                "price": Decimal(0),
                "picture": "gift",
                "free": "Gratuite",
                "stock": "28 sur 40 restent à votre structure, jusqu’au 31 décembre.",
            },
            {"name": "Carte SIM", "price": Decimal(0), "picture": "sim-card", "free": "Gratuite"},
        ],
        "trail": [
            {"label": "Mon compte", "href": "#navigation"},
            {"label": "Commandes", "href": "#navigation"},
        ],
        "steps": [
            {"label": "Convention", "state": "done"},
            {"label": "Formation", "state": "done"},
            {"label": "Cartes SIM", "state": "current"},
            {"label": "Commandes", "state": "next"},
            {"label": "Facture", "state": "next"},
        ],
        "account_pages": [
            {"label": "Tableau de bord", "href": "#navigation", "icon_name": "squares-2x2"},
            {
                "label": "Commandes",
                "href": "#navigation",
                "icon_name": "shopping-bag",
                "current": True,
            },
            {"label": "Mes recharges", "href": "#navigation", "icon_name": "ticket"},
            {"label": "Adresses", "href": "#navigation", "icon_name": "map-pin"},
            {"label": "Détails du compte", "href": "#navigation", "icon_name": "user"},
        ],
        "rows": [
            {
                "label": "Structure",
                "value": "CCAS de Lille",
                "href": "#donnees",
                "action": "Modifier",
            },
            {"label": "Référent", "value": "Amina Benali"},
            {"label": "Téléphone", "value": ""},
            {"label": "Nom complet", "value": LONG, "href": "#donnees", "action": "Modifier"},
        ],
    }
