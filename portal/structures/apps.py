from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class StructuresConfig(AppConfig):
    name = "portal.structures"
    label = "structures"
    verbose_name = "Structures"

    def ready(self) -> None:
        """Load what each app puts on the dashboard and on a structure's page, from its modules."""
        autodiscover_modules("desk", "file", "about")
        import portal.structures.agreements.desk  # noqa: F401, PLC0415  (models are needed)
