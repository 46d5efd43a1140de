from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class StructuresConfig(AppConfig):
    name = "portal.structures"
    label = "structures"
    verbose_name = "Structures"

    def ready(self) -> None:
        """Load what each app puts on the dashboard, from its own ``desk`` module."""
        autodiscover_modules("desk")
