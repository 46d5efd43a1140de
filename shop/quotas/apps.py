from django.apps import AppConfig


class QuotasConfig(AppConfig):
    name = "shop.quotas"
    label = "quotas"
    verbose_name = "Dotations gratuites"

    def ready(self) -> None:
        """Listen to the avenants that référents validate."""
        import shop.quotas.amendments  # noqa: F401, PLC0415  (models are needed)
