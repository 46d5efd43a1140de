from django.apps import AppConfig


class RechargesConfig(AppConfig):
    name = "shop.recharges"
    label = "recharges"
    verbose_name = "Recharges"
