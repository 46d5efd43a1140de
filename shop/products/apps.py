from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "shop.products"
    label = "products"
    verbose_name = "Produits"
