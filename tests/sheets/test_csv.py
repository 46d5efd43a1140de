"""Reading a CSV as people send it."""

import io

import pytest

from portal.sheets.reading import UnreadableFile, read

ROWS = [(1, ["nom", "code"]), (2, ["Élan", "0012"]), (3, ["", "7"])]


def rows(content: bytes, max_bytes: int = 50_000_000) -> list[tuple[int, list[str]]]:
    return list(read(io.BytesIO(content), max_bytes=max_bytes))


def refusal(content: bytes, max_bytes: int = 50_000_000) -> str:
    with pytest.raises(UnreadableFile) as caught:
        rows(content, max_bytes)
    return caught.value.message


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_usual_csv_is_read(delimiter: str, end: str, encoding: str) -> None:
    content = end.join(["nom;code", "Élan;0012", ";7"]).replace(";", delimiter)
    assert rows(content.encode(encoding)) == ROWS


def test_lines_are_numbered_as_a_text_editor_numbers_them() -> None:
    assert rows(b'a;b\n\n"x\ny";2\nz;3\n') == [
        (1, ["a", "b"]),
        (2, []),
        (3, ["x\ny", "2"]),
        (5, ["z", "3"]),
    ]


def test_the_encoding_is_that_of_the_whole_file() -> None:
    late = b"nom\n" + b"a\n" * 50_000 + "Élan".encode("cp1252")
    assert rows(late)[-1] == (50_002, ["Élan"])
    assert rows("é".encode()[:1] + b"\n") == [(1, ["Ã"])]


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)), "nom;code".encode("utf-16"), b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.4\n\0"],
    ids=["bytes", "utf-16", "picture", "pdf"],
)
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes) -> None:
    assert refusal(content) == (
        "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX). Dans votre tableur, choisissez "
        "«\u00a0Enregistrer sous\u00a0», puis «\u00a0CSV\u00a0» ou «\u00a0XLSX\u00a0»."
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"   "])
def test_an_empty_file_says_so(content: bytes) -> None:
    assert refusal(content) == "Ce fichier est vide."


def test_a_big_file_is_refused_unread() -> None:
    assert refusal(b"a" * 2_000_001, 2_000_000) == (
        "Ce fichier dépasse 2\u00a0Mo. Coupez-le en plusieurs fichiers."
    )
    assert rows(b"a" * 10, 10) == [(1, ["a" * 10])]


@pytest.mark.parametrize(
    "content",
    [
        b'a;"' + b"b" * 200_000,  # a quote that nobody closes
        b";" * 2_000_000,  # a line that never ends
        b'"\n";' * 5_000,  # a row of thousands of lines
    ],
    ids=["quote", "line", "row"],
)
def test_what_would_fill_the_memory_is_refused(content: bytes) -> None:
    assert refusal(b"a;b\n" + content).startswith("Une ligne du fichier est illisible")
