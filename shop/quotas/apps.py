from django.apps import AppConfig


class QuotasConfig(AppConfig):
    name = "shop.quotas"
    label = "quotas"
    verbose_name = "Dotations gratuites"
