"""Many quotas at once: read, shown, then written whole or not at all, as often as one likes."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from shop.quotas.bulk import MAX_LINES
from shop.quotas.models import Campaign, FreeQuota
from tests import factories
from tests.shop.campaigns import campaign, give, referent, text
from tests.shop.conftest import hidden

pytestmark = pytest.mark.django_db

SIRET = "77568879500019"


@pytest.fixture
def one() -> Campaign:
    factories.product()
    for name, siret in (("Maison de l’Été", ""), ("CCAS", SIRET), ("CCAS", "")):
        Structure.objects.create(name=name, siret=siret, state="active", kind="ccas")
    return campaign("monde", "illimite-france")


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(referent())
    return client


def send(desk: Client, one: Campaign, **fields: Any) -> Any:
    return desk.post(f"/gestion/campagnes/{one.uuid}/dotations/", fields)


def confirm(desk: Client, one: Campaign, shown: Any) -> Any:
    """Send what the preview holds, as its button does."""
    table = shown.content.decode().partition('<textarea name="text" hidden>')[2]
    fields = {
        "step": "confirm",
        "seen": hidden(shown, "seen"),
        "text": table.partition("</textarea>")[0],
        "limit_per_person": hidden(shown, "limit_per_person"),
    }
    return send(desk, one, **fields)


def quotas() -> list[tuple[str, str, int]]:
    rows = FreeQuota.objects.order_by("structure_id", "product__upc")
    return list(rows.values_list("structure__name", "product__upc", "granted"))


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


TABLE = f"structure;produit;quantité\nmaison de l'ete;Monde;10\n{SIRET};illimite-france;5\n"
EXPECTED = [("Maison de l’Été", "monde", 10), ("CCAS", "illimite-france", 5)]


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.partition("\n")[2],
        TABLE.replace(";", "\t"),
        "Quantité;SIRET;UPC\n10;MAISON DE L’ÉTÉ;monde\n5;775 688 795 00019;Illimité France\n",
    ],
    ids=["titles", "no titles", "cells", "other titles"],
)
def test_a_pasted_table_is_shown_then_written(desk: Client, one: Campaign, table: str) -> None:
    shown = send(desk, one, text=table, limit_per_person="2")

    assert shown.status_code == 200
    assert "2 créées, 0 augmentée, 0 diminuée, 0 inchangée." in text(shown)
    assert quotas() == []

    done = confirm(desk, one, shown)

    assert (done.status_code, done.url) == (302, f"/gestion/campagnes/{one.uuid}/")
    assert quotas() == EXPECTED
    first = FreeQuota.objects.order_by("structure_id")[0]
    assert (first.starts_on, first.ends_on) == (one.starts_on, one.ends_on)
    assert (first.limit_per_person, first.used) == (2, 0)
    assert AuditEntry.objects.get(action="campaigns.granted").details == {"created": 2}
    assert AuditEntry.objects.filter(action="quotas.changed").count() == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_read_like_a_pasted_table(desk: Client, one: Campaign, kind: str) -> None:
    rows = (("structure", "produit", "quantité"), ("Maison de l’Été", "Monde", 10))
    last = (int(SIRET), "illimite-france", 5.0)
    content = TABLE.encode("cp1252") if kind == "csv" else workbook(*rows, last)

    shown = send(desk, one, file=SimpleUploadedFile(f"d.{kind}", content))

    assert confirm(desk, one, shown).status_code == 302
    assert quotas() == EXPECTED


def test_doing_it_again_changes_nothing(desk: Client, one: Campaign) -> None:
    confirm(desk, one, send(desk, one, text=TABLE))
    again = send(desk, one, text=TABLE)

    assert "0 créée, 0 augmentée, 0 diminuée, 2 inchangées." in text(again)
    confirm(desk, one, again)
    assert quotas() == EXPECTED
    assert AuditEntry.objects.filter(action="quotas.changed").count() == 2


def test_quotas_are_raised_and_lowered_and_others_left(desk: Client, one: Campaign) -> None:
    confirm(desk, one, send(desk, one, text=TABLE))

    shown = send(desk, one, text=f"maison de l'ete;Monde;3\n{SIRET};illimite-france;50\n")

    assert "0 créée, 1 augmentée, 1 diminuée, 0 inchangée." in text(shown)
    confirm(desk, one, shown)
    assert [granted for *_, granted in quotas()] == [3, 50]


def test_a_line_below_what_is_used_stops_the_whole(desk: Client, one: Campaign) -> None:
    house = Structure.objects.get(name="Maison de l’Été")
    give(one, house, "monde", 9)
    FreeQuota.objects.update(used=4)

    shown = send(desk, one, text=f"{SIRET};monde;5\nmaison de l'ete;monde;3")

    assert shown.status_code == 422
    assert "2 4 unités sont déjà prises sur cette dotation" in text(shown)
    assert "Enregistrer ces dotations" not in text(shown)
    answer = send(desk, one, text=f"{SIRET};monde;5\nmaison de l'ete;monde;3", step="confirm")
    assert "Rien n’a été enregistré." in text(answer)
    assert quotas() == [("Maison de l’Été", "monde", 9)]


def test_what_changed_since_the_preview_is_shown_again(desk: Client, one: Campaign) -> None:
    shown = send(desk, one, text=TABLE)
    give(one, Structure.objects.get(name="Maison de l’Été"), "monde", 99)

    answer = confirm(desk, one, shown)

    assert "Les dotations ont changé depuis l’aperçu." in text(answer)
    assert quotas() == [("Maison de l’Été", "monde", 99)]
    assert confirm(desk, one, answer).status_code == 302
    assert quotas() == EXPECTED


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "CCAS;monde;1",
            "Plusieurs structures s’appellent «\u00a0CCAS\u00a0»\u00a0: écrivez le SIRET",
        ),
        ("Nulle part;monde;1", "Aucune structure ouverte ne s’appelle «\u00a0Nulle part\u00a0»."),
        ("12345678901234;monde;1", "Aucune structure ouverte n’a l’identifiant 12345678901234."),
        (";monde;1", "Structure manquante."),
        (f"{SIRET};;1", "Produit manquant."),
        (f"{SIRET};carte-sim;1", "«\u00a0carte-sim\u00a0» n’est pas un produit de la campagne."),
        (f"{SIRET};monde;", "écrivez un nombre entier."),
        (f"{SIRET};monde;-1", "Quantité «\u00a0-1\u00a0»\u00a0: écrivez un nombre entier."),
        (f"{SIRET};monde;1,5", "Quantité «\u00a01,5\u00a0»\u00a0: écrivez un nombre entier."),
        (f"{SIRET};monde;1E+09", "écrivez un nombre entier."),
        (f"{SIRET};monde;100001", "Quantité trop grande\u00a0: 100000 au plus."),
        (f"{SIRET}", "Produit manquant."),
        ("maison de l'été;Monde;2", "Même structure et même produit qu’à la ligne 1."),
    ],
)
def test_a_bad_line_is_named_with_its_reason(
    desk: Client, one: Campaign, line: str, reason: str
) -> None:
    shown = send(desk, one, text=f"Maison de l’Été;monde;1\n\n{line}\n")

    assert shown.status_code == 422
    assert f"3 {reason}" in text(shown) or reason in text(shown)
    assert "Corrigez" in text(shown) or "corrigez le tableau" in text(shown)
    assert quotas() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "vide"),
        (b"structure;produit;quantite\n", "Ce tableau est vide."),
        (b"structure;article\n1;2\n", "La première ligne doit nommer trois colonnes"),
        (b"\0\1\2", "n’est ni un CSV ni un classeur Excel"),
        (b"PK\x03\x04broken", "n’est ni un CSV ni un classeur Excel"),
        (b"x" * 2_000_001, "Ce fichier dépasse 2\u00a0Mo."),
        (b"a;b;1\n" * (MAX_LINES + 1), f"Ce tableau a plus de {MAX_LINES} lignes."),
    ],
    ids=["empty", "titles only", "bad titles", "binary", "broken", "big", "long"],
)
def test_a_bad_file_is_refused_with_a_sentence(
    desk: Client, one: Campaign, content: bytes, sentence: str
) -> None:
    answer = send(desk, one, file=SimpleUploadedFile("d.csv", content))

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert quotas() == []


def test_nothing_or_both_is_refused(desk: Client, one: Campaign) -> None:
    file = SimpleUploadedFile("d.csv", TABLE.encode())
    for fields in ({}, {"text": TABLE, "file": file}):
        answer = send(desk, one, **fields)
        assert answer.status_code == 422
        assert "l’un des deux." in text(answer)


def test_the_same_units_for_every_structure_of_a_kind(desk: Client, one: Campaign) -> None:
    factories.StructureFactory(kind="mission_locale", name="Mission")
    Structure.objects.create(name="Fermée", state="closed", kind="ccas")
    monde = factories.product("monde")

    shown = send(desk, one, step="everyone", kind="ccas", **{f"units-{monde.pk}": "6"})

    assert "3 créées" in text(shown)
    assert confirm(desk, one, shown).status_code == 302
    assert quotas() == [
        ("Maison de l’Été", "monde", 6),
        ("CCAS", "monde", 6),
        ("CCAS", "monde", 6),
    ]


def test_the_same_units_for_a_portfolio(desk: Client, one: Campaign) -> None:
    mine = factories.StructureFactory(account_manager=referent())
    monde = factories.product("monde")
    units = {f"units-{monde.pk}": "0"}

    shown = send(desk, one, step="everyone", manager=mine.account_manager_id, **units)

    confirm(desk, one, shown)
    assert quotas() == [(mine.name, "monde", 0)]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Indiquez la quantité d’au moins un produit."),
        ({"kind": "autre", "units": "1"}, "Aucune structure active ne correspond à ces filtres."),
        ({"kind": "x", "units": "1"}, "Sélectionnez un choix valide"),
        ({"units": "-1"}, "supérieure ou égale à 0"),
    ],
)
def test_bad_filters_are_refused_with_a_sentence(
    desk: Client, one: Campaign, fields: dict[str, str], sentence: str
) -> None:
    units = fields.pop("units", "")
    fields[f"units-{factories.product('monde').pk}"] = units

    answer = send(desk, one, step="everyone", **fields)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_a_campaign_that_is_over_takes_no_more(desk: Client, one: Campaign) -> None:
    shown = send(desk, one, text=TABLE)
    desk.post(f"/gestion/campagnes/{one.uuid}/terminer/")

    assert "Cette campagne est terminée" in text(confirm(desk, one, shown))
    assert quotas() == []


def test_a_thousand_lines_are_read_and_written(desk: Client, one: Campaign) -> None:
    Structure.objects.bulk_create(
        Structure(name=f"Ville {number}", state="active") for number in range(1_000)
    )
    table = "\n".join(f"Ville {number};monde;{number}" for number in range(1_000))

    assert confirm(desk, one, send(desk, one, text=table)).status_code == 302
    assert FreeQuota.objects.count() == 1_000
