"""Addresses of this part that are no page of Wagtail's."""

from django.urls import URLPattern, URLResolver, include, path

from knowledge import faq_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("knowledge.support.urls")),
    path("", include("knowledge.reading.urls")),
    path("recherche/", faq_views.search_site, name="search_site"),
    path("faq/sans-reponse/", faq_views.missed, name="faq_missed"),
    path("faq/<slug:slug>/ouverte/", faq_views.opened, name="faq_opened"),
    path("faq/<slug:slug>/avis/", faq_views.FeedbackView.as_view(), name="faq_feedback"),
]
