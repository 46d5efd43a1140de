from django.apps import AppConfig

from portal.telecom import numbers


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    label = "knowledge"
    verbose_name = "Ressources"

    def ready(self) -> None:
        """Lend the list of useful numbers to those who print it; follow what is published."""
        from knowledge import site_index  # noqa: PLC0415  (models load after apps)
        from knowledge.models import UsefulNumber  # noqa: PLC0415

        numbers.register(UsefulNumber.for_beneficiaries)
        site_index.connect()
