"""Every address of the portal. Wagtail's catch-all comes last."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from activation.exchange.callbacks import sfr_callback

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.accounts.urls")),
    path("", include("shop.urls")),
    path("mon-compte/", include("shop.sims.urls")),
    path("mon-compte/remises/", include("shop.handovers.urls")),
    path("mon-compte/", include("shop.tickets.urls")),
    path("mon-compte/factures/", include("shop.billing.urls")),
    path("mon-compte/equipe/", include("portal.structures.urls")),
    path("mon-compte/convention/", include("portal.structures.agreements.urls")),
    path("", include("portal.candidatures.urls")),
    path("", include("portal.training.urls")),
    path("", include("portal.portfolio.urls")),
    path("activation-sim/", include("activation.urls")),
    path("", include("knowledge.urls")),
    path("retours/", include("portal.outbox.urls")),
    path("retours/sfr/", sfr_callback, name="sfr_callback"),
    path("gestion/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

if getattr(settings, "STYLEGUIDE", False):
    urlpatterns.append(path("styleguide/", include("portal.ui.urls")))

# Last: it holds Wagtail's catch-all.
urlpatterns.append(path("", include("portal.pages.urls")))
