from django.apps import AppConfig


class SimsConfig(AppConfig):
    name = "shop.sims"
    label = "sims"
    verbose_name = "Cartes SIM"

    def ready(self) -> None:
        from portal.structures import cards  # noqa: PLC0415  (models are loaded only now)
        from shop.sims import port  # noqa: PLC0415

        cards.deliveries.register(port)
