from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

#: A structure may still come back on the answer; the domain rules' ceiling for who a person is.
_LEAST, _MOST = timedelta(days=31), timedelta(days=731)


class CandidaturesConfig(AppConfig):
    name = "portal.candidatures"
    label = "candidatures"
    verbose_name = "Candidatures"

    def ready(self) -> None:
        """Refuse to start where closed candidatures would be kept for ever, or not at all."""
        if not _LEAST <= settings.CANDIDATURES_KEPT <= _MOST:
            raise ImproperlyConfigured("CANDIDATURES_KEPT_DAYS must be between 31 and 731 days.")
