"""A person's data, in a real browser: by keyboard, wide and narrow, axe silent."""

import pytest
from playwright.sync_api import Page, expect

from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.roles import Role
from tests.activation import factories
from tests.activation.test_activation_browser import log_in
from tests.support.browser import Axe, overflow

INDEX = "/gestion/donnees-personnelles/"


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_a_person_is_found_shown_and_erased_by_keyboard(
    server: str, width: str, request: pytest.FixtureRequest, axe: Axe
) -> None:
    page: Page = request.getfixturevalue(width)
    made = factories.request(State.REFUSED, birth_date="1985-12-04")
    log_in(page.context, server, factories.user(Role.ADMINISTRATOR))

    def look() -> None:
        """Check the page as it stands."""
        axe(page, "main")
        assert overflow(page) == 0
        assert page.url.split("?")[0].endswith(("personnelles/", "exporter/", "effacer/"))
        assert "?" not in page.url

    def search() -> None:
        page.goto(f"{server}{INDEX}")
        page.locator("#personne_last_name").focus()
        for text in ("Zébulonne", "Clémence"):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        page.keyboard.type("04/12/1985")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="1 demande trouvée")).to_be_visible()

    search()
    look()
    page.get_by_role("button", name="Afficher ce qui est enregistré").press("Enter")
    expect(page.get_by_text("Zébulonne")).to_be_visible()
    look()
    search()
    page.get_by_role("button", name="Effacer…").press("Enter")
    expect(page.get_by_text("Sera effacée.")).to_be_visible()
    look()
    page.get_by_role("button", name="Effacer pour toujours").press("Enter")
    expect(page.get_by_text("1 demande effacée.")).to_be_visible()
    assert ActivationRequest.objects.get(pk=made.pk).anonymised_at
