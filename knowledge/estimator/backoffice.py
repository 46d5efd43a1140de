"""The usages in the back office, moderated; `knowledge.wagtail_hooks` puts them in its menu."""

from wagtail.admin.ui.tables import LiveStatusTagColumn
from wagtail.snippets.views.snippets import SnippetViewSet

from knowledge.estimator.models import DataUsage


class DataUsageViewSet(SnippetViewSet):
    model = DataUsage
    icon = "desktop"
    menu_label = "Usages d’internet"
    url_prefix = "estimateur/usages"
    copy_view_enabled = False
    list_display = [
        "name",
        "megabytes",
        "unit",
        "get_period_display",
        "position",
        LiveStatusTagColumn(),
    ]
    list_filter = ["period", "live"]
