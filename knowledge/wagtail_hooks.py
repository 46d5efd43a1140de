"""« Ressources » in the back office: the FAQ and the useful numbers, moderated."""

from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from knowledge.estimator.backoffice import DataUsageViewSet
from knowledge.faq_backoffice import FollowViewSet, NewQuestionView
from knowledge.models import FaqQuestion, FaqTheme, UsefulNumber


class FaqQuestionFilter(WagtailFilterSet):
    class Meta:
        model = FaqQuestion
        fields = ["theme", "live"]


class FaqQuestionViewSet(SnippetViewSet):
    model = FaqQuestion
    add_view_class = NewQuestionView
    icon = "help"
    menu_label = "FAQ"
    url_prefix = "faq/questions"
    copy_view_enabled = False
    list_display = ["question", "theme", "position", LiveStatusTagColumn()]
    list_per_page = 50
    filterset_class = FaqQuestionFilter
    ordering = ("theme__position", "position", "pk")
    # Rows only: the texts hold no index of Wagtail's, the site's own search does better.
    search_fields = ["question", "keywords"]


class FaqThemeViewSet(SnippetViewSet):
    model = FaqTheme
    icon = "list-ul"
    menu_label = "Thèmes de la FAQ"
    url_prefix = "faq/themes"
    copy_view_enabled = False
    list_display = ["name", "position", LiveStatusTagColumn()]


class UsefulNumberViewSet(SnippetViewSet):
    model = UsefulNumber
    icon = "mobile-alt"
    menu_label = "Numéros utiles"
    url_prefix = "numeros-utiles"
    copy_view_enabled = False
    list_display = ["number", "label", "provider", "position", LiveStatusTagColumn()]
    list_filter = ["provider", "live"]


class KnowledgeGroup(SnippetViewSetGroup):
    menu_label = "Ressources"
    menu_icon = "openquote"
    menu_order = 150
    items = (
        FaqQuestionViewSet,
        FaqThemeViewSet,
        FollowViewSet,
        UsefulNumberViewSet,
        DataUsageViewSet,
    )


register_snippet(KnowledgeGroup)
