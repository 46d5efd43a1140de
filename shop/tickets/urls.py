"""Addresses of the tickets, in MON COMPTE."""

from django.urls import URLPattern, path

from shop.tickets import views

app_name = "tickets"

urlpatterns: list[URLPattern] = [
    path("recharges/<uuid:uuid>/ticket/", views.ticket, name="ticket"),
    path("recharges/ticket-reglages/", views.settings, name="settings"),
]
