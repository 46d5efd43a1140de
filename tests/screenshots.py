"""``make screenshots``: the README's pictures, of the demo in a real server and a real browser."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from portal.embedded import Layout
from tests.support import chromium
from tests.support.browser import new_context
from tests.support.database import Databases
from tests.support.place import Place
from tests.support.server import running_server

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "img"
WIDTH, HEIGHT = 1440, 900  # CSS pixels
COLOURS = 256  # flat drawings need no more, and the file is a third
#: Name of the picture, address, role of the demo account that looks (none: nobody logged in).
SHOTS = (
    ("home", "/", None),
    ("shop", "/offre-solidaire/", "partenaire"),
    ("back-office", "/gestion/activations/", "operateur"),
)


def main() -> None:
    """Take every picture."""
    program = chromium.find()
    if program is None:
        sys.exit("No Chromium: `make browser` installs one.")
    with demo_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
        for name, path, account in SHOTS:
            picture = PICTURES / f"{name}.png"
            take(browser, address, path, account, picture)
            sys.stdout.write(f"{picture} ({picture.stat().st_size // 1024} kB)\n")
        browser.close()


@contextmanager
def demo_server() -> Iterator[str]:
    """Yield the address of a server over a database of its own that holds the demo."""
    place = Place(Layout.default().run / "places")
    place.use_own_redis()
    databases = Databases(place.number)
    databases.create()
    try:
        call_command("load_demo", verbosity=0)
        with running_server() as address:
            yield address
    finally:
        databases.restore()
        databases.release()


def take(browser: Browser, address: str, path: str, account: str | None, picture: Path) -> None:
    """Write what a visitor sees first at ``path``.

    Args:
        browser: a Chromium.
        address: of the server.
        path: of the page.
        account: the name before ``@`` of a demo account; None for a visitor who is not logged in.
        picture: the file to write.
    """
    from portal.demo.accounts import PASSWORD  # noqa: PLC0415  (models, after django.setup)

    context = new_context(browser, width=WIDTH, height=HEIGHT)
    page = context.new_page()
    if account:
        page.goto(f"{address}/connexion/")
        page.fill("input[name=login]", f"{account}@demo.example")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/connexion/" not in url)
    page.goto(f"{address}{path}", wait_until="networkidle")
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture)
    context.close()
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(COLOURS).save(picture, optimize=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
    django.setup()
    main()
