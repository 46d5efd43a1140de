from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PagesConfig(AppConfig):
    name = "portal.pages"
    label = "pages"
    verbose_name = "Pages"

    def ready(self) -> None:
        from django.contrib.auth.decorators import login_not_required  # noqa: PLC0415
        from wagtail.documents.views import serve  # noqa: PLC0415

        from portal.pages import signals  # noqa: PLC0415

        signals.connect()
        autodiscover_modules("impact")  # the figures of the home page
        # Documents are public unless Wagtail's privacy says otherwise, like pages.
        login_not_required(serve.serve)
