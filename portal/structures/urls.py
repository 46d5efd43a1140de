"""Addresses of ÉQUIPE, in MON COMPTE."""

from django.urls import URLPattern

app_name = "structures"

urlpatterns: list[URLPattern] = []
