"""Reading a workbook: what people make of it, and what somebody hostile would."""

import datetime as dt
import io
import resource
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH

from portal.sheets.reading import UnreadableFile, read

NO_SPREADSHEET = "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX)."
OVERSIZED = "Ce classeur est démesuré une fois décompressé."
NEW_YEARS_EVE = dt.datetime(2027, 12, 31, 18, 30)  # noqa: DTZ001 (a workbook has no zones)
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def workbook(*rows: list[Any]) -> bytes:
    """Return a workbook as openpyxl writes it."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


Part = bytes | list[bytes]
SHARED = b'<Relationship Type="x/sharedStrings" Target="sharedStrings.xml" Id="s"/></Relationships>'


def replaced(sheet: Part = b"", texts: Part = b"") -> bytes:
    """Return a workbook with another sheet, or with shared texts; lists are blocks of a part."""
    parts: dict[str, Part] = {}
    with zipfile.ZipFile(io.BytesIO(workbook(["x"]))) as old:
        parts |= {name: old.read(name) for name in old.namelist()}
    parts[SHEET] = sheet or HEAD + b'<row><c t="s"><v>0</v></c></row>' + TAIL
    if texts:
        relations = parts["xl/_rels/workbook.xml.rels"]
        assert isinstance(relations, bytes)
        parts["xl/_rels/workbook.xml.rels"] = relations.replace(b"</Relationships>", SHARED)
        parts["xl/sharedStrings.xml"] = texts
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, content in parts.items():
            with new.open(name, "w", force_zip64=True) as part:
                for block in [content] if isinstance(content, bytes) else content:
                    part.write(block)
    return out.getvalue()


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    return list(read(io.BytesIO(content), max_bytes=50_000_000))


def cells(content: bytes) -> list[list[str]]:
    return [row for _, row in rows(content)]


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        rows(content)
    return caught.value.message


def test_cells_are_read_as_one_sees_them() -> None:
    content = workbook(
        ["nom", "code", "jour", "prix", "oui"],
        ["Élan & fils", "0012", dt.date(2027, 12, 31), 4.5, True],
        ["<b>", 42, NEW_YEARS_EVE, 7.0, False],
    )
    assert cells(content) == [
        ["nom", "code", "jour", "prix", "oui"],
        ["Élan & fils", "0012", "2027-12-31", "4.5", "VRAI"],
        ["<b>", "42", "2027-12-31", "7", "FAUX"],
    ]


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_says_so() -> None:
    assert cells(workbook([123456789012345, 8933150319012345678, 1.5e18])) == [
        ["123456789012345", "8.93315E+18", "1.50000E+18"]
    ]


def test_lines_keep_their_numbers_and_gaps_are_not_lines() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"], sheet["C3"], sheet["B7"] = "titre", "x", "y"
    assert rows(saved(book)) == [(1, ["titre"]), (3, ["", "", "x"]), (7, ["", "y"])]


def test_dates_of_a_macintosh_are_dates() -> None:
    book = Workbook()
    book.epoch = MAC_EPOCH
    sheet: Any = book.active
    sheet.append([dt.date(2027, 12, 31)])
    assert cells(saved(book)) == [["2027-12-31"]]


def test_only_the_first_sheet_is_read() -> None:
    book = Workbook()
    first: Any = book.active
    first.append(["un"])
    book.create_sheet("Autre").append(["deux"])
    assert cells(saved(book)) == [["un"]]


def test_a_text_in_several_styles_is_one_text_and_a_reading_aid_none() -> None:
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>00</t>'
        b"</r><r><t>12</t></r><rPh><t>zero</t></rPh></si></sst>"
    )
    assert cells(replaced(texts=texts)) == [["0012"]]


def test_texts_within_the_sheet_and_results_of_formulas_are_read() -> None:
    sheet = HEAD + (
        b'<row><c t="inlineStr"><is><t>0012</t></is></c><c t="str"><f>A1</f><v>ab</v></c>'
        b"<c><v>1.23E8</v></c><c/></row>"
    )
    assert rows(replaced(sheet=sheet + TAIL)) == [(1, ["0012", "ab", "123000000"])]


def test_a_workbook_named_csv_is_read_all_the_same() -> None:
    assert cells(workbook(["produit", "code"]))[0] == ["produit", "code"]


def test_columns_beyond_forty_are_left_out() -> None:
    content = workbook([str(number) for number in range(16_384)], ["fin"])
    assert cells(content) == [[str(number) for number in range(40)], ["fin"]]


@pytest.mark.parametrize("cut", [10, 400, 2000, -30])
def test_a_truncated_workbook_is_refused(cut: int) -> None:
    assert refusal(workbook(["a", "b"])[:cut]).startswith(NO_SPREADSHEET)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        archive(),
        archive(photo=b"x"),
        replaced(sheet=b"<worksheet><sheetData><row>"),
        replaced(sheet=b"no xml"),
        replaced(texts=b"<sst/>"),
        replaced(sheet=HEAD + b'<row r="3"/><row r="2"/>' + TAIL),
        replaced(sheet=HEAD + b'<row><c r="1A"/></row>' + TAIL),
        replaced(sheet=HEAD + b"<row><c><v>douze</v></c></row>" + TAIL),
    ],
    ids=["empty", "no workbook", "unclosed", "no xml", "no texts", "order", "place", "number"],
)
def test_a_broken_workbook_is_refused(content: bytes) -> None:
    assert refusal(content).startswith(NO_SPREADSHEET)


def test_a_document_type_is_refused_entities_and_all() -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + HEAD + b"<row/>" + TAIL
    assert refusal(replaced(sheet=lol)).startswith(NO_SPREADSHEET)


BLOCK = 1_000_000  # bytes


def peak_memory() -> int:
    """Return the most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    "parts",
    [
        {"sheet": [HEAD, *[b" " * BLOCK] * 650, TAIL]},
        {"sheet": [HEAD, *[b"<row/>" * 170_000] * 7, TAIL]},
        {"sheet": HEAD + b'<row r="999999999"/>' + TAIL},
        {"sheet": [HEAD, b"<row><c><v>", *[b"1" * BLOCK] * 3, b"</v></c></row>", TAIL]},
        {"texts": [b"<sst>", *[b"<si/>" * 200_000] * 16, b"</sst>"]},
        {"texts": [b"<sst><si><t>", *[b"a" * BLOCK] * 160, b"</t></si></sst>"]},
    ],
    ids=["spaces", "rows", "last row", "cell", "texts", "text"],
)
def test_a_bomb_is_refused_in_little_memory(parts: dict[str, Any]) -> None:
    content = replaced(**parts)
    assert len(content) < 10_000_000
    before = peak_memory()
    assert refusal(content).startswith(OVERSIZED)
    assert peak_memory() - before < 300_000_000


def test_an_archive_of_a_million_parts_is_refused_by_its_directory() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for number in range(20_000):
            new.writestr(f"part-{number:06d}", b"")
    assert refusal(out.getvalue()).startswith(OVERSIZED)


@pytest.mark.parametrize("cell", [b"<c/>", b'<c r="A1"/>'])
def test_cells_without_end_in_one_row_are_refused(cell: bytes) -> None:
    sheet = [HEAD, b"<row>", *[cell * 100_000] * 20, b"</row>", TAIL]
    assert refusal(replaced(sheet)).startswith(NO_SPREADSHEET)
