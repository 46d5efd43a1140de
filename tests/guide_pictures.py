"""``make guide-pictures``: pictures of our own screens, as the demo shows them, for the guides."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import django
from PIL import Image
from playwright.sync_api import FloatRect, Page, sync_playwright

from tests.screenshots import demo_server
from tests.support import chromium
from tests.support.browser import new_context

PICTURES = Path(__file__).resolve().parents[1] / "knowledge" / "content" / "pictures"
WIDTH, HEIGHT, SCALE = 360, 740, 1.5  # CSS pixels of a phone, and its pixels for each
MARGIN = 12  # CSS pixels around what is shown
QUALITY = 65  # of WebP
ACCOUNT = "partenaire@demo.example"
Act = Callable[[Page], None]


class Shot(NamedTuple):
    """A picture: of which page, from which element to which, and what is done there before."""

    name: str
    path: str
    first: str
    last: str = ""
    prepare: Act | None = None


def fill_basket(page: Page) -> None:
    """Take something free and something that is not."""
    site = page.url.removesuffix("/panier/")
    for product in ("Internet mobile 8 Go", "Illimité France"):
        page.goto(f"{site}/offre-solidaire/")
        card = page.locator("article.product", has_text=product)
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            card.get_by_role("button", name="Ajouter au panier").click()
    page.goto(f"{site}/panier/")


def follow(words: str) -> Act:
    """Return what follows the first link with these words."""

    def click(page: Page) -> None:
        left = page.url
        page.locator("main").get_by_role("link", name=words).first.click()
        page.wait_for_url(lambda url: url != left)

    return click


def order(page: Page) -> None:
    """Send the basket off."""
    page.get_by_role("button", name="Valider la commande").click()
    page.wait_for_url("**/commande/**")


def show(page: Page) -> None:
    """Ask for the newest number."""
    page.get_by_role("button", name="Afficher").first.click()
    page.locator(".number-shown").first.wait_for()


def show_and(words: str) -> Act:
    """Return what asks for the newest number, then does this with it."""

    def act(page: Page) -> None:
        show(page)
        follow(words)(page)

    return act


def keep_number(page: Page) -> None:
    """Answer that the person keeps the number."""
    page.get_by_label("Oui, il garde son numéro").check()


def estimate(page: Page) -> None:
    """Say what a person does on the internet."""
    for usage, much in (("Démarches en ligne", "20"), ("Appel vidéo, à deux", "2")):
        page.locator("li.usage", has_text=usage).locator("input[type=number]").fill(much)
    page.get_by_role("button", name="Calculer").click()
    page.locator("#resultat strong, #resultat .estimate").first.wait_for()


BASKET, ACCOUNT_PAGE, SIM = "/panier/", "/mon-compte/", "/activation-sim/"
NUMBERS, BOOK = "/mon-compte/recharges/", "/mon-compte/remises/"
CARDS, ESTIMATOR = "/mon-compte/cartes-sim/", "/ressources/estimer-ma-consommation/"
SECTION, ROW = "main section.section", "main tbody tr"

SHOTS = (
    Shot("offre", "/offre-solidaire/", "article.product:has-text('Internet mobile 8 Go')"),
    Shot("panier", BASKET, f"#basket {ROW[5:]}", f"#basket {ROW[5:]} >> nth=1", fill_basket),
    Shot("valider", BASKET, "#basket .with-aside > :last-child", "text=Valider sans afficher"),
    Shot("numero", BASKET, ".ticket", "", order),
    Shot("ticket", NUMBERS, "main .chips", "main form.actions", show_and("Ticket")),
    Shot("signaler", NUMBERS, "main form fieldset", "main form .actions", show_and("Ne marche")),
    Shot("afficher", NUMBERS, ROW, "", show),
    Shot("a-faire", ACCOUNT_PAGE, "main section.card"),
    Shot("dotation", ACCOUNT_PAGE, SECTION, f"{SECTION} .stack > div >> nth=1"),
    Shot("equipe", "/mon-compte/equipe/", "main .button--primary", ROW),
    Shot("formation", "/mon-compte/formation/", "#sessions", "#sessions ~ ul li"),
    Shot("avenant", "/mon-compte/convention/", f"{SECTION} >> nth=1"),
    Shot("livraison", CARDS, "#livraisons", ROW),
    Shot("activer", CARDS, f"{SECTION} >> nth=1 >> tbody tr"),
    Shot("iccid", SIM, "#check-iccid", ".card-picture"),
    Shot("beneficiaire", SIM, "#check-last_name", "#check-birth_department"),
    Shot("portabilite", SIM, "#id_portability", "#check-rio", keep_number),
    Shot("envoyer", SIM, ".field--check", ".activation-form > .actions"),
    Shot("suivi", f"{SIM}suivi/", f"{ROW}:has-text('À corriger')"),
    Shot("remise", BOOK, "main form.form", "", follow("Noter la remise")),
    Shot("carnet", BOOK, f"{SECTION} >> nth=1 >> tbody tr"),
    Shot("caisse", f"{BOOK}rapport/", "main .stat", "main .stat >> nth=1"),
    Shot("usages", ESTIMATOR, "li.usage >> nth=1", "li.usage >> nth=3"),
    Shot("resultat", ESTIMATOR, "#resultat", "", estimate),
)


def main() -> None:
    """Take every picture."""
    program = chromium.find()
    if program is None:
        sys.exit("No Chromium: `make browser` installs one.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
        context = new_context(browser, width=WIDTH, height=HEIGHT, device_scale_factor=SCALE)
        page = context.new_page()
        log_in(page, address)
        for shot in SHOTS:
            picture = take(page, address, shot)
            sys.stdout.write(f"{picture} ({picture.stat().st_size / 1000:.0f} kB)\n")
        browser.close()


def log_in(page: Page, address: str) -> None:
    """Enter as the demo's partner."""
    from portal.demo.accounts import PASSWORD  # noqa: PLC0415  (models, after django.setup)

    page.goto(f"{address}/connexion/")
    page.fill("input[name=login]", ACCOUNT)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/connexion/" not in url)


def take(page: Page, address: str, shot: Shot) -> Path:
    """Write one picture, cut to what it is about, and return its file."""
    page.goto(f"{address}{shot.path}")
    if shot.prepare:
        shot.prepare(page)
    page.wait_for_load_state("networkidle")
    raw = PICTURES / f"{shot.name}.png"
    page.screenshot(path=raw, full_page=True, clip=extent(page, shot))
    picture = raw.with_suffix(".webp")
    with Image.open(raw) as taken:
        taken.convert("RGB").save(picture, quality=QUALITY, method=6)
    raw.unlink()
    return picture


def extent(page: Page, shot: Shot) -> FloatRect:
    """Return what is cut out of the page, in CSS pixels: its whole width, and the elements."""
    page.evaluate("scrollTo(0, 0)")
    boxes = []
    for selector in (shot.first, shot.last or shot.first):
        box = page.locator(selector).first.bounding_box()
        if box is None:
            raise LookupError(f"{shot.name}: {selector} does not show")
        boxes.append(box)
    top = boxes[0]["y"] - MARGIN
    bottom = boxes[1]["y"] + boxes[1]["height"] + MARGIN
    return {"x": 0, "y": top, "width": WIDTH, "height": bottom - top}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
    django.setup()
    main()
