"""The main job through a real browser, a real server and real tables, in the order of the day:
codes come in, a partner reads a number in four clicks, a SIM is activated, the knowledge changes.
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from activation.models import ActivationRequest
from portal.demo.accounts import PASSWORD
from portal.outbox.models import JournalEntry
from shop.quotas.models import FreeQuota
from shop.recharges.models import RechargeCode
from tests.support.browser import Axe, new_context
from tests.support.server import StartServer

NUMBERS = re.compile(r"^\d{10}$")
NEW_CODES = ("0012345678", "0012345679", "0012345680")


class Person:
    """Somebody at their own browser."""

    def __init__(self, page: Page, url: str, axe: Axe) -> None:
        self.page, self.url, self.axe = page, url, axe
        self.clicks = 0

    def log_in(self, role: str) -> "Person":
        """Enter by the one login."""
        self.page.goto(f"{self.url}/connexion/")
        self.axe(self.page)
        self.page.get_by_label("Adresse e-mail").fill(f"{role}@demo.example")
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.page.get_by_role("button", name="Me connecter", exact=True).click()
        self.page.wait_for_url(lambda url: "/connexion/" not in url)
        return self

    def go(self, path: str) -> Page:
        """Open an address and check it."""
        self.page.goto(f"{self.url}{path}")
        return self.checked()

    def checked(self) -> Page:
        """Check a page of ours with axe; the back office is Wagtail's."""
        if "/gestion/" not in self.page.url:
            self.axe(self.page)
        return self.page

    def click(self, role: str, name: str | re.Pattern[str], within: str = "main") -> None:
        """Click once, and count it."""
        self.page.locator(within).get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()
        self.clicks += 1


@pytest.fixture
def url(start_server: StartServer) -> object:
    """Return the address of the demonstration, served for real."""
    call_command("load_demo", verbosity=0)
    with start_server() as address:
        yield address


@pytest.fixture
def arrive(browser: Browser, url: str, axe: Axe) -> object:
    """Return a function that lets somebody arrive with a browser of their own."""
    contexts = []

    def person(role: str, *, width: int = 1440, height: int = 900) -> Person:
        context = new_context(browser, width=width, height=height)
        contexts.append(context)
        return Person(context.new_page(), url, axe).log_in(role)

    yield person
    for context in contexts:
        context.close()


Arrive = Callable[..., Person]


def test_the_main_job_from_a_lot_of_codes_to_an_answer_in_the_faq(
    arrive: Arrive, tmp_path: Path
) -> None:
    _referent_imports_codes(arrive("referent"), tmp_path)
    _partner_reads_numbers_in_four_clicks(arrive("partenaire"))
    _sim_is_activated(arrive("partenaire", width=320, height=640), arrive("operateur"))
    _knowledge_changes(arrive("editeur"), arrive("moderateur"), arrive("partenaire"))


def _referent_imports_codes(referent: Person, folder: Path) -> None:
    expiry = timezone.localdate() + dt.timedelta(days=20)  # the first to expire, so the first given
    lot = folder / "lot.csv"
    lines = [f"Internet mobile 8 Go;{code};{expiry:%d/%m/%Y};" for code in NEW_CODES]
    lot.write_text("\n".join(["produit;code;expiration;série", *lines]), encoding="utf-8")

    page = referent.go("/gestion/lots/importer/")
    page.get_by_label("Nom du lot").fill("Lot du matin")
    page.get_by_label("Fichier CSV").set_input_files(lot)
    referent.click("button", "Voir l’aperçu")
    expect(page.get_by_text("3 numéros acceptés")).to_be_visible()
    referent.click("button", "Importer les 3 numéros")
    expect(page.get_by_text("3 numéros importés")).to_be_visible()

    assert RechargeCode.objects.filter(lot__name="Lot du matin").count() == 3


def _partner_reads_numbers_in_four_clicks(partner: Person) -> None:
    quotas = FreeQuota.objects.filter(
        structure__name="Maison des Solidarités", product__upc="internet-mobile-8-go"
    )
    quotas.filter(campaign__isnull=False).delete()
    quotas.update(granted=F("used") + 1)  # the demonstration has a past
    page = partner.go("/offre-solidaire/")
    expect(page.locator("main article")).to_have_count(6)
    partner.clicks = 0
    card = page.locator("article", has_text="Internet mobile 8 Go")
    card.get_by_role("spinbutton").fill("2")
    card.get_by_role("button", name="Ajouter au panier").click()
    page.wait_for_load_state()
    partner.clicks += 1
    partner.click("link", re.compile("Voir le panier"))
    partner.checked()
    line = page.get_by_role("row", name=re.compile("Internet mobile 8 Go"))
    expect(line).to_contain_text("1 gratuit")
    expect(line).to_contain_text("1 payant")
    expect(page.get_by_text("4,00\u00a0€ seront facturés")).to_be_visible()
    partner.click("button", re.compile("Valider la commande"))
    partner.checked()

    copies = page.locator("main [data-copy]")
    numbers = [copies.nth(index).get_attribute("data-copy") for index in range(copies.count())]
    assert partner.clicks <= 4
    assert len(set(numbers)) == 2
    assert set(numbers) < set(NEW_CODES)
    assert not any(number in page.url for number in NEW_CODES)

    partner.go("/mon-compte/")
    page = partner.go("/mon-compte/recharges/")
    assert not any(number in page.content() for number in NEW_CODES)
    partner.click("button", re.compile("Afficher"))
    shown = page.locator("main [data-copy]").first
    shown.wait_for(state="attached")
    assert NUMBERS.match(shown.get_attribute("data-copy") or "")


def _sim_is_activated(partner: Person, operator: Person) -> None:
    page = partner.go("/activation-sim/")
    page.get_by_label(re.compile("ICCID")).fill("8933 1012 3456 7890 1230")
    page.get_by_label("Madame").check()
    page.get_by_label("Nom du bénéficiaire", exact=True).fill("Martin")
    page.get_by_label("Prénom du bénéficiaire").fill("Awa")
    for part, value in (("Jour", "4"), ("Mois", "12"), ("Année", "1985")):
        page.get_by_label(part).fill(value)
    page.get_by_label("Département de naissance").fill("33")
    page.get_by_label("Portable à prévenir").fill("06 12 34 56 78")
    page.get_by_role("radio", name=re.compile("Non, il aura")).check()
    page.get_by_role("checkbox", name=re.compile("pièce d’identité")).check()
    partner.click("button", "Envoyer la demande")
    partner.checked()
    request = ActivationRequest.objects.latest("pk")
    assert request.iccid == "89331012345678901230"

    page = operator.go(f"/gestion/activations/{request.uuid}/")
    assert "Martin" not in page.content()
    operator.click("button", "Prendre")
    expect(page.get_by_text("Martin").first).to_be_visible()
    page.locator("summary", has_text="activée").click()
    page.get_by_label(re.compile("Numéro de la ligne|ligne")).first.fill("07 55 66 77 88")
    operator.click("button", "Activer et prévenir")

    request.refresh_from_db()
    assert request.get_state_display() == "Activée"
    sms = JournalEntry.objects.get(channel="sms")
    email = JournalEntry.objects.filter(channel="email").latest("pk")
    assert sms.recipient == "+33612345678"
    assert "07 55 66 77 88" in sms.text
    assert email.recipient == "partenaire@demo.example"
    assert "Martin" not in email.text


def _knowledge_changes(editor: Person, moderator: Person, partner: Person) -> None:
    page = editor.go("/gestion/numeros-utiles/")
    page.get_by_role("link", name=re.compile("1023")).first.click()
    page.get_by_label(re.compile("Quand")).fill("du lundi au samedi")
    number = _submit(page)

    page = editor.go("/gestion/faq/questions/")
    page.get_by_role("link", name=re.compile("Comment obtenir un numéro de recharge")).first.click()
    answer = page.locator("[contenteditable=true]").first
    answer.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Un essai suffit.")
    expect(page.locator("[name=answer]")).to_have_value(re.compile("Un essai suffit"))
    question = _submit(page)
    assert "du lundi au samedi" not in partner.go("/aide/").content()

    for waiting in (number, question):
        moderator.page.goto(waiting)
        _choose(moderator.page, re.compile("Approuver"))
        expect(moderator.page.locator(".messages .success")).to_be_visible()

    assert "du lundi au samedi" in partner.go("/aide/").content()
    page = partner.go("/faq/")
    page.get_by_role("searchbox").first.fill("numero de recharg")
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.wait_for_url(re.compile("q="))
    page.get_by_role("link", name=re.compile("Comment obtenir un numéro de recharge")).first.click()
    expect(partner.checked().get_by_text("Un essai suffit.").first).to_be_visible()


def _submit(page: Page) -> str:
    """Send an edited text to the modérateurs, and return its address."""
    address = page.url
    _choose(page, re.compile("Soumettre à Relecture"))
    expect(page.locator(".messages .success")).to_be_visible()
    return address


def _choose(page: Page, name: re.Pattern[str]) -> None:
    """Press one of the actions at the foot of Wagtail's editor, in its menu or not."""
    action = page.locator("footer").get_by_role("button", name=name).first
    if not action.is_visible():
        page.locator("footer").get_by_role("button", name=re.compile("Plus d.actions")).click()
    action.click()
    page.wait_for_load_state()
