from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Messages"

    def ready(self) -> None:
        # Each app registers what it delivers in its own `handlers.py`.
        autodiscover_modules("handlers")
