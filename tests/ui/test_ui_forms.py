"""Rendering of forms, and the date in three fields."""

import datetime

import pytest
from django import forms
from django.template import Context, Template

from portal.ui.errors import DomainError, NotAllowed
from portal.ui.forms import DateField, french_date

TODAY = datetime.date(2026, 3, 1)


class Form(forms.Form):
    """A form with the shapes of field that differ."""

    name = forms.CharField(label="Nom", help_text="Comme sur la pièce d’identité.")
    nickname = forms.CharField(label="Surnom", required=False)
    title = forms.ChoiceField(
        label="Civilité", choices=[("f", "Madame"), ("m", "Monsieur")], widget=forms.RadioSelect
    )
    birth = DateField(label="Naissance", max_value=lambda: TODAY)


def bound(day: str = "", month: str = "", year: str = "") -> Form:
    return Form(
        {"name": "A", "title": "f", "birth_day": day, "birth_month": month, "birth_year": year}
    )


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        (("", "", ""), "Indiquez la date\u00a0: le jour, le mois et l’année."),
        (("", "2", "1980"), "Il manque le jour."),
        (("4", "", ""), "Il manque le mois et l’année."),
        (("4", "mars", "1980"), "Le mois s’écrit en chiffres."),
        (("32", "1", "1980"), "Le jour doit être compris entre 1 et 31."),
        (("4", "13", "1980"), "Le mois doit être compris entre 1 et 12."),
        (("4", "1", "80"), "L’année s’écrit en 4 chiffres, par exemple 1985."),
        (("31", "2", "1980"), "Le 31 février 1980 n’existe pas\u00a0: vérifiez le jour."),
        (("2", "3", "2026"), "La date doit être le 1er\u00a0mars\u00a02026 ou avant."),
    ],
)
def test_date_error_says_which_part_is_wrong(parts: tuple[str, str, str], error: str) -> None:
    assert bound(*parts).errors == {"birth": [error]}


def test_date_is_read_from_its_three_parts() -> None:
    form = bound(" 04", "2", "1980")
    assert form.errors == {}
    assert form.cleaned_data["birth"] == datetime.date(1980, 2, 4)


def test_date_unchanged_whatever_its_leading_zeros() -> None:
    assert DateField().has_changed(datetime.date(1980, 2, 4), ["04", "02", "1980"]) is False
    assert DateField().has_changed(datetime.date(1980, 2, 4), ["5", "2", "1980"]) is True


def test_date_shows_its_initial_value_and_labels() -> None:
    html = str(Form(initial={"birth": datetime.date(1980, 2, 4)})["birth"].as_field_group())
    assert [f'value="{part}"' in html for part in ("4", "2", "1980")] == [True] * 3
    assert [
        f'<label for="id_birth_{i}">{text}</label>' in html
        for i, text in enumerate(("Jour", "Mois", "Année"))
    ] == [True] * 3


def test_field_is_tied_to_its_help_and_error() -> None:
    html = str(Form({})["name"].as_field_group())
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label class="field__label" for="id_name">' in html
    assert "<strong>Erreur&nbsp;:</strong>" in html


def test_only_optional_fields_say_so() -> None:
    form = Form()
    assert [name for name in form.fields if "(facultatif)" in str(form[name].as_field_group())] == [
        "nickname"
    ]


def test_choices_are_grouped_under_a_legend() -> None:
    html = str(Form({})["title"].as_field_group())
    assert html.count("<fieldset") == 1
    assert html.count("<legend") == 1
    assert 'aria-describedby="id_title_error"' in html


def test_summary_links_to_the_first_control_of_each_wrong_field() -> None:
    html = render("{% error_summary form %}", form=Form({}))
    assert [f'href="#{target}"' in html for target in ("id_name", "id_title_0", "id_birth_0")] == [
        True
    ] * 3
    assert 'tabindex="-1" autofocus' in html


def test_summary_is_absent_without_errors() -> None:
    assert render("{% error_summary form %}", form=Form()).strip() == ""


def test_general_error_is_shown_once_with_or_without_the_summary() -> None:
    form = bound("4", "2", "1980")
    form.add_error(None, "Tout est fermé.")
    assert render("{{ form }}", form=form).count("Tout est fermé.") == 1
    assert render("{% error_summary form %}{{ form }}", form=form).count("Tout est fermé.") == 1


def test_date_in_words() -> None:
    assert french_date(datetime.date(2026, 3, 1)) == "1er\u00a0mars\u00a02026"
    assert french_date(datetime.date(2026, 8, 15)) == "15\u00a0août\u00a02026"


def test_domain_errors_carry_a_sentence_and_a_slug() -> None:
    error = DomainError("Le stock est vide.", code="out_of_stock")
    assert (error.message, error.code, str(error)) == (
        "Le stock est vide.",
        "out_of_stock",
        "Le stock est vide.",
    )
    assert NotAllowed().code == "not_allowed"
