"""Asking and answering in a real browser: wide, and on a small phone without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.support.models import CannedAnswer
from portal.structures.models import Membership
from tests import factories
from tests.assistance.conftest import MINE, answer, ask, faq, picture, referent
from tests.handovers.test_screens import enter
from tests.support.browser import Axe, overflow
from tests.support.server import StartServer

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 320, "height": 640, "java_script_enabled": False}
BOTH = pytest.mark.parametrize("options", [WIDE, PHONE], ids=["wide", "phone without script"])


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def member(published: None, url: str) -> Membership:
    """A partner, whose référent has one ready text; the FAQ knows of cards."""
    faq("Ma carte SIM n’est pas reconnue, que faire ?")
    CannedAnswer.objects.create(title="Éteindre", body="Éteignez puis rallumez le téléphone.")
    structure = factories.StructureFactory(may_order=True, account_manager=referent())
    made: Membership = factories.MembershipFactory(structure=structure)
    return made


def look(page: Page, axe: Axe, options: dict[str, object]) -> None:
    if options.get("java_script_enabled", True):  # axe needs it
        axe(page)
    assert overflow(page) == 0


@BOTH
def test_a_partner_asks_and_follows(
    browser: Browser, member: Membership, url: str, axe: Axe, options: dict[str, object]
) -> None:
    with enter(browser, member, url, **options) as context:
        page = context.new_page()
        page.goto(f"{url}/aide/")
        look(page, axe, options)
        page.get_by_role("link", name="Écrire une demande").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Demande d’assistance")
        look(page, axe, options)
        page.get_by_label("Votre demande concerne").select_option(label="Autre chose")
        page.get_by_label("En une phrase").fill("La carte SIM n’est pas reconnue")
        page.get_by_label("Votre message").fill("Le téléphone dit « pas de carte ».")
        if options is WIDE:
            expect(page.locator("#faq")).to_contain_text("Ma carte SIM n’est pas reconnue")
            look(page, axe, options)
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Relire et envoyer")
        expect(page.locator("main")).to_contain_text("Ma carte SIM n’est pas reconnue, que faire")
        look(page, axe, options)
        photo = {"name": "photo.png", "mimeType": "image/png", "buffer": picture()}
        page.get_by_label("Pièces jointes").set_input_files(photo)  # type: ignore[arg-type]
        page.get_by_role("button", name="Envoyer la demande").click()
        expect(page.get_by_role("status").first).to_contain_text("envoyée")
        expect(page.get_by_role("link", name="Pièce jointe 1")).to_be_visible()
        look(page, axe, options)
        page.get_by_label("Votre message").fill("Essayez 01 23 45 67 89")
        page.get_by_role("button", name="Envoyer le message").click()
        expect(page.get_by_role("alert")).to_contain_text("Retirez ce numéro")
        look(page, axe, options)
        page.get_by_label("J’ai vérifié").check()
        page.get_by_role("button", name="Envoyer le message").click()
        expect(page.locator(".thread__message")).to_have_count(2)
        page.get_by_role("button", name="C’est réglé").click()
        expect(page.locator("main")).to_contain_text("Cette demande est résolue.")
        look(page, axe, options)
        page.goto(f"{url}{MINE}")
        look(page, axe, options)


@pytest.mark.parametrize(
    "options",
    [WIDE, {**WIDE, "java_script_enabled": False}, {"width": 320, "height": 640}],
    ids=["wide", "without script", "phone"],
)
def test_a_referent_answers(
    browser: Browser,
    member: Membership,
    url: str,
    axe: Axe,
    options: dict[str, object],
) -> None:
    manager = member.structure.account_manager
    assert manager is not None
    one = ask(member)
    answer(manager, ask(member, title="Une autre"))
    staff = Membership(user=manager)
    with enter(browser, staff, url, **options) as context:
        page = context.new_page()
        page.goto(f"{url}/gestion/assistance/")
        expect(page.locator("main")).to_contain_text("La carte n’est pas reconnue")
        page.goto(f"{url}/gestion/assistance/{one.uuid}/")
        assert overflow(page) == 0
        page.get_by_role("button", name="Prendre la demande").click()
        expect(page.locator(".gestion-facts")).to_contain_text(str(manager))
        page.get_by_label("Réponse type").select_option(label="Éteindre")
        page.get_by_role("button", name="Insérer").click()
        expect(page.get_by_label("Réponse à la structure")).to_have_value(
            "Éteignez puis rallumez le téléphone."
        )
        page.get_by_role("button", name="Envoyer la réponse").click()
        expect(page.locator(".support-message--team")).to_have_count(1)
        if options is WIDE:
            axe(page, ".gestion-page")
        assert overflow(page) == 0
        page.goto(f"{url}/gestion/assistance/delais/")
        if options is WIDE:
            axe(page, ".gestion-page")
        assert overflow(page) == 0
