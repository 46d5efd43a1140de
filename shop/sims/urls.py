"""Addresses of the pages of MON COMPTE."""

from django.urls import URLPattern

app_name = "sims"

urlpatterns: list[URLPattern] = []
