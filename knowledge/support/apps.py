from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "knowledge.support"
    label = "support"
    verbose_name = "Assistance"
