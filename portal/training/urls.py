"""Addresses of FORMATION, in MON COMPTE, and of the meetings open to all."""

from django.urls import URLPattern, path

from portal.training import public, views

app_name = "training"
MINE = "mon-compte/formation/"
OPEN = "rendez-vous/"

urlpatterns: list[URLPattern] = [
    path(MINE, views.index, name="index"),
    path(f"{MINE}<uuid:uuid>/inscription/", views.register, name="register"),
    path(f"{MINE}inscriptions/<uuid:uuid>/annuler/", views.leave, name="leave"),
    path(f"{MINE}inscriptions/<uuid:uuid>/agenda/", views.calendar_file, name="calendar"),
    path(f"{MINE}inscriptions/<uuid:uuid>/attestation/", views.certificate, name="certificate"),
    path(OPEN, public.meetings, name="meetings"),
    path(f"{OPEN}<uuid:uuid>/", public.meeting, name="meeting"),
    path(f"{OPEN}inscription/<str:token>/", public.visitor, name="visitor"),
    path(f"{OPEN}inscription/<str:token>/agenda/", public.visitor_calendar, name="visitor_file"),
]
