"""Addresses of CONVENTION, in MON COMPTE."""

from django.urls import URLPattern, path

from portal.structures.agreements import views

app_name = "agreements"

urlpatterns: list[URLPattern] = [
    path("", views.mine, name="mine"),
    path("documents/<uuid:uuid>/", views.download, name="download"),
    path(
        "<uuid:uuid>/renvoyer/",
        views.send_back,
        {"kind": "convention"},
        name="send_back_convention",
    ),
    path(
        "avenants/<uuid:uuid>/renvoyer/",
        views.send_back,
        {"kind": "avenant"},
        name="send_back_avenant",
    ),
]
