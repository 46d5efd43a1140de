"""Addresses of the style guide; only local settings include them."""

from django.urls import path

from portal.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.guide, name="styleguide"),
    path("erreur/<slug:name>/", views.error_page, name="error_page"),
    path("courriel/", views.email, name="email"),
]
