"""Addresses of FACTURES, in MON COMPTE."""

from django.urls import URLPattern, path

from shop.billing.views import forecast, invoices

app_name = "billing"

urlpatterns: list[URLPattern] = [
    path("", invoices.invoices, name="invoices"),
    path("mois-en-cours/", forecast.forecast, name="forecast"),
    path("<uuid:uuid>/", invoices.invoice, name="invoice"),
    path("<uuid:uuid>/pdf/", invoices.pdf, name="pdf"),
    path("<uuid:uuid>/detail/", invoices.detail, name="csv"),
]
