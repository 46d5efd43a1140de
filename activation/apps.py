from django.apps import AppConfig


class ActivationConfig(AppConfig):
    name = "activation"
    label = "activation"
    verbose_name = "Activation SIM"
