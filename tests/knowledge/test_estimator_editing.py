"""Who keeps what the estimator counts: éditeurs the usages, référents the recharges' Go."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from knowledge.estimator import arithmetic
from knowledge.estimator.models import DataUsage, EstimatorPage
from portal.accounts.roles import Role
from portal.structures.offer import offered
from shop.products.catalogue import CATALOGUE
from shop.products.models import ProductTerms
from tests import factories
from tests.knowledge.test_workflow import Commits, approve, browser_of, edit_url

PAGE = "/ressources/estimer-ma-consommation/"


def form(usage: DataUsage, **changes: Any) -> dict[str, Any]:
    kept = ("name", "unit", "megabytes", "period", "highest", "step", "source", "source_url")
    fields = {name: getattr(usage, name) for name in (*kept, "drawing", "position")}
    return fields | {"go_live_at": "", "expire_at": ""} | changes


def test_a_usage_goes_from_the_editeur_to_the_partner(
    content: int, django_capture_on_commit_callbacks: Commits
) -> None:
    editor, moderator = browser_of(Role.EDITOR), browser_of(Role.MODERATOR)
    usage = DataUsage.objects.get(name="Musique")
    typed = {usage.key: "1"}
    assert "Environ" in Client().get(PAGE, typed).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        changed = form(usage, megabytes="1000") | {"action-submit": "1"}
        assert editor.post(edit_url(usage), changed).status_code == 302
    assert "2,2\u00a0Go" in Client().get(PAGE, typed).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert approve(moderator, usage) == 302
    assert "30,4\u00a0Go" in Client().get(PAGE, typed).content.decode()


def test_an_editor_is_told_what_a_usage_cannot_be(content: int) -> None:
    usage = DataUsage.objects.get(name="Musique")
    editor = browser_of(Role.EDITOR)
    for name, value in [
        *(("megabytes", "0"), ("megabytes", "10001"), ("megabytes", "beaucoup")),
        *(("highest", "0"), ("highest", "1001"), ("step", "0"), ("source", "")),
        *(("source_url", "javascript:alert(1)"), ("period", "year"), ("drawing", "rien")),
    ]:
        typed = form(usage, **{name: value}) | {"action-submit": "1"}
        answer = editor.post(edit_url(usage), typed)
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == [name]


def test_every_drawing_can_be_drawn(content: int) -> None:
    usage = DataUsage.objects.get(name="Musique")
    field = DataUsage._meta.get_field("drawing")
    for name, _ in field.choices or ():
        usage.drawing = str(name)
        usage.save()
        assert Client().get(PAGE).status_code == 200


def test_the_deck_s_recharge_holds_eight_gigabytes(db: None) -> None:
    assert {entry.upc: entry.data_go for entry in CATALOGUE if entry.data_go} == {
        "internet-mobile-8-go": Decimal(8)
    }
    factories.product()
    told = {product.upc: product for product in offered()}
    assert told["internet-mobile-8-go"].data_go == Decimal(8)
    assert told["internet-mobile-8-go"].basket_path == "/panier/ajouter/"
    assert told["internet-mobile-8-go"].most == 20
    given = told["recharge-exceptionnelle"]
    assert (given.data_go, given.basket_path, given.most) == (None, "", 0)


@pytest.mark.parametrize(
    ("typed", "kept"), [("20", Decimal(20)), ("1,5", Decimal("1.5")), ("", None)]
)
def test_a_referent_says_how_much_internet_a_recharge_holds(
    db: None, typed: str, kept: Decimal | None
) -> None:
    product = factories.product("internet-mobile-8-go")
    desk = browser_of(Role.REFERENT)
    page = desk.get(f"/gestion/catalogue/{product.pk}/")
    fields = {
        name: value for name, value in page.context["form"].initial.items() if value is not None
    }
    fields |= {"code_length": "10", "data_go": typed}
    assert desk.post(f"/gestion/catalogue/{product.pk}/", fields).status_code == 302
    assert ProductTerms.objects.get(pk=product.pk).data_go == kept


@pytest.mark.parametrize("typed", ["0", "-1", "huit", "10000"])
def test_a_recharge_cannot_hold_just_anything(db: None, typed: str) -> None:
    product = factories.product("internet-mobile-8-go")
    desk = browser_of(Role.REFERENT)
    page = desk.get(f"/gestion/catalogue/{product.pk}/")
    fields = {
        name: value for name, value in page.context["form"].initial.items() if value is not None
    }
    fields |= {"code_length": "10", "data_go": typed}
    answer = desk.post(f"/gestion/catalogue/{product.pk}/", fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["data_go"]


@pytest.mark.parametrize(
    ("megabytes", "told", "between"),
    [
        ("49", "moins de 0,1", "moins de 0,1"),
        ("50", "0,1", "moins de 0,1"),
        ("250", "0,3", "entre 0,2 et 0,3"),
        ("1949", "1,9", "entre 1,5 et 2,4"),
        ("6400", "6,4", "entre 5 et 8"),
        ("8000", "8", "entre 6 et 10"),
        ("10000", "10", "entre 8 et 12"),
    ],
)
def test_gigabytes_are_rounded_half_up_and_ranges_outwards(
    megabytes: str, told: str, between: str
) -> None:
    amount = arithmetic.grains_of(Decimal(megabytes) / 100) // 10
    assert arithmetic.words(amount) == f"{told}\u00a0Go"
    assert str(arithmetic.spread(amount, 20)) == f"{between}\u00a0Go"


def test_a_month_is_30_4_days_exactly() -> None:
    day = arithmetic.rate(Decimal("0.01"), arithmetic.Period.DAY)
    week = arithmetic.rate(Decimal("0.01"), arithmetic.Period.WEEK)
    assert day == 7 * week
    # 1 Mo a day is 30.4 Mo: 0.0304 Go.
    assert arithmetic.grains(Decimal(1), 100 * day) * 10_000 == arithmetic.TENTH_GO * 3040


def test_there_is_one_calculator_and_a_lost_one_can_be_made_again(content: int) -> None:
    page = EstimatorPage.objects.get()
    index = page.get_parent().specific
    assert not EstimatorPage.can_create_at(index)
    page.delete()
    assert EstimatorPage.can_create_at(index)
