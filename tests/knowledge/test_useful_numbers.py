"""The useful numbers: one list, from which every sentence of the site takes them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from activation.forms import ActivationForm
from activation.rules import rio
from activation.sheets.columns import COLUMNS
from knowledge.models import UsefulNumber
from portal.telecom.numbers import RIO_PHONE, told_once
from shop.ordering.views.codes import ReportForm
from shop.tickets.texts import words
from shop.tickets.views import SettingsForm

_WRITTEN = re.compile(r"\b(?:950|952|963|1023|3179)\b")


def drawn(tag: str) -> str:
    return Template("{% load telecom %}" + tag).render(Context()).strip()


def test_no_sentence_of_the_code_writes_a_number_by_hand() -> None:
    """SFR's usual numbers have one place; the rest are examples, or stand in first content."""
    written = {}
    for folder in ("activation", "knowledge", "portal", "shop"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            found = _WRITTEN.findall(path.read_text(encoding="utf-8"))
            if found and not {"migrations", "demo"} & set(path.parts):
                written[path.relative_to(settings.BASE_DIR).as_posix()] = found
    assert written == {
        "portal/telecom/numbers.py": ["950", "952", "3179"],  # where editors published none
        "shop/tickets/texts.py": ["950", "952"],  # what the tables say, replaced by the list's
        "portal/ui/text.py": ["1023", "3179"],  # an example, in a docstring
        "knowledge/models/numbers.py": ["1023"],  # an example, in a field's help
        "knowledge/blocks.py": ["952"],  # a preview of the block
        "knowledge/reading/blocks.py": ["952"] * 3,  # likewise
    }


def test_what_a_wrong_rio_is_told_follows_the_list(content: int) -> None:
    number = UsefulNumber.objects.get(purpose="rio")
    number.number = "3180"
    number.save_revision().publish()
    told = []
    for typed in ("", "O1PEROY4P4TR", "01FEROY4P4TR", "01PEROY4P4TS"):
        with pytest.raises(ValidationError) as caught:
            rio.check(typed, "+33612345678")
        told += re.findall(r"\d{4}", " ".join(caught.value.messages))
    assert told == ["3180"] * 4
    (column,) = [one for one in COLUMNS if one.field == "rio"]
    assert "que donne le 3180, appelé" in str(column.help)


def test_the_sentences_of_a_whole_sheet_read_the_list_once(
    content: int, django_assert_num_queries: CaptureQueriesContext
) -> None:
    with django_assert_num_queries(1), told_once():
        assert [str(RIO_PHONE) for _ in range(3)] == ["3179"] * 3


def test_no_template_writes_a_number_by_hand() -> None:
    written = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.*"):
        text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"))
        if (
            _WRITTEN.search(text)
            and Path("styleguide") not in path.relative_to(settings.BASE_DIR / "templates").parents
        ):
            written.add(path.name)
    assert written == set()


def test_the_tag_gives_the_editors_number_tappable_with_what_it_costs(content: int) -> None:
    assert drawn('{% useful_number "rio" %}') == '<a href="tel:3179">3179</a>'
    number = UsefulNumber.objects.get(purpose="rio")
    number.number, number.hours = "01 02 03 04 05", "de 9 h à 18 h"
    number.save_revision().publish()
    assert drawn('{% useful_number "rio" %}') == '<a href="tel:0102030405">01 02 03 04 05</a>'
    assert drawn('{% useful_number "rio" plain=True %}') == "01 02 03 04 05"
    card = drawn('{% useful_number_card "rio" "pour le RIO" %}')
    assert 'href="tel:0102030405"' in card
    assert "depuis la ligne à transférer · Gratuit · de 9 h à 18 h" in card


def test_without_a_published_number_sfrs_usual_one_is_told(db: None) -> None:
    assert drawn('{% useful_number "top_up" %}') == '<a href="tel:952">952</a>'


def test_a_page_reads_the_list_once(
    content: int, django_assert_num_queries: CaptureQueriesContext
) -> None:
    tags = '{% load telecom %}{% useful_number "rio" %}{% useful_number "top_up" %}'
    request = RequestFactory().get("/")
    with django_assert_num_queries(1):
        Template(tags).render(RequestContext(request))


def test_forms_and_tickets_tell_a_changed_number(content: int) -> None:
    for purpose, phone in (("top_up", "985"), ("rio", "3180"), ("balance", "952")):
        number = UsefulNumber.objects.get(purpose=purpose)
        number.number = phone
        number.save_revision().publish()
    assert ReportForm().fields["symptom"].label == "Que répond le 985\u00a0?"
    assert 'href="tel:3180"' in str(ActivationForm().fields["rio"].help_text)
    assert "L’appel au 985 (conseillé)" in str(SettingsForm())
    told = words("fr").telling(balance="952", top_up="985")
    assert [set(re.findall(r"9\d\d", step)) for step in told.steps if "9" in step] == [
        {"985"},
        {"952"},
    ]
    assert "985" in told.qr


@pytest.mark.parametrize("address", ["/faq/", "/aide/", "/ressources/"])
def test_lists_say_from_which_line_and_for_how_much(content: int, address: str) -> None:
    html = Client().get(address).content.decode()
    assert "depuis la ligne à transférer · Gratuit" in html


def test_an_answer_of_the_faq_gives_its_numbers_to_be_tapped(content: int) -> None:
    html = Client().get("/faq/comment-connaitre-le-solde-de-la-ligne/").content.decode()
    assert '<a href="tel:950"><b>950</b></a>' in html
    assert '<a href="tel:952"><b>952</b></a>' in Client().get("/faq/").content.decode()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>01 02 03</b>", '<a href="tel:010203"><b>01 02 03</b></a>'),
        ("<b>951</b> et <b>recharge</b>", "<b>951</b> et <b>recharge</b>"),
        ("950 Mo, <b>8 Go</b>", "950 Mo, <b>8 Go</b>"),
        ('<a href="/faq/">le <b>950</b></a>', '<a href="/faq/">le <b>950</b></a>'),
    ],
)
def test_only_a_listed_number_in_bold_is_tapped(content: int, written: str, shown: str) -> None:
    UsefulNumber.objects.filter(number="123").update(number="010 203")
    tag = Template("{% load knowledge %}{% tappable text %}")
    assert tag.render(Context({"text": written})) == shown


def test_a_number_that_changes_is_told_by_the_texts_that_hold_the_former_one(content: int) -> None:
    for phone in ("985", "01 44 55 66 77"):
        number = UsefulNumber.objects.get(purpose="top_up")
        number.number = phone
        number.save_revision().publish()
    now = '<a href="tel:0144556677"><b>01 44 55 66 77</b></a>'
    for address in ("/faq/comment-utiliser-une-recharge/", "/ressources/acheter-des-recharges/"):
        html = Client().get(address).content.decode()
        assert (now in html, "<b>952</b>" in html) == (True, False)
    assert UsefulNumber.objects.get(purpose="top_up").former == "952 985"


def test_a_number_that_comes_back_is_no_longer_a_former_one(content: int) -> None:
    for phone in ("985", "952"):
        number = UsefulNumber.objects.get(purpose="top_up")
        number.number = phone
        number.save_revision().publish()
    assert UsefulNumber.objects.get(purpose="top_up").former == "985"
    assert UsefulNumber.in_texts()["985"] == UsefulNumber.in_texts()["952"] == "952"


def test_a_number_of_the_list_goes_before_anothers_former_one(content: int) -> None:
    number = UsefulNumber.objects.get(number="963")
    number.number = "964"
    number.save_revision().publish()
    UsefulNumber.objects.filter(number="123").update(number="963")
    assert UsefulNumber.in_texts()["963"] == "963"


def test_answers_read_the_list_once_a_page(
    content: int, django_assert_num_queries: CaptureQueriesContext
) -> None:
    tags = "{% load knowledge %}{% tappable text %}{% tappable text %}"
    request = RequestFactory().get("/")
    with django_assert_num_queries(1):
        Template(tags).render(RequestContext(request, {"text": "<b>950</b>"}))
