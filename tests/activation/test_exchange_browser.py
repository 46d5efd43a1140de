"""The exchange with SFR in a real browser: keyboard, phone, without JavaScript, axe."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.models import User
from tests.activation import factories
from tests.activation.test_activation_browser import log_in
from tests.activation.test_exchange_batches import ready
from tests.support.browser import Axe, new_context, overflow


@pytest.fixture
def by() -> User:
    return factories.operator()


def checked(page: Page, axe: Axe) -> None:
    """Look at a page: axe is silent, nothing sticks out of a phone."""
    axe(page)
    assert overflow(page) == 0


def answers_file(tmp_path: Path, *rows: ActivationRequest) -> Path:
    lines = ["iccid;STATUT;Msisdn;motif"]
    lines += [f"{row.iccid};activee;0755667788;" for row in rows[:1]]
    lines += [f"{row.iccid};KO;;Carte déjà active" for row in rows[1:]]
    lines.append(f"{factories.card()};OK;0755667799;")
    path = tmp_path / "reponses.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_a_batch_leaves_and_its_answers_come_back_by_keyboard(
    server: str, width: str, request: pytest.FixtureRequest, by: User, axe: Axe, tmp_path: Path
) -> None:
    page: Page = request.getfixturevalue(width)
    rows = [ready(), ready()]
    factories.request(iccid_insisted=True)
    log_in(page.context, server, by)
    page.goto(f"{server}/gestion/sfr/")
    checked(page, axe)
    page.get_by_role("link", name="Préparer un lot").press("Enter")
    expect(page.get_by_text("2 demandes sont prêtes")).to_be_visible()
    checked(page, axe)
    page.get_by_role("button", name="Transmettre tout ce qui est prêt").press("Enter")
    expect(page.get_by_text("Le lot est transmis.")).to_be_visible()
    checked(page, axe)
    with page.expect_download() as started:
        page.get_by_role("link", name="Télécharger le CSV").press("Enter")
    assert started.value.suggested_filename.startswith("lot-sfr-")
    assert rows[0].iccid in Path(started.value.path()).read_text(encoding="utf-8-sig")

    page.goto(f"{server}/gestion/sfr/reponses/")
    checked(page, axe)
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(answers_file(tmp_path, *rows))
    page.get_by_role("button", name="Voir l’aperçu").press("Enter")
    expect(page.get_by_text("Aucune demande transmise à SFR ne porte cette carte.")).to_be_visible()
    checked(page, axe)
    page.get_by_role("button", name="Appliquer 2 réponses").press("Enter")
    expect(page.get_by_text("Ce fichier est appliqué")).to_be_visible()
    checked(page, axe)
    found = ActivationRequest.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    assert [row.state for row in found] == [State.ACTIVATED, State.REFUSED]


def test_the_exchange_works_without_javascript(
    server: str, browser: Browser, by: User, tmp_path: Path
) -> None:
    row, other = ready(), ready()
    context = new_context(browser, width=1440, height=900, java_script_enabled=False)
    page = context.new_page()
    log_in(context, server, by)
    page.goto(f"{server}/gestion/sfr/preparer/")
    page.get_by_label(f"Cocher la demande {row.reference}").check()
    page.get_by_role("button", name="Transmettre les demandes cochées").click()
    expect(page.get_by_role("link", name=row.reference)).to_be_visible()
    expect(page.get_by_role("link", name=other.reference)).to_have_count(0)
    page.goto(f"{server}/gestion/sfr/reponses/")
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(answers_file(tmp_path, row))
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Appliquer 1 réponse").click()
    expect(page.get_by_text("Ce fichier est appliqué")).to_be_visible()
    row.refresh_from_db()
    assert row.state == State.ACTIVATED
    context.close()
