"""French typography of money, codes and phones."""

from decimal import Decimal

import pytest

from portal.ui.templatetags.ui import grouped, tel_uri
from portal.ui.text import format_euros, format_phone, group_digits

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("4"), "4,00_€"),
        ("1234.5", "1_234,50_€"),
        (Decimal("0.005"), "0,01_€"),
        (Decimal("-6"), "\u22126,00_€"),
        (0, "0,00_€"),
        (None, ""),
        ("", ""),
        ("gratuit", ""),
        ("NaN", ""),
    ],
)
def test_euros_are_written_the_french_way(amount: object, text: str) -> None:
    assert format_euros(amount) == text.replace("_", NBSP)


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("0123456789", ["01", "23", "45", "67", "89"]),
        ("01 23 45 67 89", ["01", "23", "45", "67", "89"]),
        ("12345", ["12", "34", "5"]),
        ("", []),
        (None, []),
    ],
)
def test_digits_are_grouped_by_two(code: object, groups: list[str]) -> None:
    assert group_digits(code) == groups


def test_grouped_code_holds_no_space_to_copy() -> None:
    assert grouped("0123", 2) == '<span class="digits"><span>01</span><span>23</span></span>'


def test_grouped_code_is_escaped() -> None:
    assert grouped("<b", 2) == '<span class="digits"><span>&lt;b</span></span>'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+33612345678", "06_12_34_56_78"),
        ("0612345678", "06_12_34_56_78"),
        ("+590690123456", "0690_12_34_56"),
        ("+32470123456", "+32_470_12_34_56"),
        ("1023", "1023"),
        ("3179", "3179"),
        ("", ""),
        (None, ""),
    ],
)
def test_phone_is_written_the_french_way(number: object, text: str) -> None:
    assert format_phone(number) == text.replace("_", NBSP)


def test_phone_address_keeps_what_a_dialler_understands() -> None:
    assert tel_uri("+33 6 12-34") == "tel:+3361234"
