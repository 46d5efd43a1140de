"""A tutorial, from the éditeur's first word to the partner's printer, by three people."""

import io
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from knowledge.models import ResourceIndexPage
from portal.accounts.roles import Role
from tests.factories import UserFactory
from tests.support.browser import Axe, new_context, overflow

TITLE = "Lire le numéro d’une carte"
#: What to do, what its picture shows, and the colour of the picture.
STEPS = (
    ("Retournez la carte", "Le dos d’une carte SIM.", "teal"),
    ("Lisez les dix-neuf chiffres", "Le numéro de série, sous le code-barres.", "orange"),
)
Arrive = Callable[..., Page]


@pytest.fixture
def arrive(browser: Browser, published: None, server: str) -> Iterator[Arrive]:
    """Return a function that gives the page of somebody of a role, logged in."""
    contexts = []

    def person(role: Role, *, width: int = 1440) -> Page:
        context = new_context(browser, width=width, height=900)
        contexts.append(context)
        client = Client()
        client.force_login(UserFactory(role=role))
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])
        return context.new_page()

    yield person
    for context in contexts:
        context.close()


def picture(colour: str) -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(content, "PNG")
    return {"name": f"{colour}.png", "mimeType": "image/png", "buffer": content.getvalue()}


def part(page: Page | Locator, path: str) -> Locator:
    """Return the part of a form that stands for one block or field."""
    return page.locator(f"[data-contentpath='{path}']")


def write_step(page: Page, number: int) -> None:
    """Write a step, and send its picture from where the step asks for one."""
    title, shown, colour = STEPS[number]
    page.get_by_role("textbox", name="Ce qu’il faut faire").nth(number).fill(title)
    page.get_by_role("button", name="Choisir une image").first.click()
    modal = page.get_by_role("dialog")
    modal.get_by_role("tab", name="Transférer").click()
    modal.get_by_label("Fichier").set_input_files(picture(colour))
    modal.get_by_role("textbox", name="Titre").fill(colour)
    modal.get_by_role("textbox", name="Ce que montre l’image").fill(shown)
    modal.get_by_role("combobox", name="Licence").select_option("Faite par Emmaüs Connect")
    modal.get_by_role("button", name="Transférer").click()
    expect(page.get_by_role("textbox", name="Texte alternatif").nth(number)).to_have_value(shown)


def choose(page: Page, action: str) -> None:
    """Open the menu of actions at the foot of the page, and choose one."""
    page.locator("footer").get_by_role("button", name="Plus d'actions").click()
    page.locator("footer").get_by_role("button", name=action).click()


def write_tutorial(page: Page, url: str) -> None:
    """Write a tutorial of two steps, each with its picture, and submit it."""
    index = ResourceIndexPage.objects.get().pk
    page.goto(f"{url}/gestion/pages/add/knowledge/guidepage/{index}/")
    page.get_by_placeholder("Titre de la page").fill(TITLE)
    page.get_by_role("combobox", name="Thème").select_option("Guides techniques")
    page.get_by_role("textbox", name="Résumé").fill("Trouver l’ICCID sans se tromper.")
    part(page, "body").get_by_role("button", name="Insérer un bloc").first.click()
    page.get_by_role("option", name="Étapes numérotées").click()
    for number in range(len(STEPS)):
        if number:
            part(page, "steps").get_by_role("button", name="Ajouter").last.click()
        write_step(page, number)
    choose(page, "Soumettre à Relecture")
    expect(page.get_by_text(f"« {TITLE} » a été soumise pour modération")).to_be_visible()


def publish(page: Page, url: str) -> None:
    """Open what waits on the modérateur's own first screen, and approve it."""
    page.goto(f"{url}/gestion/")
    waiting = page.get_by_role("region", name="En attente de votre vérification")
    waiting.get_by_role("link", name=TITLE).click()
    expect(page.get_by_placeholder("Titre de la page")).to_have_value(TITLE)
    choose(page, "Approuver et Publier")
    expect(page.get_by_text(f"« {TITLE} » a été mise à jour")).to_be_visible()


def test_a_tutorial_goes_from_the_editeur_to_the_partners_printer(
    arrive: Arrive, server: str, axe: Axe
) -> None:
    partner = arrive(Role.PARTNER, width=320)
    write_tutorial(arrive(Role.EDITOR), server)
    partner.goto(f"{server}/ressources/")
    link = partner.get_by_role("link", name=TITLE)
    expect(link).to_have_count(0)

    publish(arrive(Role.MODERATOR), server)
    partner.reload()
    link.first.click()
    expect(partner.get_by_role("heading", level=1)).to_have_text(TITLE)
    shown = [one.get_attribute("alt") for one in partner.locator("article img").all()]
    assert (shown, overflow(partner)) == ([text for _, text, _ in STEPS], 0)
    axe(partner)
    check_print(partner)


def check_print(page: Page) -> None:
    """All the steps with their pictures are on the paper, and nothing that only a screen needs."""
    page.emulate_media(media="print")
    for title, shown, _ in STEPS:
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.get_by_role("img", name=shown)).to_be_visible()
    for gone in (".site-header .nav", ".burger", ".site-footer nav"):
        expect(page.locator(gone).first).to_be_hidden()
