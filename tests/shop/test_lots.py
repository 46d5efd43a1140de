"""Reading the lines of a lot: each is accepted or refused, with its number and the reason."""

import datetime as dt
import io
import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.sheets import reading as sheets
from portal.sheets.reading import UnreadableFile
from shop.recharges.lots import MAX_BYTES, Known, Problem, Row, read

TODAY = dt.date(2026, 11, 23)
EXPIRY = dt.date(2027, 12, 31)
DIGITS = re.compile(r"[0-9]{10}")
MONDE = Known(1, "Monde", DIGITS)
ECONOMY = Known(2, "Monde économique", DIGITS)
PRODUCTS = {
    "monde": MONDE,
    "monde economique": ECONOMY,
    "monde-economique": ECONOMY,
    "lettres": Known(3, "Lettres", re.compile(r"[A-Z0-9]{10}")),
    "long": Known(4, "Long", re.compile(r"[0-9]{12}")),
}
HEADER = "produit;code;expiration"
TWO = [Row(2, 1, "0123456789", EXPIRY, ""), Row(3, 2, "0000000042", EXPIRY, "")]


@dataclass(frozen=True)
class Reading:
    """What a file holds."""

    rows: list[Row]
    problems: list[Problem]


def read_bytes(content: bytes, only: Known | None = None) -> Reading:
    rows = sheets.read(io.BytesIO(content), max_bytes=MAX_BYTES)
    found = list(read(rows, PRODUCTS, today=TODAY, only=only))
    return Reading(
        [one for one in found if isinstance(one, Row)],
        [one for one in found if isinstance(one, Problem)],
    )


def reading(*lines: str, header: str = HEADER, only: Known | None = None) -> Reading:
    return read_bytes("\n".join([header, *lines]).encode(), only)


def problems(*lines: str, header: str = HEADER) -> list[tuple[int, str]]:
    return [(one.line, one.kind) for one in reading(*lines, header=header).problems]


def reason(line: str) -> str:
    """Return why the only line of a file is refused."""
    (problem,) = reading(line).problems
    return problem.reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_usual_csv_is_read(delimiter: str, end: str, encoding: str) -> None:
    lines = [
        HEADER,
        "Monde;0123456789;31/12/2027",
        "Monde économique;0000000042;31/12/2027",
        "",
    ]
    content = end.join(lines).replace(";", delimiter).encode(encoding)

    found = read_bytes(content)

    assert (found.rows, found.problems) == (TWO, [])


@pytest.mark.parametrize(
    "header",
    [
        "produit;code;expiration",
        "Product;Code;Expiry",
        "PRODUIT;Numéro;Valable jusqu’au",
        "produit;numéro de recharge;date d'expiration",
        " produit ; numero ; Date d’expiration ",
        "product;code;expires",
    ],
)
def test_columns_go_by_several_names(header: str) -> None:
    found = reading(
        "monde;0123456789;2027-12-31", "monde-economique;0000000042;31.12.2027", header=header
    )
    assert found.rows == TWO


def test_columns_may_come_in_any_order_with_others_between() -> None:
    found = reading(
        "A1;2027-12-31;ignored;0123456789;Monde",
        header="série;expiration;remarque;code;produit",
    )
    assert found.rows == [Row(2, 1, "0123456789", EXPIRY, "A1")]


def test_leading_zeros_and_spaced_digits_are_the_code() -> None:
    found = reading("monde;00 00 00 00 07;31-12-2027", "monde;01\u00a023.45-6789;31/12/2027")
    assert [row.code for row in found.rows] == ["0000000007", "0123456789"]


def test_letters_are_a_code_where_the_product_says_so() -> None:
    found = reading("lettres;ABCDE12345;31/12/2027", "lettres;123456E789;31/12/2027")
    assert [row.code for row in found.rows] == ["ABCDE12345", "123456E789"]


def test_blank_lines_are_skipped_and_counted() -> None:
    assert problems("", ";;", "monde;1;31/12/2027") == [(4, "malformed")]


def test_lines_are_numbered_as_a_text_editor_numbers_them() -> None:
    assert problems('"monde\n";0123456789;31/12/2027', "monde;x;31/12/2027") == [(4, "malformed")]


def test_eaten_zeros_are_named() -> None:
    assert reason("monde;123456789;31/12/2027") == (
        "9 chiffres au lieu de 10\u00a0: un tableur a sans doute mangé les zéros du début\u00a0; "
        "mettez la colonne au format «\u00a0Texte\u00a0» et exportez de nouveau"
    )


@pytest.mark.parametrize("typed", ["1,23E+08", "1.23E+08", "1.23e8", "1E+9", "1,2345E9"])
def test_a_spreadsheet_that_made_a_number_of_the_code_is_named(typed: str) -> None:
    assert reason(f"monde;{typed};31/12/2027").startswith(
        "un tableur a transformé le numéro en nombre (1,23E+08)"
    )


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("inconnu;0123456789;31/12/2027", "malformed", "produit inconnu\u00a0: «\u00a0inconnu"),
        (";0123456789;31/12/2027", "malformed", "le produit manque"),
        ("monde;;31/12/2027", "malformed", "le numéro manque"),
        ("monde", "malformed", "le numéro manque"),
        ("monde;01234567890;31/12/2027", "malformed", "ce n’est pas un numéro de «\u00a0Monde"),
        ("monde;012345678X;31/12/2027", "malformed", "ce n’est pas un numéro de «\u00a0Monde"),
        ("monde;\uff10123456789;31/12/2027", "malformed", "ce n’est pas un numéro de"),
        ("monde;0123456789;", "malformed", "date d’expiration illisible"),
        ("monde;0123456789;31/02/2027", "malformed", "date d’expiration illisible"),
        ("monde;0123456789;12/31/2027", "malformed", "date d’expiration illisible"),
        ("monde;0123456789;22/11/2026", "expired", "expiré depuis le 22/11/2026"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason(line: str, kind: str, words: str) -> None:
    (problem,) = reading(line).problems
    assert (problem.line, problem.kind) == (2, kind)
    assert problem.reason.startswith(words)


def test_the_last_day_is_not_expired() -> None:
    assert reading("monde;0123456789;23/11/2026").problems == []


def test_letters_that_are_no_code_of_ten_are_not_said_to_lack_zeros() -> None:
    assert reason("lettres;ABC;31/12/2027") == "ce n’est pas un numéro de «\u00a0Lettres\u00a0»"


def test_zeros_are_counted_by_the_products_own_format() -> None:
    assert reason("long;12345;31/12/2027").startswith("5 chiffres au lieu de 12\u00a0: ")


def test_a_line_of_another_product_is_refused_where_one_was_chosen() -> None:
    found = reading("monde;0123456789;31/12/2027", "lettres;ABCDE12345;31/12/2027", only=MONDE)
    assert [row.line for row in found.rows] == [2]
    assert [(one.line, one.kind, one.reason) for one in found.problems] == [
        (
            3,
            "product",
            "«\u00a0Lettres\u00a0» dans un lot qui ne contient que «\u00a0Monde\u00a0»\u00a0: "
            "déposez ces numéros à part, ou ne choisissez pas de produit",
        )
    ]


def test_the_chosen_product_is_that_of_lines_which_name_none() -> None:
    without_column = reading("0123456789;31/12/2027", header="code;expiration", only=MONDE)
    empty_cell = reading(";0123456789;31/12/2027", only=MONDE)
    assert without_column.rows == empty_cell.rows == TWO[:1]


def test_several_products_in_one_file_are_each_held_to_their_format() -> None:
    found = reading("monde;0123456789;31/12/2027", "monde;ABCDE12345;31/12/2027")
    assert [(one.line, one.reason) for one in found.problems] == [
        (3, "ce n’est pas un numéro de «\u00a0Monde\u00a0»")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "0123456789;monde;31/12/2027",  # two columns swapped
        "monde,0123456789,31/12/2027",  # another delimiter than the header's
        "01 23 45 67 89;monde;31/12/2027",
        "monde;0123456789X;31/12/2027",
        "monde;31/12/2027;0123456789",
        "monde;12345678;31/12/2027",
    ],
)
def test_a_reason_never_quotes_a_code(line: str) -> None:
    digits = re.sub(r"\D", "", reason(line))
    assert digits in {"", "10", "810", "31122027"}


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
@example('"', "", "")
@example("monde", "0123456789", "01/01/0001")
def test_whatever_the_cells_hold_they_are_accepted_or_refused(a: str, b: str, c: str) -> None:
    try:
        found = reading(f"{a};{b};{c}")
    except UnreadableFile:
        return
    assert all(row.code and row.expires_on >= TODAY for row in found.rows)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_the_answer_is_a_reading_or_a_sentence(content: bytes) -> None:
    try:
        found = read_bytes(content)
    except UnreadableFile:
        return
    assert found.rows or found.problems


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Ce fichier est vide."),
        (b"\xef\xbb\xbf \r\n", "Ce fichier est vide."),
        (b"produit;code;expiration\n", "Ce fichier n’a que sa ligne de titres"),
        (b"produit;code\nmonde;0123456789", "Colonne manquante\u00a0: expiration."),
        (b"monde;0123456789;31/12/2027", "Colonne manquante\u00a0: produit, code, expiration."),
        (b"\n" + HEADER.encode() + b"\nmonde;0123456789;31/12/2027", "Colonne manquante"),
        (b"PK\x03\x04\x00\x00", "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX)."),
        (
            "produit;code".encode("utf-16"),
            "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX).",
        ),
        (b'"' + b"a" * 200_000, "Une ligne du fichier est illisible"),
        (HEADER.encode() + b'\nmonde;"' + b"a" * 200_000, "Une ligne du fichier est illisible"),
    ],
    ids=[
        "empty",
        "blank",
        "header only",
        "missing column",
        "no header",
        "blank first line",
        "workbook",
        "utf-16",
        "immense header",
        "unclosed quote",
    ],
)
def test_a_file_that_is_no_list_of_codes_says_what_to_change(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_bytes(content)
    assert caught.value.message.startswith(words)


def test_a_missing_column_is_explained_without_quoting_what_is_there() -> None:
    with pytest.raises(UnreadableFile) as caught:
        reading("x", header="0123456789;9876543210")
    assert re.sub(r"\D", "", caught.value.message) == ""


def test_more_than_45_megabytes_is_refused() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_bytes(b"a" * (MAX_BYTES + 1))
    assert caught.value.message == "Ce fichier dépasse 45\u00a0Mo. Coupez-le en plusieurs fichiers."
