from django.apps import AppConfig


class SimsConfig(AppConfig):
    name = "shop.sims"
    label = "sims"
    verbose_name = "Cartes SIM"
