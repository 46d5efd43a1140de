"""Addresses of FORMATION, in MON COMPTE, and of the meetings open to all."""

from django.urls import URLPattern, path

from portal.training import views

app_name = "training"
MINE = "mon-compte/formation/"

urlpatterns: list[URLPattern] = [
    path(MINE, views.index, name="index"),
    path(f"{MINE}<uuid:uuid>/inscription/", views.register, name="register"),
    path(f"{MINE}inscriptions/<uuid:uuid>/annuler/", views.leave, name="leave"),
    path(f"{MINE}inscriptions/<uuid:uuid>/agenda/", views.calendar_file, name="calendar"),
    path(f"{MINE}inscriptions/<uuid:uuid>/attestation/", views.certificate, name="certificate"),
]
