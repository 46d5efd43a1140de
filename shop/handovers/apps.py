from django.apps import AppConfig


class HandoversConfig(AppConfig):
    name = "shop.handovers"
    label = "handovers"
    verbose_name = "Carnet de remise"
