"""Base template, components, error pages and style guide."""

import re
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from portal.ui import styleguide, views
from portal.ui.templatetags.ui import render_personal

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def page(address: str, **context: object) -> str:
    request = RequestFactory().get(address)
    return render_to_string("base.html", context, request=request)


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html", "403_csrf.html"])
def test_error_page_renders_without_any_context(name: str) -> None:
    html = get_template(name).render()
    assert html.count("<h1>") == 1
    assert html.count('class="illustration') == 1
    assert 'href="/aide/"' in html


def test_csrf_failure_answers_403() -> None:
    answer = views.csrf_failure(RequestFactory().post("/panier/"), reason="secret reason")
    assert answer.status_code == 403
    assert "secret reason" not in answer.content.decode()


def test_header_holds_the_six_entries_in_order_then_the_basket() -> None:
    html = page("/")
    header = html[html.index("<header") : html.index("</header>")]
    assert re.findall(r'href="(/[a-z-]+/)"', header) == [
        "/ressources/",
        "/faq/",
        "/aide/",
        "/offre-solidaire/",
        "/activation-sim/",
        "/mon-compte/",
        "/panier/",
        "/connexion/",
    ]


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", []),
        ("/faq/", [("/faq/", "page")]),
        ("/mon-compte/commandes/", [("/mon-compte/", "true")]),
        ("/faqs/", []),
    ],
)
def test_current_section_depends_on_the_path(address: str, current: list[tuple[str, str]]) -> None:
    nav = page(address).split('class="nav"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)" aria-current="(\w+)"', nav) == current


def test_title_says_that_the_form_has_errors() -> None:
    form = styleguide.SampleForm({})
    assert "<title>Erreur&nbsp;: Accueil — L’Espace Recharges</title>" in page("/", form=form)
    assert "<title>Accueil — L’Espace Recharges</title>" in page("/", form=styleguide.SampleForm())
    assert "<title>Erreur&nbsp;: Accueil" in page("/", page_has_errors=True)


def test_demonstration_banner_comes_from_the_setting(settings: object) -> None:
    settings.DEMO_BANNER = "Ceci est une démonstration."  # type: ignore[attr-defined]
    assert page("/").count("Ceci est une démonstration.") == 1
    settings.DEMO_BANNER = ""  # type: ignore[attr-defined]
    assert "demo-banner" not in page("/")


def test_personal_part_without_a_request_is_anonymous() -> None:
    html = render_personal(None)
    assert 'href="/connexion/"' in html
    assert "<form" not in html


def test_personal_part_shows_the_visitor_and_their_other_structures() -> None:
    request = RequestFactory().get("/")
    request.visitor = styleguide.SampleVisitor(  # type: ignore[attr-defined]
        name="Amina <b>",
        structure=styleguide.SampleStructure("CCAS de Lille"),
        other_structures=[styleguide.SampleStructure("Mission locale", UUID(int=7))],
        basket_count=3,
    )
    html = render_personal(request)
    assert "Amina &lt;b&gt;" in html
    assert 'name="structure" value="00000000-0000-0000-0000-000000000007"' in html
    assert '3<span class="visually-hidden"> articles</span>' in html
    assert html.count("csrfmiddlewaretoken") == 2
    assert "/gestion/" not in html


def test_staff_see_the_back_office() -> None:
    request = RequestFactory().get("/")
    request.visitor = styleguide.VISITORS["equipe"]  # type: ignore[attr-defined]
    assert render_personal(request).count('href="/gestion/"') == 1


def test_messages_are_announced_according_to_their_weight() -> None:
    messages = [
        SimpleNamespace(level_tag="success"),
        SimpleNamespace(level_tag="error"),
    ]
    html = render_to_string("components/messages.html", {"messages": messages})
    assert re.findall(r'alert--(\w+)" role="(\w+)"', html) == [
        ("success", "status"),
        ("danger", "alert"),
    ]


def test_pagination_keeps_the_rest_of_the_query() -> None:
    request = RequestFactory().get("/?q=carte&page=2")
    template = Template("{% load ui %}{% pagination page %}")
    html = template.render(Context({"request": request, "page": Paginator(range(30), 10).page(2)}))
    assert re.findall(r'href="([^"]+)"', html) == [
        "?q=carte&amp;page=1",
        "?q=carte&amp;page=1",
        "?q=carte&amp;page=3",
        "?q=carte&amp;page=3",
    ]
    assert html.count('aria-current="page"') == 1


def test_one_page_has_no_pagination() -> None:
    template = Template("{% load ui %}{% pagination page %}")
    assert template.render(Context({"page": Paginator([1], 10).page(1)})).strip() == ""


@pytest.mark.parametrize("name", styleguide.ILLUSTRATIONS)
def test_drawing_follows_the_colour_scheme(name: str) -> None:
    found = finders.find(f"img/illustrations/{name}.svg")
    text = Path(str(found)).read_text(encoding="utf-8")
    fills = re.findall(r'<[^>]*fill="#[^>]*>', text)
    assert [tag for tag in fills if 'class="i-' not in tag] == []


def test_templates_obey_the_content_security_policy() -> None:
    # Mail programs need inline styles, and Wagtail's admin has a policy of its own.
    apart = re.compile("email|wagtail")
    screens = [t for t in TEMPLATES if not apart.search(str(t.relative_to(ROOT / "templates")))]
    forbidden = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=\"|javascript:")
    found = {t.name: forbidden.findall(t.read_text(encoding="utf-8")) for t in screens}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_each_component_declares_its_parameters() -> None:
    components = (ROOT / "templates" / "components").rglob("*.html")
    starts = {c.name: c.read_text(encoding="utf-8").startswith("{% comment %}") for c in components}
    assert [name for name, declared in starts.items() if not declared] == []
