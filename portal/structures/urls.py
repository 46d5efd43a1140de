"""Addresses of ÉQUIPE, in MON COMPTE."""

from django.urls import URLPattern, path

from portal.structures import views

app_name = "structures"

urlpatterns: list[URLPattern] = [
    path("", views.team_list, name="team"),
    path("inviter/", views.invite, name="invite"),
    path("<uuid:uuid>/referent/", views.hand_over_lead, name="hand_over_lead"),
    path("<uuid:uuid>/desactiver/", views.deactivate, name="deactivate"),
    path("<uuid:uuid>/reactiver/", views.reactivate, name="reactivate"),
    path("<uuid:uuid>/relancer/", views.invite_again, name="invite_again"),
]
