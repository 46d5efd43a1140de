from django.apps import AppConfig


class ReadingConfig(AppConfig):
    name = "knowledge.reading"
    label = "reading"
    verbose_name = "Lecture des ressources"
