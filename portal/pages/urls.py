"""Pages of the whole portal, and Wagtail's catch-all."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView
from wagtail.urls import serve_pattern

from portal.pages import health, views

# Wagtail's own URLs, less its login and its password for a page, which are closed: allauth is
# the one login.
closed_login = login_not_required(
    RedirectView.as_view(pattern_name="account_login", query_string=True)
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("sante/", health.alive, name="alive"),
    path("sante/pret/", health.ready, name="ready"),
    path("changer-de-structure/", views.switch_structure, name="switch_structure"),
    path("media/images/<path:path>", views.picture, name="picture"),
    path("_util/login/", closed_login, name="wagtailcore_login"),
    re_path(serve_pattern, views.page, name="wagtail_serve"),
]
