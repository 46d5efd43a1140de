"""Addresses of the pages of MON COMPTE."""

from django.urls import URLPattern

app_name = "handovers"

urlpatterns: list[URLPattern] = []
