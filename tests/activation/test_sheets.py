"""Many activations by file: reading what spreadsheets save, and judging each line by the form."""

import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from activation.models import ActivationRequest
from activation.sheets import judging
from activation.sheets.columns import COLUMNS, EXAMPLE, EXAMPLE_CARD
from activation.sheets.judging import Line
from activation.sheets.reading import MAX_LINES, read_table
from activation.states import State
from portal.accounts.models import User
from portal.sheets.reading import UnreadableFile
from portal.structures.models import Structure
from portal.telecom import iccid
from tests.activation import factories
from tests.activation.sheets import UPLOAD, csv_of, deposit, file, line, path, rows, xlsx_of
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def structure() -> Structure:
    return factories.structure()


@pytest.fixture
def member(structure: Structure) -> User:
    return factories.member(structure)


@pytest.fixture
def client(member: User) -> Client:
    return logged_in(member)


def judged(structure: Structure, *lines: dict[str, Any]) -> list[Line]:
    """Judge lines that a spreadsheet holds as they are."""
    return judging.judge(read_table(io.BytesIO(xlsx_of(rows(*lines)))), structure)


def faults(structure: Structure, **fields: Any) -> list[tuple[str, str]]:
    """Return what is wrong with one line."""
    (one,) = judged(structure, line(**fields))
    return [(fault.heading, fault.sentence) for fault in one.faults]


def refusal(content: bytes) -> str:
    """Return why a file cannot be read."""
    with pytest.raises(UnreadableFile) as caught:
        read_table(io.BytesIO(content))
    return caught.value.message


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_model_has_the_headings_and_an_example_that_is_left_out(
    client: Client, form: str
) -> None:
    response = client.get(f"{UPLOAD}modele.{form}")
    content = response.getvalue()

    assert response["Content-Disposition"] == f'attachment; filename="modele-activations.{form}"'
    assert refusal(content).startswith("Ce fichier ne contient aucune demande")
    assert iccid.check(EXAMPLE["iccid"]) == EXAMPLE_CARD


def test_the_workbook_keeps_digits_as_texts_and_explains_each_column(client: Client) -> None:
    book = load_workbook(io.BytesIO(client.get(f"{UPLOAD}modele.xlsx").getvalue()))
    sheet, guide = book.worksheets

    assert [cell.value for cell in sheet[1]] == [column.heading for column in COLUMNS]
    assert {cell.number_format for cell in sheet[MAX_LINES + 1]} == {"@"}
    assert [row[0].value for row in guide][1:-1] == [column.heading for column in COLUMNS]


def test_a_filled_model_is_read_with_its_example_and_its_comments(client: Client) -> None:
    model = client.get(f"{UPLOAD}modele.csv").getvalue().decode("utf-8-sig")
    filled = ";".join(line().get(column.field, "") for column in COLUMNS)

    table = read_table(io.BytesIO(f"{model}{filled}\r\n".encode()))
    assert (table.example, [number for number, _ in table.lines]) == (2, [17])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_of_any_program_is_read(encoding: str, delimiter: str) -> None:
    content = csv_of(rows(line(last_name="Lefèvre")), delimiter=delimiter, encoding=encoding)

    ((number, values),) = read_table(io.BytesIO(content)).lines
    assert (number, values["last_name"]) == (2, "Lefèvre")


def test_columns_come_in_any_order_with_forgiving_headings(structure: Structure) -> None:
    one = line()
    names = {
        "PRENOM": "first_name",
        "nom": "last_name",
        "Remarque": "",
        "iccid": "iccid",
        "piece d'identite verifiee": "identity_checked",
        "civilite": "civility",
        "DEPARTEMENT DE NAISSANCE": "birth_department",
        "date de  naissance": "birth_date",
    }
    table = read_table(
        io.BytesIO(csv_of([list(names), [one.get(name, "libre") for name in names.values()]]))
    )

    assert table.unknown == ["Remarque"]
    assert [fault.sentence for fault in judging.judge(table, structure)[0].faults] == []


@pytest.mark.parametrize(
    "born", ["04/12/1985", "4-12-1985", "04.12.1985", "1985-12-04", dt.date(1985, 12, 4)]
)
def test_a_day_is_read_however_it_is_written(structure: Structure, born: Any) -> None:
    (one,) = judged(structure, line(birth_date=born))

    assert one.application is not None
    assert one.application.birth_date == "1985-12-04"


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("birth_department", 1, "01"),
        ("birth_department", "Nord", "59"),
        ("contact_phone", 612345678, "+33612345678"),
        ("contact_phone", 33612345678, "+33612345678"),
        ("contact_phone", "'+33612345678", "+33612345678"),
        ("contact_phone", 690123456, "+590690123456"),
        ("contact_phone", "", ""),
        ("civility", "M.", "monsieur"),
        ("language", "Espagnol", "es"),
        ("language", "", "fr"),
        ("identity_checked", True, True),
        ("identity_checked", "X", True),
    ],
)
def test_what_a_spreadsheet_ate_is_mended_where_it_is_sure(
    structure: Structure, field: str, cell: Any, value: Any
) -> None:
    (one,) = judged(structure, line(**{field: cell}))

    assert one.application is not None
    assert getattr(one.application, field) == value


@pytest.mark.parametrize("cell", [8.933105997e19, "8,93311E+19", "8.93310599700002E+19"])
def test_a_card_that_a_spreadsheet_shortened_is_said_so(structure: Structure, cell: Any) -> None:
    ((heading, sentence),) = faults(structure, iccid=cell)

    assert heading == "Numéro de carte SIM (ICCID)"
    assert "Le tableur a abrégé ce numéro" in sentence
    assert "format Texte" in sentence


def test_a_card_whose_last_digits_are_zeros_is_not_believed(structure: Structure) -> None:
    ((_, sentence),) = faults(structure, iccid="89331059970000200000")
    assert sentence.startswith("Le tableur a remplacé les cinq derniers chiffres par des zéros.")


@pytest.mark.parametrize(
    ("fields", "heading", "start"),
    [
        ({"iccid": "8933105997000020901"}, "Numéro de carte SIM (ICCID)", "Il manque 1 chiffre"),
        ({"iccid": "89330159970000209012"}, "Numéro de carte SIM (ICCID)", "Cette carte est une"),
        ({"iccid": EXAMPLE_CARD}, "Numéro de carte SIM (ICCID)", "C’est le numéro de l’exemple"),
        ({"civility": "Docteur"}, "Civilité", "Écrivez Madame ou Monsieur."),
        ({"last_name": ""}, "Nom", "Indiquez le nom"),
        ({"birth_date": "le 4 mars"}, "Date de naissance", "Écrivez la date avec le jour"),
        ({"birth_date": "31/02/1985"}, "Date de naissance", "Le 31 février 1985 n’existe pas"),
        ({"birth_date": "04/12/85"}, "Date de naissance", "L’année s’écrit en 4 chiffres"),
        ({"birth_date": ""}, "Date de naissance", "Indiquez la date"),
        ({"birth_department": "20"}, "Département de naissance", "La Corse a deux"),
        ({"birth_department": "99"}, "Pays de naissance", "Indiquez le pays"),
        ({"contact_phone": "0320123456"}, "Portable à prévenir", "Ce numéro n’est pas celui"),
        ({"contact_phone": "6,12E+08"}, "Portable à prévenir", "Le tableur a abrégé"),
        ({"portability": "peut-être"}, "Garder le numéro (oui ou non)", "Écrivez oui ou non."),
        ({"rio": "01PEROY4P4TR"}, "Garder le numéro (oui ou non)", "Vous écrivez non, et donnez"),
        ({"language": "breton"}, "Langue du SMS", "Écrivez français, anglais ou espagnol."),
        ({"identity_checked": "non"}, "Pièce d’identité vérifiée (oui)", "Écrivez oui, une fois"),
        ({"identity_checked": ""}, "Pièce d’identité vérifiée (oui)", "Écrivez oui, une fois"),
    ],
)
def test_a_line_says_what_is_wrong_and_where(
    structure: Structure, fields: dict[str, Any], heading: str, start: str
) -> None:
    ((found, sentence),) = faults(structure, **fields)
    assert (found, sentence.replace("\u00a0", " ")[: len(start)]) == (heading, start)


def test_the_faults_of_a_line_come_in_the_order_of_the_columns(structure: Structure) -> None:
    found = faults(structure, iccid="8,93E+19", last_name="A3", identity_checked="")
    assert [heading for heading, _ in found] == [
        "Numéro de carte SIM (ICCID)",
        "Nom",
        "Pièce d’identité vérifiée (oui)",
    ]


def test_a_number_that_is_kept_is_judged_with_its_rio(structure: Structure) -> None:
    kept = {"portability": "oui", "current_number": "06 12 34 56 78", "contact_phone": ""}
    right, wrong, without = judged(
        structure,
        line(**kept, rio="01PEROY4P4TR"),
        line(**kept, rio="01PEROY4P4TS"),
        line(**kept),
    )

    assert right.application is not None
    assert (right.application.current_number, right.application.rio) == (
        "+33612345678",
        "01PEROY4P4TR",
    )
    assert [[fault.heading for fault in one.faults] for one in (wrong, without)] == [
        ["Code RIO"],
        ["Code RIO"],
    ]


def test_a_wrong_check_digit_may_only_leave_by_the_form(structure: Structure) -> None:
    ((_, sentence),) = faults(structure, iccid="89331059970000209013")
    assert sentence.endswith("envoyez cette demande par le formulaire.")


def test_lines_with_one_card_or_one_person_name_each_other(structure: Structure) -> None:
    card, who = factories.card(), {"birth_date": "04/12/1985"}
    lines = judged(
        structure,
        line(iccid=card),
        line(iccid=f"{card[:4]} {card[4:]}"),
        line(**who, last_name="DURÉ"),
        line(**who, last_name="dure"),
    )

    assert [[fault.sentence.replace("\u00a0", " ") for fault in one.faults] for one in lines] == [
        ["Cette carte est aussi à la ligne 3 : corrigez l’une."],
        ["Cette carte est aussi à la ligne 2 : corrigez l’une."],
        ["Cette personne est aussi à la ligne 5 : gardez une seule des deux lignes."],
        ["Cette personne est aussi à la ligne 4 : gardez une seule des deux lignes."],
    ]


def test_a_card_of_another_request_is_refused_and_a_freed_one_is_not(
    structure: Structure,
) -> None:
    used, freed = factories.request(), factories.request(State.CANCELLED)
    lines = judged(structure, line(iccid=used.iccid), line(iccid=freed.iccid))
    assert [len(one.faults) for one in lines] == [1, 0]


def test_a_person_known_to_the_structure_is_a_caution_and_elsewhere_a_secret(
    structure: Structure,
) -> None:
    who = {"last_name": "Duré", "first_name": "Noël"}
    factories.request(within=structure, birth_date="1985-12-04", **who)
    factories.request(birth_date="1985-12-05", **who)
    here, elsewhere = judged(
        structure, line(birth_date="04/12/1985", **who), line(birth_date="05/12/1985", **who)
    )

    assert [
        any("porte déjà ce nom" in text for text in one.cautions) for one in (here, elsewhere)
    ] == [True, False]
    assert (here.faults, elsewhere.faults) == ([], [])


def test_a_cell_too_many_is_said(structure: Structure) -> None:
    table = rows(line())
    table[1].append("resté là")
    (one,) = judging.judge(read_table(io.BytesIO(xlsx_of(table))), structure)
    assert [fault.heading for fault in one.faults] == ["Toute la ligne"]


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"", "Ce fichier est vide."),
        (b"%PDF-1.7\0", "Ce fichier n’est ni un CSV ni un classeur Excel"),
        (b"PK\x03\x04rien", "Ce fichier n’est ni un CSV ni un classeur Excel"),
        (b"a;b;c\n1;2;3\n", "La première ligne doit porter les titres"),
        (csv_of(rows()), "Ce fichier ne contient aucune demande"),
        (csv_of([["Nom", "Prénom"], ["a", "b"]]), "Il manque ces colonnes : « Numéro de carte"),
        (csv_of([["Nom", "Nom"], ["a", "b"]]), "La colonne « Nom » est deux fois"),
        (csv_of(rows(*[{"last_name": "A"}] * 201)), "Ce fichier compte plus de 200 lignes."),
        (b"a" * 2_000_001, "Ce fichier dépasse 2 Mo."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, start: str) -> None:
    assert refusal(content).replace("\u00a0", " ")[: len(start)] == start


def test_two_hundred_lines_are_read() -> None:
    assert len(read_table(io.BytesIO(csv_of(rows(*[{"last_name": "A"}] * 200)))).lines) == 200


def test_a_preview_costs_as_many_queries_for_forty_lines_as_for_one(client: Client) -> None:
    counts = []
    for number in (1, 40):
        sheet = deposit(client, csv_of(rows(*(line() for _ in range(number)))))
        with CaptureQueriesContext(connection) as queries:
            client.get(path(sheet))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("content", [b"", b"a" * 2_100_000, b"a" * 3_000_000])
def test_a_refused_file_is_explained_on_the_page(client: Client, content: bytes) -> None:
    response = client.post(UPLOAD, {"file": file(content)})

    assert (response.status_code, len(response.context["form"].errors["file"])) == (200, 1)


def test_nothing_chosen_is_explained_on_the_page(client: Client) -> None:
    response = client.post(UPLOAD)
    assert response.context["form"].errors["file"] == ["Choisissez un fichier CSV ou XLSX."]


def test_the_preview_shows_no_name_and_no_whole_card(client: Client) -> None:
    wrong, right = line(last_name="Canarinette", iccid="8933105997000020901"), line()
    response = client.get(path(deposit(client, csv_of(rows(wrong, right)))))
    text = response.content.decode()

    assert "no-store" in response["Cache-Control"]
    assert ("C. Z." in text, f"…&nbsp;{right['iccid'][-4:]}" in text) == (True, True)
    assert [
        secret
        for secret in ("Canarinette", "Zébulonne", wrong["iccid"], right["iccid"])
        if secret in text
    ] == []
    assert ActivationRequest.objects.count() == 0
