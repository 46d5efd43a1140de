from django.apps import AppConfig


class ActivationConfig(AppConfig):
    name = "activation"
    label = "activation"
    verbose_name = "Activation SIM"

    def ready(self) -> None:
        from activation import cards as provider  # noqa: PLC0415  (models are loaded only now)
        from portal.structures import cards  # noqa: PLC0415

        cards.activations.register(provider)
