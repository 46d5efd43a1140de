"""The back office as a whole: its look, its menu, its welcome, and who is kept out of pages."""

from typing import Any

from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import Button
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page, Site
from wagtail.permissions import page_permission_policy

from portal.accounts.roles import Role
from portal.pages import backoffice
from portal.pages.models import PublisherSettings
from portal.pages.watch import things

EDITORIAL = {"add", "change", "publish"}
WELCOMES = {
    Role.EDITOR: "Écrivez les pages, la FAQ et les numéros utiles, puis soumettez-les à la "
    "relecture : un modérateur les publie.",
    Role.MODERATOR: "Relisez ce que les éditeurs ont soumis : les demandes attendent ci-dessous. "
    "Une publication se voit aussitôt sur le site.",
    Role.REFERENT: "Importez les numéros de recharge et suivez les structures de votre "
    "portefeuille.",
    Role.OPERATOR: "Prenez les demandes d’activation, les plus anciennes d’abord.",
    Role.ADMINISTRATOR: "Gérez les comptes et les réglages, et vérifiez que les messages partent.",
}


@hooks.register("insert_global_admin_css")
def admin_style() -> SafeString:
    """Dress the back office in our colours, and the pages of our own in their layout."""
    sheets = ((static("wagtail-admin/admin.css"),), (static("css/gestion.css"),))
    return format_html_join("", '<link rel="stylesheet" href="{}">', sheets)


@hooks.register("insert_editor_js")
def editor_script() -> SafeString:
    """Let a submission wait for the draft that is being saved."""
    return format_html('<script src="{}"></script>', static("js/gestion-editeur.js"))


@hooks.register("before_serve_page")
def hide_page(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """Answer 404 to somebody who is logged in and outside the groups of a restricted page.

    Wagtail would send them to the login, which would send them back, for ever.
    """
    _hide(page.get_view_restrictions(), request)


@hooks.register("before_serve_document", order=-1)
def hide_document(document: AbstractDocument, request: HttpRequest) -> None:
    """Do the same for a document of a restricted collection."""
    _hide(document.collection.get_view_restrictions(), request)


def _hide(restrictions: Any, request: HttpRequest) -> None:
    if request.user.is_authenticated and not all(
        restriction.accept_request(request) for restriction in restrictions
    ):
        raise Http404("Not for this person.")


def is_editorial(request: HttpRequest) -> bool:
    """Return whether the person writes or publishes pages."""
    return bool(page_permission_policy.user_has_any_permission(request.user, EDITORIAL))


@hooks.register("construct_main_menu")
def trim_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    """Take out what serves nobody, or only those who write: reports, and Wagtail's help."""
    unwanted = {"help"} if is_editorial(request) else {"help", "reports"}
    items[:] = [item for item in items if item.name not in unwanted]


@hooks.register("construct_homepage_summary_items")
def trim_summary(request: HttpRequest, items: list[SummaryItem]) -> None:
    """Show the counts of pages and images to those who write them."""
    if not is_editorial(request):
        items.clear()


class Welcome(Component):
    """What the person's roles are for, and what is missing on the site."""

    name = "welcome"
    order = 10
    template_name = "wagtailadmin/home/welcome.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """List the person's roles and the legal facts that nobody wrote."""
        request = parent_context["request"]
        mine = set(request.user.groups.values_list("name", flat=True))
        missing = []
        if request.user.has_perm("pages.change_publishersettings"):
            site = Site.find_for_request(request)
            missing = PublisherSettings.for_site(site).missing()
        return {
            "name": request.user.get_short_name(),
            "roles": [
                {"label": str(role), "text": text}
                for role, text in WELCOMES.items()
                if str(role) in mine
            ],
            "missing": missing,
        }


@hooks.register("construct_homepage_panels")
def welcome(request: HttpRequest, panels: list[Component]) -> None:
    """Put the welcome first."""
    panels.append(Welcome())
    panels.sort(key=lambda panel: panel.order)


@hooks.register("register_admin_urls")
def watch_urls() -> list[URLPattern | URLResolver]:
    """Put our reports below Wagtail's, where the door lets those who write in."""
    urls = [
        path("a-relire/", backoffice.ReviewsView.as_view(), name="reviews"),
        path("a-relire/<str:kind>/<int:key>/", backoffice.ReviewView.as_view(), name="review"),
        path("liens-casses/", backoffice.LinksView.as_view(), name="links"),
    ]
    return [path("reports/", include((urls, "watch"), namespace="watch"))]


@hooks.register("register_reports_menu_item")
def reviews_menu_item() -> MenuItem:
    """Show « À relire » first."""
    return MenuItem("À relire", reverse("watch:reviews"), icon_name="time", order=10)


@hooks.register("register_reports_menu_item")
def links_menu_item() -> MenuItem:
    """Show « Liens cassés » next."""
    return MenuItem("Liens cassés", reverse("watch:links"), icon_name="link", order=20)


@hooks.register("register_page_header_buttons")
def reviewed_button(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> list[Button]:
    """Offer « J’ai relu cette page » in the menu of a published page."""
    if not page.live or not things.may_change(user, page):
        return []
    url = reverse("watch:review", args=["wagtailcore.page", page.pk])
    return [Button("J’ai relu cette page", url, icon_name="check", priority=12)]
