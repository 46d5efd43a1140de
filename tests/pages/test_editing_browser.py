"""The éditeur's journey in a real browser: a tutorial with two pictures, from the first word to
the partner's printer."""

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from knowledge.models import ResourceIndexPage
from portal.accounts.roles import Role
from portal.pages import first_content
from tests.factories import UserFactory
from tests.support.browser import Axe, new_context, overflow

PASSWORD = "une phrase pour les essais"
STEPS = (
    ("Retournez la carte", "Le dos d’une carte SIM."),
    ("Lisez les dix-neuf chiffres", "Un numéro de série."),
)
Arrive = Callable[..., Page]


def picture(colour: str) -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(content, "PNG")
    return {"name": f"{colour}.png", "mimeType": "image/png", "buffer": content.getvalue()}


@pytest.fixture
def arrive(browser: Browser, server: str) -> Iterator[Arrive]:
    """Return a function that logs somebody of a role in, in a browser of their own."""
    first_content.load()
    contexts = []

    def person(role: Role, *, width: int = 1440) -> Page:
        user = UserFactory(role=role, password=PASSWORD)
        context = new_context(browser, width=width, height=900)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server}/connexion/")
        page.get_by_label("Adresse e-mail").fill(user.email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Me connecter", exact=True).click()
        page.wait_for_url(lambda url: "/connexion/" not in url)
        return page

    yield person
    for context in contexts:
        context.close()


def add_picture(page: Page, url: str, colour: str, description: str) -> None:
    page.goto(f"{url}/gestion/images/add/")
    page.locator("#id_file").set_input_files(picture(colour))
    page.locator("#id_title").fill(colour)
    page.locator("#id_description").fill(description)
    page.locator("#id_licence").select_option("own")
    page.locator("form[action$='/images/add/'] button[type=submit]").click()
    page.wait_for_url(lambda address: address.endswith("/gestion/images/"))


def write_step(page: Page, number: int, title: str, colour: str) -> None:
    start = f"body-0-value-steps-{number}-value"
    page.locator(f"[name='{start}-title']").fill(title)
    block = page.locator(f"[data-contentpath='picture']:has(#{start}-picture-image-chooser)")
    block.locator("[data-chooser-action-choose]").first.click()
    page.locator(".modal .image-choice", has_text=colour).click()
    expect(page.locator(f"[name='{start}-picture-image']")).not_to_have_value("")


def write_tutorial(page: Page, url: str, index: int) -> None:
    """Write a tutorial of two steps, each with its picture, and submit it."""
    page.goto(f"{url}/gestion/pages/add/knowledge/guidepage/{index}/")
    page.locator("[name=title]").fill("Lire le numéro d’une carte")
    page.locator("[name=theme]").select_option("techniques")
    page.locator("[name=summary]").fill("Trouver l’ICCID sans se tromper.")
    page.locator("[data-contentpath=body] button.c-sf-add-button").first.click()
    page.get_by_role("option", name="Étapes numérotées").click()
    for number, ((title, _), colour) in enumerate(zip(STEPS, ("teal", "orange"), strict=True)):
        if number:
            page.locator("[data-contentpath=steps] button.c-sf-add-button").last.click()
        write_step(page, number, title, colour)
    page.locator("footer [data-w-dropdown-target=toggle]").last.click()
    page.locator("button[name=action-submit]").click()
    page.wait_for_url(lambda address: "/add/" not in address)


def test_a_tutorial_goes_from_the_editeur_to_the_partners_printer(
    arrive: Arrive, server: str, axe: Axe
) -> None:
    editor = arrive(Role.EDITOR)
    for (_, description), colour in zip(STEPS, ("teal", "orange"), strict=True):
        add_picture(editor, server, colour, description)
    write_tutorial(editor, server, ResourceIndexPage.objects.get().pk)

    partner = arrive(Role.PARTNER, width=320)
    partner.goto(f"{server}/ressources/")
    expect(partner.get_by_role("link", name="Lire le numéro d’une carte")).to_have_count(0)

    moderator = arrive(Role.MODERATOR)
    moderator.goto(f"{server}/gestion/")
    moderator.get_by_role("link", name="Lire le numéro d’une carte").first.click()
    moderator.wait_for_load_state()
    moderator.locator("footer [data-w-dropdown-target=toggle]").last.click()
    moderator.get_by_role("button", name="Approuver et publier").click()
    moderator.wait_for_load_state()

    partner.reload()
    partner.get_by_role("link", name="Lire le numéro d’une carte").first.click()
    partner.wait_for_load_state()
    expect(partner.get_by_role("heading", level=1)).to_have_text("Lire le numéro d’une carte")
    shown = [one.get_attribute("alt") for one in partner.locator("article img").all()]
    assert shown == [description for _, description in STEPS]
    assert overflow(partner) == 0
    axe(partner)
    partner.emulate_media(media="print")
    expect(partner.get_by_text(STEPS[1][0])).to_be_visible()
    expect(partner.locator(".site-header")).to_be_hidden()
    assert partner.pdf()[:4] == b"%PDF"
