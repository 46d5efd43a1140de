"""The référent's catalogue: products are made, changed, ordered and retired without a loss."""

import html
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from oscar.core.loading import get_model
from PIL import Image as Picture

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.products.catalogue import CATALOGUE, load_catalogue
from shop.products.models import ProductTerms
from tests import factories
from tests.shop.conftest import Counter

pytestmark = pytest.mark.django_db

Product = get_model("catalogue", "Product")
LIST = "/gestion/catalogue/"
ADD = "/gestion/catalogue/ajouter/"
FIELDS: dict[str, Any] = {
    "title": "Monde\u00a0+ d’été",
    "kind": "code",
    "summary": "Un crédit pour l’étranger.",
    "validity": "30 jours",
    "illustration": "world",
    "order_limit": "5",
    "alert_threshold": "12",
    "code_length": "8",
    "price": "7,50",
    "starts_on": "",
}


@pytest.fixture
def desk(client: Client) -> Client:
    factories.product()
    client.force_login(factories.UserFactory(role=Role.REFERENT))
    return client


def fields(**changes: Any) -> dict[str, Any]:
    return {**FIELDS, "starts_on": f"{factories.today():%Y-%m-%d}", **changes}


def picture(name: str = "carte.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Picture.new("RGB", (600, 400), "navy").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def text(response: Any) -> str:
    bare = re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode()))
    return re.sub(r"[ \n]+", " ", bare)


def page_of(upc: str) -> str:
    return f"{LIST}{Product.objects.get(upc=upc).pk}/"


def order_of_catalogue() -> list[str]:
    return list(Product.objects.order_by("terms__position").values_list("upc", flat=True))


def test_a_product_is_created_then_published_then_sold(desk: Client, partner: Counter) -> None:
    answer = desk.post(ADD, fields(), follow=True)

    product = Product.objects.get(title=FIELDS["title"])
    assert answer.redirect_chain == [(f"{LIST}{product.pk}/", 302)]
    assert (product.upc, product.is_public) == ("monde-dete", False)
    terms = product.terms
    assert (terms.position, terms.order_limit, terms.alert_threshold) == (7, 5, 12)
    assert (terms.code_pattern, terms.validity) == ("[0-9]{8}", "30 jours")
    assert partner.add("monde-dete").url == "/offre-solidaire/"
    assert "Monde\u00a0+ d’été" not in text(partner.get("/offre-solidaire/"))

    desk.post(f"{LIST}{product.pk}/publier/")
    factories.lot("monde-dete", ["12345678"])

    assert "7,50\u00a0€" in text(partner.get("/offre-solidaire/"))
    placed = partner.order(monde_dete=1)
    assert str(placed.order.total_incl_tax) == "7.50"
    actions = AuditEntry.objects.filter(target_id=product.pk, action__startswith="products.")
    assert set(actions.values_list("action", flat=True)) == {
        "products.created",
        "products.published",
    }


def test_two_products_of_one_name_get_two_upcs(desk: Client) -> None:
    for _ in range(2):
        desk.post(ADD, fields(title="Monde"))

    found = Product.objects.filter(title="Monde").order_by("pk")
    assert list(found.values_list("upc", flat=True)) == ["monde", "monde-2", "monde-3"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Champ requis."),
        ({"price": "-1"}, "supérieure ou égale à 0"),
        ({"price": "abc"}, "Saisissez un nombre."),
        ({"price": "4,555"}, "pas plus de 2 chiffres après la virgule"),
        ({"price": "99999"}, "pas plus de"),
        ({"starts_on": "2020-01-01"}, "Choisissez aujourd’hui ou un jour à venir."),
        ({"order_limit": "0"}, "supérieure ou égale à 1"),
        ({"illustration": "../../secret"}, "Sélectionnez un choix valide"),
        ({"kind": "car"}, "Sélectionnez un choix valide"),
        ({"code_length": ""}, "Indiquez de combien de chiffres est fait un numéro."),
        ({"code_pattern": "["}, "Cette expression n’est pas valide"),
        ({"code_pattern": "1[0-9]{9}"}, "Donnez un numéro inventé qui suit ce format."),
        ({"code_pattern": "1[0-9]{9}", "code_example": "2"}, "Ce numéro ne suit pas le format"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    desk: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = desk.post(ADD, fields(**changes))

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert Product.objects.count() == len(CATALOGUE)


def test_a_product_changes_what_it_says_and_keeps_its_upc(desk: Client) -> None:
    path = page_of("monde")
    assert "Dans les fichiers, ce produit s’appelle monde ." in text(desk.get(path))

    answer = desk.post(
        path, fields(title="Monde entier", code_pattern="1[0-9]{9}", code_example="1000000000")
    )

    assert answer.status_code == 302
    product = Product.objects.get(upc="monde")
    assert (product.title, product.terms.code_pattern) == ("Monde entier", "1[0-9]{9}")
    entry = AuditEntry.objects.get(action="products.changed")
    assert "title" in entry.details["fields"]
    assert desk.post(path, fields(title="Monde", code_pattern="1[0-9]{9}")).status_code == 302


def test_the_kind_is_settled_once_something_depends_on_it(desk: Client, partner: Counter) -> None:
    desk.post(page_of("illimite-france"), fields(kind="sim"))
    factories.lot("monde", factories.codes(1))
    desk.post(page_of("monde"), fields(kind="sim"))

    kinds = dict(ProductTerms.objects.values_list("product__upc", "kind"))
    assert (kinds["illimite-france"], kinds["monde"]) == ("sim", "code")


def test_a_picture_takes_the_drawings_place_and_gives_it_back(
    desk: Client, partner: Counter, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    path = page_of("monde")
    refused = desk.post(path, fields(picture=picture()))
    assert "Dites en quelques mots ce que montre l’image." in text(refused)

    desk.post(path, fields(title="Monde", picture=picture(), image_alt="Un globe bleu"))

    card = partner.get("/offre-solidaire/").content.decode()
    (tag,) = re.findall(r"<img [^>]*alt=\"Un globe bleu\"[^>]*>", card)
    assert 'loading="lazy"' in tag
    assert re.search(r'width="\d+" height="\d+"', tag)
    assert partner.get(re.findall(r'src="([^"]*)"', tag)[0]).status_code == 200

    desk.post(path, fields(title="Monde", image_alt="Un globe bleu", remove_picture="on"))
    assert "Un globe bleu" not in partner.get("/offre-solidaire/").content.decode()
    assert ProductTerms.objects.get(product__upc="monde").image is None


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\0" * 500])
def test_what_is_no_picture_is_refused(desk: Client, content: bytes) -> None:
    file = SimpleUploadedFile("x.png", content, content_type="image/png")

    answer = desk.post(page_of("monde"), fields(picture=file, image_alt="Rien"))

    assert answer.status_code == 422


def test_products_move_by_one_place_within_the_ends(desk: Client) -> None:
    first, second, third, *_, last = before = order_of_catalogue()

    desk.post(f"{page_of(third)}monter/")
    assert order_of_catalogue()[:3] == [first, third, second]
    desk.post(f"{page_of(third)}descendre/")
    desk.post(f"{page_of(first)}monter/")
    desk.post(f"{page_of(last)}descendre/")
    assert order_of_catalogue() == before


def test_a_retired_product_is_sold_no_more_and_its_history_stays(
    desk: Client, partner: Counter
) -> None:
    factories.lot("monde", factories.codes(3))
    placed = partner.order(monde=1)
    partner.add("monde")

    answer = desk.post(f"{page_of('monde')}retirer/", follow=True)

    assert "«\u00a0Monde\u00a0» n’est plus proposé" in text(answer)
    assert ProductTerms.objects.get(product__upc="monde").retired_at is not None
    assert "Monde économique" in text(partner.get("/offre-solidaire/"))
    assert "Monde 5,00" not in text(partner.get("/offre-solidaire/"))
    assert "«\u00a0Monde\u00a0» n’est plus proposé." in text(partner.get("/panier/"))
    assert "Monde" in text(partner.get(f"/commande/{placed.uuid}/"))
    assert "Monde" in text(partner.get("/mon-compte/recharges/"))
    assert "Retiré le" in text(desk.get(LIST))

    desk.post(f"{page_of('monde')}publier/")
    assert ProductTerms.objects.get(product__upc="monde").retired_at is None
    assert "n’est plus proposé" not in text(partner.get("/panier/"))


def test_loading_the_catalogue_again_keeps_what_a_referent_changed(desk: Client) -> None:
    desk.post(page_of("monde"), fields(title="Monde entier"))
    desk.post(f"{page_of('carte-sim')}retirer/")
    desk.post(f"{page_of('illimite-france')}monter/")
    before = list(Product.objects.order_by("pk").values("title", "is_public", "terms__position"))

    load_catalogue()

    after = list(Product.objects.order_by("pk").values("title", "is_public", "terms__position"))
    assert after == before


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OPERATOR, Role.MODERATOR, Role.PARTNER])
def test_only_referents_keep_the_catalogue(desk: Client, role: Role) -> None:
    other = Client()
    other.force_login(factories.UserFactory(role=role))
    path = page_of("monde")

    for answer in (other.get(LIST), other.post(ADD, fields()), other.post(f"{path}retirer/")):
        assert answer.status_code == 302
    assert Product.objects.filter(is_public=True).count() == len(CATALOGUE)


@pytest.mark.parametrize("path", ["{0}0/", "{0}0/retirer/", "{1}voler/", "{1}retirer-prix/"])
def test_what_does_not_exist_is_not_found(desk: Client, path: str) -> None:
    assert desk.post(path.format(LIST, page_of("monde"))).status_code == 404
