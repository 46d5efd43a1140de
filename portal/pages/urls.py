"""Pages of the whole portal, and Wagtail's catch-all."""

from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(wagtail_urls)),
]
