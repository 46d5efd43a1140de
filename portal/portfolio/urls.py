"""Addresses."""

from django.urls import URLPattern, path

from portal.portfolio import views

app_name = "portfolio"

urlpatterns: list[URLPattern] = [path("points-accueil/", views.places, name="places")]
