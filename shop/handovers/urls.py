"""Addresses of the carnet de remise, in MON COMPTE."""

from django.urls import URLPattern, path

from shop.handovers.views import book, note, report

app_name = "handovers"

urlpatterns: list[URLPattern] = [
    path("", book.book, name="book"),
    path("chercher/", book.search, name="search"),
    path("noter/", note.note_together, name="note_together"),
    path("rapport/", report.report, name="report"),
    path("rapport/exporter/", report.export, name="export"),
    path("<uuid:uuid>/", note.note, name="note"),
    path("<uuid:uuid>/retirer/", note.remove, name="remove"),
]
