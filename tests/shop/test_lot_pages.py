"""The référent's import in the back office: deposit, preview, import."""

import html
import io
import re
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from shop.recharges import imports, staging
from shop.recharges.drafts import LotDraft, LotPiece
from shop.recharges.lots import MAX_BYTES
from shop.recharges.models import CodeLot, RechargeCode
from tests import factories

pytestmark = pytest.mark.django_db

UPLOAD = "/gestion/lots/importer/"
NOBODY = UUID(int=7)
CODES = ["0123456789", "0000000042"]


@pytest.fixture
def referent() -> User:
    factories.product()
    return factories.UserFactory(role=Role.REFERENT)


@pytest.fixture
def desk(client: Client, referent: User) -> Client:
    client.force_login(referent)
    return client


def deposit(desk: Client, content: bytes, name: str = "SFR, novembre", **fields: object) -> Any:
    file = SimpleUploadedFile("lot.csv", content, content_type="text/csv")
    return desk.post(UPLOAD, {"name": name, "file": file, **fields})


def text(response: Any) -> str:
    bare = re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode()))
    return re.sub(r"[ \n]+", " ", bare)


def test_a_lot_is_deposited_shown_then_imported(desk: Client, referent: User) -> None:
    assert "vous verrez d’abord ce que le fichier contient" in text(desk.get(UPLOAD))

    answer = deposit(desk, factories.lot_file("monde", CODES))
    draft = LotDraft.objects.get()
    assert (answer.status_code, answer.url) == (302, f"{UPLOAD}{draft.uuid}/")

    shown = desk.get(answer.url)
    assert "2 numéros acceptés" in text(shown)
    assert "Monde 2" in text(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    assert all(code not in shown.content.decode() for code in CODES)
    assert RechargeCode.objects.count() == 0

    done = desk.post(answer.url, follow=True)
    lot = CodeLot.objects.get()
    page = f"/gestion/lots/inspect/{lot.pk}/"
    assert done.redirect_chain == [(answer.url, 302), (page, 302)]
    assert "2 numéros importés dans «\u00a0SFR, novembre\u00a0»." in text(done)
    assert (lot.name, lot.size, lot.imported_by) == ("SFR, novembre", 2, referent)
    assert desk.post(answer.url, follow=True).redirect_chain[-1] == (page, 302)
    assert RechargeCode.objects.count() == 2


def test_refused_lines_are_listed_with_their_numbers_and_no_code(desk: Client) -> None:
    factories.lot("monde", ["0000000007"])
    codes = ["0123456789", "0000000007", "123456789", "0123456789"]

    shown = desk.get(deposit(desk, factories.lot_file("monde", codes)).url)

    words = text(shown)
    assert shown.status_code == 422
    assert "3 lignes refusées." in words
    assert "3 Déjà importé Ce numéro a déjà été importé dans un autre lot" in words
    assert "4 Mal formé 9 chiffres au lieu de 10" in words
    assert "5 Doublon dans le fichier Déjà à la ligne 2 de ce fichier" in words
    assert "Importer les" not in words
    assert all(code not in shown.content.decode() for code in codes)


def test_a_lot_with_refused_lines_is_not_imported_by_force(desk: Client) -> None:
    address = deposit(desk, factories.lot_file("monde", [*CODES, "x"])).url

    answer = desk.post(address)

    assert answer.status_code == 422
    assert "Un lot s’importe en entier ou pas du tout" in text(answer)
    assert CodeLot.objects.count() == 0


def test_many_refused_lines_are_counted(desk: Client) -> None:
    shown = desk.get(deposit(desk, factories.lot_file("monde", ["x"] * 203)).url)
    assert "203 lignes refusées." in text(shown)
    assert "… et 3 autres lignes." in text(shown)
    assert shown.content.decode().count("Mal formé") == 200


def test_a_lot_said_to_hold_one_product_refuses_the_others(desk: Client) -> None:
    monde = factories.product("monde")
    content = factories.lot_file("monde", CODES) + b"\nillimite-france;0000000043;31/12/2099"

    shown = desk.get(deposit(desk, content, only=monde.pk).url)

    assert shown.status_code == 422
    assert "4 Autre produit «\u00a0" in text(shown)
    assert "dans un lot qui ne contient que «\u00a0Monde\u00a0»" in text(shown)
    mixed = desk.get(deposit(desk, content).url)
    assert mixed.status_code == 200
    assert "3 numéros acceptés" in text(mixed)


def bomb() -> bytes:
    """Return a workbook of some kilobytes that unpacks to a gigabyte."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1000):
            part.write(b" " * 1_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Le fichier soumis est vide."),
        (b" \n", "Ce fichier est vide."),
        (b"PK\x03\x04\0\0", "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX)."),
        (bytes(range(256)) * 500, "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX)."),
        (b"a;b\n1;2", "Colonne manquante\u00a0: produit, code, expiration."),
        (b"produit;code;expiration\n", "Ce fichier n’a que sa ligne de titres"),
    ],
    ids=["empty", "blank", "workbook", "binary", "columns", "titles"],
)
def test_what_is_no_lot_is_refused_with_a_sentence(
    desk: Client, content: bytes, words: str
) -> None:
    answer = deposit(desk, content)
    if answer.status_code == 302:  # the first line was right
        answer = desk.get(answer.url)
    assert answer.status_code == 422
    assert words in text(answer)
    assert (LotPiece.objects.count(), CodeLot.objects.count()) == (0, 0)


def test_a_zip_bomb_is_refused_before_it_unpacks(desk: Client) -> None:
    answer = deposit(desk, bomb())
    assert answer.status_code == 422
    assert "Ce classeur est démesuré une fois décompressé." in text(answer)
    assert LotDraft.objects.count() == 0


@pytest.mark.parametrize("beyond", [1, 200_000, 5_000_000])
def test_a_file_that_is_too_big_is_refused_and_not_kept(desk: Client, beyond: int) -> None:
    answer = deposit(desk, b"a" * (MAX_BYTES + beyond))
    assert answer.status_code == 413
    assert "Ce fichier dépasse 45\u00a0Mo. Coupez-le en plusieurs lots" in text(answer)
    assert (LotDraft.objects.count(), LotPiece.objects.count()) == (0, 0)


def test_a_file_without_a_token_is_not_kept(referent: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(referent)
    assert deposit(strict, factories.lot_file("monde", CODES)).status_code == 403
    assert (LotDraft.objects.count(), LotPiece.objects.count()) == (0, 0)


def test_a_large_lot_is_read_and_imported_by_a_worker_while_the_page_tells(
    desk: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(imports, "SMALL_FILE", 0)
    monkeypatch.setattr(imports, "SMALL_LOT", 0)
    with django_capture_on_commit_callbacks() as works:
        address = deposit(desk, factories.lot_file("monde", CODES)).url

    reading = desk.get(address)
    assert "Lecture du fichier…" in text(reading)
    assert "Voir où en est le travail" in text(reading)  # for who has no JavaScript
    part = desk.get(address, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div id="lot-progress"')

    for work in works:
        work()
    assert desk.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "2 numéros acceptés" in text(desk.get(address))

    with django_capture_on_commit_callbacks() as works:
        desk.post(address)
    draft = LotDraft.objects.get()
    assert draft.state == "importing"
    assert "0 numéros sur 2" in text(desk.get(address))
    staging.run(draft.pk)
    assert desk.get(address).url == f"/gestion/lots/inspect/{CodeLot.objects.get().pk}/"


def test_a_file_can_be_abandoned(desk: Client) -> None:
    address = deposit(desk, factories.lot_file("monde", CODES)).url
    answer = desk.post(f"{address}abandonner/", follow=True)
    assert answer.redirect_chain == [(UPLOAD, 302)]
    assert "Le fichier est abandonné. Rien n’a été importé." in text(answer)
    assert desk.get(address).status_code == 404


def test_a_lot_needs_a_name_and_a_file(desk: Client) -> None:
    answer = desk.post(UPLOAD, {"name": ""})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["name", "file"]


def test_what_is_typed_or_deposited_is_never_markup(desk: Client) -> None:
    content = b"produit;code;expiration\n<script>alert(1)</script>;1;2"
    shown = desk.get(deposit(desk, content, name="<script>alert(2)</script>").url)
    assert b"<script>alert" not in shown.content

    good = deposit(desk, factories.lot_file("monde", CODES), name="<script>alert(3)</script>")
    assert b"<script>alert" not in desk.post(good.url, follow=True).content


def test_a_colleagues_file_is_not_found(desk: Client) -> None:
    address = deposit(desk, factories.lot_file("monde", CODES)).url
    colleague = Client()
    colleague.force_login(factories.UserFactory(role=Role.REFERENT))

    assert colleague.get(address).status_code == 404
    assert colleague.post(address).status_code == 404
    assert desk.get(f"{UPLOAD}{NOBODY}/").status_code == 404


def test_the_list_offers_the_import_and_no_other_change(desk: Client) -> None:
    lot = factories.lot("monde", CODES)
    shown = desk.get("/gestion/lots/")
    assert "Importer un lot" in text(shown)
    assert f'href="{UPLOAD}"' in shown.content.decode()
    for path in (f"edit/{lot.pk}/", f"delete/{lot.pk}/", "new/", f"copy/{lot.pk}/"):
        assert desk.get(f"/gestion/lots/{path}").status_code == 404


def test_the_details_of_a_lot_show_no_code(desk: Client) -> None:
    lot = factories.lot("monde", CODES)
    shown = desk.get(f"/gestion/lots/inspect/{lot.pk}/")
    assert shown.status_code == 200
    assert "Monde" in text(shown)
    assert all(code not in shown.content.decode() for code in CODES)


@pytest.mark.parametrize("role", [Role.PARTNER, Role.EDITOR, Role.MODERATOR, Role.OPERATOR])
@pytest.mark.parametrize("path", [UPLOAD, f"{UPLOAD}{NOBODY}/", "/gestion/lots/"])
def test_other_roles_are_kept_out(client: Client, role: Role, path: str) -> None:
    factories.product()
    client.force_login(factories.UserFactory(role=role))
    content = factories.lot_file("monde", CODES)

    reading, writing = client.get(path), deposit(client, content)

    assert {reading.status_code, writing.status_code} <= {302, 403}
    for answer in (reading, writing):
        if answer.status_code == 302:  # Wagtail sends whom it refuses to its home or to the login
            here = answer.request["PATH_INFO"]
            assert answer.url in {"/gestion/", f"/gestion/login/?next={here}"}
    assert LotDraft.objects.count() == 0


def test_the_administrator_may_import_too(client: Client) -> None:
    factories.product()
    client.force_login(factories.UserFactory(role=Role.ADMINISTRATOR))
    assert deposit(client, factories.lot_file("monde", CODES)).status_code == 302
