"""Importing places: what each line becomes, and that a file counts once."""

import io
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import Workbook

from portal.accounts.models import User
from portal.portfolio import imports
from portal.portfolio.imports import Outcome
from portal.portfolio.models import PlacesFile
from portal.portfolio.services import PortfolioRefused
from portal.privacy.models import AuditEntry
from portal.sheets.reading import UnreadableFile
from portal.structures.models import Structure
from tests import factories

HEADER = "nom,type,adresse,code_postal,commune,latitude,longitude"
MERIADECK = "Le Phare,Association,3 rue A,33000,Bordeaux,44.837912,-0.579541"
MORE = "nom;code_postal;commune;siret;rna;telephone;email;site;horaires"
UPLOAD = "/gestion/structures/importer/"


def lines(*rows: str, header: str = HEADER) -> list[tuple[str, str]]:
    """Return the outcome and the reason of each line."""
    made = imports.plan(io.BytesIO("\n".join([header, *rows]).encode()))
    return [(str(one.outcome), one.why) for one in made.lines]


def one(row: str, *, header: str = HEADER) -> tuple[str, str]:
    (found,) = lines(row, header=header)
    return found


def file(by: User, *rows: str, header: str = HEADER) -> PlacesFile:
    content = "\n".join([header, *rows]).encode()
    return imports.upload(by=by, name="lieux.csv", file=io.BytesIO(content))


@pytest.mark.django_db
class TestLine:
    def test_a_whole_place_is_created(self) -> None:
        assert one(MERIADECK) == ("created", "")

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ("A,Association,,33000,Bordeaux,44.8,-0.5", "Manque\u00a0: adresse."),
            ("A,Association,1 rue B,33000,Bordeaux,,", "Manque\u00a0: coordonnées."),
            ("A,,1 rue B,33000,Bordeaux,44.8,-0.5", "Manque\u00a0: type."),
            (
                "A,Bar,1 rue B,33000,Bordeaux,44.8,-0.5",
                "Manque\u00a0: type «\u00a0Bar\u00a0» inconnu.",
            ),
        ],
    )
    def test_what_lacks_something_is_created_to_be_completed(self, row: str, why: str) -> None:
        assert one(row) == ("to_complete", why)

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            (",Association,1 rue B,33000,Bordeaux,44.8,-0.5", "Le nom manque."),
            ("***,Association,1 rue B,33000,Bordeaux,44.8,-0.5", "Le nom manque."),
            (
                f"{'A' * 201},Association,1 rue B,33000,Bordeaux,44.8,-0.5",
                "Le nom dépasse 200 caractères.",
            ),
            ("A,Association,1 rue B,,Bordeaux,44.8,-0.5", "Le code postal manque."),
            (
                "A,Association,1 rue B,330,Bordeaux,44.8,-0.5",
                "«\u00a0330\u00a0» n’est pas un code postal français.",
            ),
            (
                "A,Association,1 rue B,99000,Bordeaux,44.8,-0.5",
                "«\u00a099000\u00a0» n’est pas un code postal français.",
            ),
            ("A,Association,1 rue B,33000,,44.8,-0.5", "La commune manque."),
            (
                "A,Association,1 rue B,33000,Bordeaux,44.8,",
                "La latitude et la longitude vont ensemble.",
            ),
            (
                "A,Association,1 rue B,33000,Bordeaux,nord,sud",
                "Les coordonnées ne sont pas des nombres, par exemple 44.8378 et -0.5792.",
            ),
            (
                "A,Association,1 rue B,33000,Bordeaux,-0.5,44.8",
                "Ces coordonnées sont hors de France. Latitude et longitude inversées\u00a0?",
            ),
            (
                "A,Association,1 rue B,33000,Bordeaux,NaN,NaN",
                "Les coordonnées ne sont pas des nombres, par exemple 44.8378 et -0.5792.",
            ),
        ],
    )
    def test_what_is_no_place_is_refused_with_the_reason(self, row: str, why: str) -> None:
        assert one(row) == ("refused", why)

    def test_a_wrong_siret_or_rna_is_refused(self) -> None:
        siret = one("A;33000;Bordeaux;12345678901234", header=MORE)
        rna = one("B;33000;Bordeaux;;W12", header=MORE)

        assert (siret[0], siret[1][:25]) == ("refused", "Ce SIRET n’est pas valide")
        assert rna == (
            "refused",
            "Un numéro RNA s’écrit W suivi de 9 chiffres, par exemple W332001234.",
        )

    def test_a_contact_that_cannot_be_read_is_left_out_and_said(self) -> None:
        outcome, why = one("A;33000;Bordeaux;;;12;pas une adresse;http://", header=MORE)

        assert outcome == "to_complete"
        assert why.endswith("téléphone illisible, e-mail illisible, site illisible.")

    def test_contacts_are_kept_in_their_usual_form(self, referent: User) -> None:
        row = "A;33000;Bordeaux;732 829 320 00074;;05 56 00 11 22;a@b.fr;phare.example;Lundi"
        imports.commit(by=referent, file=file(referent, row, header=MORE))

        found = Structure.objects.get()
        assert [found.siret, found.phone, found.email, found.website, found.opening_hours] == [
            *("73282932000074", "+33556001122", "a@b.fr", "https://phare.example", "Lundi"),
        ]

    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("Collectivité", "collectivite"),
            ("Association", "association"),
            ("La poste", "service_public"),
            ("Pôle Emploi", "service_public"),
            ("CPAM", "service_public"),
            ("MSA", "service_public"),
            ("CAF", "service_public"),
            ("Autre", "autre"),
            ("Mission locale", "mission_locale"),
            ("CCAS", "ccas"),
        ],
    )
    def test_kinds_are_known_by_the_words_of_files(
        self, referent: User, word: str, kind: str
    ) -> None:
        row = f"A,{word},1 rue B,1000,Bourg-en-Bresse,46.2,5.2"
        imports.commit(by=referent, file=file(referent, row))

        assert [(made.kind, made.postcode) for made in Structure.objects.all()] == [(kind, "01000")]


@pytest.mark.django_db
class TestKnown:
    def test_a_structure_is_known_by_name_and_postcode_whatever_the_accents(self) -> None:
        factories.StructureFactory(name="LE  PHÂRE", postcode="33000")

        assert one(MERIADECK) == ("known", "")

    def test_the_same_name_elsewhere_is_another_place(self) -> None:
        factories.StructureFactory(name="Le Phare", postcode="33100")

        assert one(MERIADECK) == ("created", "")

    def test_a_structure_is_known_by_its_siret(self) -> None:
        factories.StructureFactory(name="Autre nom", siret="73282932000074")

        row = "A;33000;Bordeaux;73282932000074"
        assert one(row, header=MORE) == ("known", "")

    def test_a_place_that_is_twice_in_the_file_is_created_once(self) -> None:
        assert lines(MERIADECK, MERIADECK.upper()) == [
            ("created", ""),
            ("known", "Même lieu que la ligne\u00a02."),
        ]


@pytest.mark.django_db
class TestFile:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Ce fichier est vide."),
            (
                b"nom,adresse\nA,1 rue B",
                "La première ligne doit nommer les colonnes. Il manque\u00a0: code_postal, "
                "commune.",
            ),
            (
                HEADER.encode(),
                "Ce fichier n’a que sa ligne de titres\u00a0: aucun lieu.",
            ),
        ],
    )
    def test_a_file_that_is_no_table_of_places_is_refused(
        self, content: bytes, sentence: str
    ) -> None:
        with pytest.raises(UnreadableFile) as refusal:
            imports.plan(io.BytesIO(content))

        assert refusal.value.message == sentence

    def test_a_workbook_is_read_as_well(self) -> None:
        book, out = Workbook(), io.BytesIO()
        for row in (HEADER.split(","), ["A", "CAF", "1 rue B", 33000, "Bordeaux", 44.8, -0.5]):
            book.active.append(row)
        book.save(out)

        assert [line.outcome for line in imports.plan(out).lines] == [Outcome.CREATED]

    def test_titles_are_known_without_accents_and_case(self) -> None:
        header = "NOM;Code postal;Ville;Téléphone"

        assert one("A;33000;Bordeaux;0556001122", header=header)[0] == "to_complete"


@pytest.mark.django_db
class TestCommit:
    def test_places_are_candidates_that_the_public_list_shows(self, referent: User) -> None:
        imports.commit(by=referent, file=file(referent, MERIADECK))

        made = Structure.objects.get()
        assert [made.state, made.is_listed, made.account_manager, str(made.latitude)] == [
            *("candidate", True, referent, "44.837912"),
        ]
        assert [(event.now, event.by) for event in made.events.all()] == [("candidate", referent)]
        assert AuditEntry.objects.filter(action="structures.imported").count() == 1

    def test_the_same_file_twice_creates_nothing(self, referent: User) -> None:
        imports.commit(by=referent, file=file(referent, MERIADECK))
        again = file(referent, MERIADECK)

        with pytest.raises(PortfolioRefused):
            imports.commit(by=referent, file=again)
        assert Structure.objects.count() == 1

    def test_a_second_click_creates_nothing(self, referent: User) -> None:
        kept = file(referent, MERIADECK)
        reports = [imports.commit(by=referent, file=kept).report for _ in range(2)]

        assert (Structure.objects.count(), reports[0]) == (1, reports[1])

    def test_the_report_stays_and_the_file_goes(self, referent: User) -> None:
        kept = imports.commit(by=referent, file=file(referent, MERIADECK, "B,,,,,,"))

        made = imports.report(PlacesFile.objects.get(pk=kept.pk))
        assert [(line.number, line.name, str(line.outcome)) for line in made.lines] == [
            (2, "Le Phare", "created"),
            (3, "B", "refused"),
        ]
        assert bytes(PlacesFile.objects.get(pk=kept.pk).content) == b""

    def test_what_is_known_is_left_as_it_is(self, referent: User) -> None:
        there = factories.StructureFactory(name="Le Phare", postcode="33000", address="Ancienne")
        imports.commit(by=referent, file=file(referent, MERIADECK, "B,CAF,C,33000,Bordeaux,,"))

        there.refresh_from_db()
        assert (there.address, there.is_listed, Structure.objects.count()) == ("Ancienne", False, 2)


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_create_a_place_once(referent: User) -> None:
    files = [file(factories.UserFactory(), MERIADECK) for _ in range(4)]
    refused: list[str] = []

    def run(kept: PlacesFile) -> None:
        try:
            imports.commit(by=referent, file=kept)
        except PortfolioRefused as error:
            refused.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(kept,)) for kept in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Structure.objects.count(), len(refused)) == (1, 3)


class TestPages:
    def test_a_file_is_shown_before_anything_is_created(self, desk: Client) -> None:
        answer = send(desk, f"{HEADER}\n{MERIADECK}".encode())
        page = desk.get(answer.url)

        assert (answer.status_code, page.status_code, Structure.objects.count()) == (302, 200, 0)
        assert "Importer 1 lieu</button>" in page.content.decode()

        done = desk.post(answer.url)
        assert (done.url, Structure.objects.count()) == (answer.url, 1)
        assert "importé le" in desk.get(answer.url).content.decode()
        report = b"".join(desk.get(f"{answer.url}rapport/").streaming_content).decode()  # type: ignore[attr-defined]
        assert report.splitlines()[1] == "2;Le Phare;créée;"

    def test_a_bad_file_is_refused_beside_its_field(self, desk: Client) -> None:
        answer = send(desk, b"%PDF-1.4\0")

        assert answer.status_code == 422
        assert "Ce fichier n’est ni un CSV ni un classeur Excel" in answer.content.decode()

    def test_no_file_is_said(self, desk: Client) -> None:
        answer = desk.post(UPLOAD, {})

        assert (answer.status_code, "Choisissez un fichier." in answer.content.decode()) == (
            422,
            True,
        )

    def test_importing_what_is_all_known_says_so(self, desk: Client) -> None:
        factories.StructureFactory(name="Le Phare", postcode="33000")
        address = send(desk, f"{HEADER}\n{MERIADECK}".encode()).url
        page = desk.post(address)

        assert page.status_code == 422
        assert "Ce fichier n’apporte aucun nouveau lieu." in page.content.decode()


def send(desk: Client, content: bytes) -> Any:
    return desk.post(UPLOAD, {"file": SimpleUploadedFile("lieux.csv", content)})
