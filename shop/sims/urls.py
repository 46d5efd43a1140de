"""Addresses of the pages of MON COMPTE."""

from django.urls import URLPattern, path

from shop.sims.views import addresses, cards

app_name = "sims"

urlpatterns: list[URLPattern] = [
    path("cartes-sim/", cards.cards, name="cards"),
    path("cartes-sim/<uuid:uuid>/recue/", cards.receive, name="receive"),
    path("adresses/", addresses.index, name="addresses"),
    path("adresses/ajouter/", addresses.add, name="address_add"),
    path("adresses/<uuid:uuid>/", addresses.edit, name="address_edit"),
    path("adresses/<uuid:uuid>/par-defaut/", addresses.make_default, name="address_default"),
    path("adresses/<uuid:uuid>/retirer/", addresses.remove, name="address_remove"),
]
