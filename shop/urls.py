"""Addresses of the shop and of what it keeps in MON COMPTE."""

from django.urls import URLPattern, URLResolver, path

from shop.ordering.views import basket, catalogue, codes, dashboard, orders

app_name = "shop"

urlpatterns: list[URLPattern | URLResolver] = [
    path("offre-solidaire/", catalogue.catalogue, name="catalogue"),
    path("panier/", basket.basket, name="basket"),
    path("panier/ajouter/", basket.add, name="add"),
    path("panier/modifier/", basket.change, name="change"),
    path("panier/vider/", basket.empty, name="empty"),
    path("commande/", basket.confirm, name="confirm"),
    path("commande/<uuid:uuid>/", orders.order, name="order"),
    path("commande/<uuid:uuid>/numeros/", orders.reveal_all, name="reveal_all"),
    path("commande/<uuid:uuid>/annuler/", orders.cancel, name="cancel"),
    path("commande/<uuid:uuid>/recommander/", orders.again, name="again"),
    path("mon-compte/", dashboard.dashboard, name="dashboard"),
    path("mon-compte/commandes/", orders.orders, name="orders"),
    path("mon-compte/recharges/", codes.codes, name="codes"),
    path("mon-compte/recharges/<uuid:uuid>/", codes.reveal, name="reveal"),
    path("mon-compte/recharges/<uuid:uuid>/dicter/", codes.dictate, name="dictate"),
    path("mon-compte/recharges/<uuid:uuid>/signaler/", codes.report, name="report"),
]
