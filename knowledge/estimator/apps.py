from django.apps import AppConfig


class EstimatorConfig(AppConfig):
    name = "knowledge.estimator"
    label = "estimator"
    verbose_name = "Estimer ma consommation"
