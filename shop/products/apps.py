from importlib import import_module

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "shop.products"
    label = "products"
    verbose_name = "Produits"

    def ready(self) -> None:
        """Tell future partners what is on offer."""
        import_module("shop.products.offer")
