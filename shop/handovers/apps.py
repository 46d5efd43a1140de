from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

#: The domain rules' ceiling for what says who a person is.
CEILING = timedelta(days=731)


class HandoversConfig(AppConfig):
    name = "shop.handovers"
    label = "handovers"
    verbose_name = "Carnet de remise"

    def ready(self) -> None:
        """Refuse to start where references would be kept for ever, or not at all."""
        if not timedelta(days=31) <= settings.HANDOVER_REFERENCES_KEPT <= CEILING:
            raise ImproperlyConfigured(
                "HANDOVER_REFERENCES_KEPT_DAYS must be between 31 and 731 days."
            )
