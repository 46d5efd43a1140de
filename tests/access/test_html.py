"""Every page is valid HTML: those of the table, as the first person who may open each.

Those of the site are looked at as a stranger and as a partner. In the back office, what Wagtail
itself writes is not ours to mend: `WAGTAIL` says what, and nothing else passes.
"""

from pathlib import Path

from django.http import HttpResponse

from portal.ui.middleware import BACK_OFFICE
from tests.access.routes import ask, read_table
from tests.access.world import PEOPLE, World
from tests.support.html import NEWER, Fault, faults, without

LOOKED_AT_BY = ("anonymous", "partner")
#: Readers of e-mail know tables and attributes of another age; the style guide shows one as it is.
SHOWS_AN_EMAIL = "/styleguide/courriel/"
#: What Wagtail's templates and widgets write: pattern of a message and its extract, and where.
WAGTAIL = {
    r"Bad value “20.*” for attribute “datetime” .*w-human-readable-date__date.*": "its dates",
    r"Element “div” not allowed as child of element “button” .*class=\"w-.*": "its buttons",
    r"Element “div” not allowed as child of element “label” .*form-side__resize-.*": "its panel",
    r"Text not allowed in element “iframe” .*": "what its preview says where there are no frames",
    r"The “width” attribute on the “col(group)?” element is obsolete.*": "its reports",
    r"The “valign” attribute on the “td” element is obsolete.*": "its reports",
    r"“th” start tag in table body\. .*workflow-progress-table__.*": "its workflow histories",
    r"Duplicate attribute “value”\. .*-ORDER.*": "the order of its inline panels",
    r"The value of the “for” attribute of the “label” element must be .*": "its hidden choosers",
    r"Attribute “required” (not allowed|is only allowed) .*type=\"hidden\".*": "its hidden fields",
    r"Character reference was not terminated .*&#x21b3 .*": "its choice of collections",
    r"The “aria-describedby” attribute must point .*type=\"file\".*": "its forms of files",
    r"The “aria-labelledby” attribute must point .*w-summary.*": "its first page",
    r"Stray (start|end) tag “td”\. .*": "its list of pictures",
    r"Bad value “alert” for attribute “role” on element “h2”\. .*": "its search",
    r"Bad value “/faq/” for attribute “value” .*redirect_link.*": "its redirects",
    r"Bad value “” for attribute “(src|width|height)” .*chooser__image.*": "its choosers",
    r"Bad value “” for attribute “action” on element “form”.* method=.?POST.*": "its forms",
}


def text(response: HttpResponse) -> str:
    """Return the document of an answer; empty where it is none, or a part of a page."""
    if response.status_code != 200 or "html" not in response.get("Content-Type", ""):
        return ""
    content = b"".join(response) if response.streaming else response.content
    html = content.decode(response.charset)
    return html if html.lstrip()[:9].lower() == "<!doctype" else ""


def documents(world: World) -> dict[str, str]:
    """Return every page, by address and person."""
    clients = {name: world.client(name) for name in PEOPLE}
    found = {}
    for row in read_table():
        path = world.path(row.route, row.example)
        people = [name for name in PEOPLE if row.answers["GET"][name] == "200"]
        for name in [one for one in people if one in LOOKED_AT_BY] or people[:1]:
            response, _ = ask(clients[name], "GET", path)
            if html := text(response):
                found[f"{path} ({name})"] = html
    return found


def test_every_page_is_valid(world: World, tmp_path: Path) -> None:
    pages = documents(world)
    found = without(faults(pages, tmp_path), NEWER)
    ours = [one for one in found if not one.page.startswith((BACK_OFFICE, SHOWS_AN_EMAIL))]
    office = [one for one in found if one.page.startswith(BACK_OFFICE)]

    assert ours == []
    assert without(office, WAGTAIL) == []
    unused = [one for one in WAGTAIL if len(without(office, [one])) == len(office)]
    assert unused == [], "Wagtail mended these: take them out."
    assert len(pages) > 300


def test_the_checker_sees_faults(tmp_path: Path) -> None:
    head = '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>a</title></head>'
    pages = {"/bon/": f"{head}<body><p>b</p></body></html>", "/faux/": f"{head}<body><p>b</b>"}

    assert faults(pages, tmp_path) == [Fault("/faux/", "Stray end tag “b”.", "<body><p>b</b>")]
