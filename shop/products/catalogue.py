"""The six products of the deck, as a first catalogue: référents keep it from then on."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from oscar.core.loading import get_model

from shop.products.models import ProductTerms
from shop.products.services import create_product, publish

Product = get_model("catalogue", "Product")


@dataclass(frozen=True)
class Entry:
    """A product of the deck; ``price`` in euros, ``data_go`` in Go of internet."""

    upc: str
    title: str
    price: Decimal
    summary: str
    validity: str
    illustration: str
    kind: str = ProductTerms.Kind.CODE
    quota_only: bool = False
    data_go: Decimal | None = None


CATALOGUE = (
    Entry(
        "recharge-exceptionnelle",
        "Recharge exceptionnelle gratuite",
        Decimal("0.00"),
        "Une recharge offerte à la personne que vous accompagnez.",
        "Pendant la période de votre avenant",
        "gift",
        quota_only=True,
    ),
    Entry(
        "monde-economique",
        "Monde économique",
        Decimal("2.00"),
        "Le plus petit crédit, pour appeler ici et à l’étranger.",
        "",
        "world-economy",
    ),
    Entry(
        "internet-mobile-8-go",
        "Internet mobile 8 Go",
        Decimal("4.00"),
        "8 Go d’internet pour les démarches, les messages et les appels vidéo.",
        "",
        "mobile-internet",
        data_go=Decimal(8),
    ),
    Entry(
        "monde",
        "Monde",
        Decimal("5.00"),
        "Un crédit plus large pour appeler souvent à l’étranger.",
        "",
        "world",
    ),
    Entry(
        "illimite-france",
        "Illimité France",
        Decimal("6.00"),
        "Pour appeler en France sans compter.",
        "",
        "unlimited-france",
    ),
    Entry(
        "carte-sim",
        "Carte SIM",
        Decimal("0.00"),
        "La carte à insérer dans le téléphone, à activer en ligne une fois reçue.",
        "Une par bénéficiaire",
        "sim-card",
        kind=ProductTerms.Kind.SIM,
        quota_only=True,
    ),
)


@transaction.atomic
def load_catalogue() -> None:
    """Create what is missing of the deck's catalogue; change nothing that exists."""
    known = set(Product.objects.values_list("upc", flat=True))
    for entry in CATALOGUE:
        if entry.upc in known:
            continue
        product = create_product(
            by=None,
            title=entry.title,
            price=entry.price,
            starts_on=timezone.localdate(),
            upc=entry.upc,
            terms={
                "kind": entry.kind,
                "summary": entry.summary,
                "validity": entry.validity,
                "illustration": entry.illustration,
                "quota_only": entry.quota_only,
                "data_go": entry.data_go,
            },
        )
        publish(by=None, product=product)
