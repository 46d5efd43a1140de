"""Fixtures for tests in a real headless Chromium: ``browser``, ``page``, ``phone_page``, ``axe``.

Without a Chromium the tests fail under ``CI=true``; elsewhere they are skipped, and one loud line
at the end says so.
"""

import os
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support import chromium

# Playwright's loop runs in the tests' own thread, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NO_BROWSER = "NO CHROMIUM: the browser tests did not run (`make test` installs one)"
PICTURES = Path(__file__).resolve().parents[2] / "var" / "test" / "failures"
AXE = resources.files("axe_playwright_python") / "axe.min.js"
# The rules of WCAG 2.2 at levels A and AA, and what axe's authors know to hinder people.
RUN_AXE = """async (selector) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(selector || document, {
    runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
  });
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id} (${rule.impact}): ${rule.help}\\n    ${node.target.join(" ")}\\n    ` +
      node.failureSummary.split("\\n").slice(1).map(line => line.trim()).join("; ")));
}"""

# What fades in is read once it is there: half-way its colours are nobody's choice.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))"""

Axe = Callable[..., None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the one Chromium of this test process."""
    program = chromium.find()
    if program is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return an empty page of 1440 × 900 px, with its own cookies."""
    context = new_context(browser, width=1440, height=900)
    yield from open_page(context, request)


@pytest.fixture
def phone_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return an empty page of a small phone, 320 × 640 px, with its own cookies."""
    context = new_context(browser, width=320, height=640, has_touch=True)
    yield from open_page(context, request)


@pytest.fixture
def axe() -> Axe:
    """Return a function that fails where axe finds something on a page."""
    return assert_accessible


def new_context(browser: Browser, *, width: int, height: int, **options: object) -> BrowserContext:
    """Return a French visitor's context; sizes in CSS pixels, ``options`` as Playwright's."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
        **options,  # type: ignore[arg-type]
    )
    context.set_default_timeout(10_000)  # milliseconds
    return context


def open_page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a page of ``context`` and leave a picture of it where the test failed."""
    page = context.new_page()
    yield page
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = "".join(c if c.isalnum() else "-" for c in request.node.nodeid)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    context.close()


def overflow(page: Page) -> int:
    """Return how far the page reaches beyond the window, in CSS pixels, once it is loaded.

    A click returns as soon as the next page begins: it may not have an element yet.
    """
    page.wait_for_load_state()
    beyond: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, beyond)


def assert_accessible(page: Page, selector: str | None = None) -> None:
    """Fail with the list of what axe finds on the page once loaded, or within ``selector``.

    The script is evaluated by the browser's debugger, which no Content-Security-Policy stops, so
    the page is checked with its own policy.
    """
    page.wait_for_load_state()
    page.evaluate(STILL)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate(RUN_AXE, selector)
    if violations:
        listed = "\n".join(f"  - {violation}" for violation in violations)
        pytest.fail(f"axe finds {len(violations)} faults on {page.url}:\n{listed}", pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play a browser's test once more where it failed, and name it at the end (see ``-rR``).

    Two cores share Chromium, a server and the tests: once in a thousand a page is looked at before
    it is drawn. Proofs of locks, crashes and rights ask no browser, and have one chance.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """Keep the report of the test itself, for `open_page`."""
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that browser tests were skipped."""
    skipped = terminalreporter.getreports("skipped")
    count = sum(1 for report in skipped if NO_BROWSER in str(report.longrepr))
    if count:
        terminalreporter.write_sep("!", f"{NO_BROWSER}: {count} of them", red=True, bold=True)
