from django.apps import AppConfig


class CandidaturesConfig(AppConfig):
    name = "portal.candidatures"
    label = "candidatures"
    verbose_name = "Candidatures"
