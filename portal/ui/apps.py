"""App configuration of the design system."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Holds no model: only tags, form rendering and the style guide."""

    name = "portal.ui"
    label = "ui"
    verbose_name = "Interface"
