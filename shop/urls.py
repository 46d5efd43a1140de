"""Addresses of the shop and of what it keeps in MON COMPTE."""

from django.urls import URLPattern, URLResolver, path

from shop.ordering.views import account, basket, catalogue

app_name = "shop"

urlpatterns: list[URLPattern | URLResolver] = [
    path("offre-solidaire/", catalogue.catalogue, name="catalogue"),
    path("panier/", basket.basket, name="basket"),
    path("panier/ajouter/", basket.add, name="add"),
    path("panier/modifier/", basket.change, name="change"),
    path("panier/vider/", basket.empty, name="empty"),
    path("commande/", basket.confirm, name="confirm"),
    path("commande/<uuid:uuid>/", account.order, name="order"),
    path("mon-compte/", account.dashboard, name="dashboard"),
    path("mon-compte/commandes/", account.orders, name="orders"),
    path("mon-compte/recharges/", account.codes, name="codes"),
    path("mon-compte/recharges/<uuid:uuid>/", account.reveal, name="reveal"),
]
