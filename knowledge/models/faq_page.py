"""FAQ: the questions by theme, the search, and one page for each answer."""

from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db import models
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from knowledge import search
from knowledge.models.faq import FaqQuestion, FaqTheme

SHOWN_BY_THEME = 10  # questions of each theme on the first screen
SHOWN_A_PAGE = 30  # questions of one theme, or results


class FaqPage(Page):
    """FOIRE AUX QUESTIONS. ``/faq/<slug>/`` is one answer, with an address to pass on."""

    introduction = models.TextField("introduction", max_length=400, blank=True)

    template = "knowledge/faq.html"
    max_count = 1
    parent_page_types = ["pages.HomePage"]
    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = "page FAQ"

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Serve ``/faq/<slug>/``.

        Raises:
            Http404: no published question has that slug.
        """
        if len(path_components) != 1 or not self.live:
            return super().route(request, path_components)
        questions = FaqQuestion.objects.live().filter(theme__live=True).select_related("theme")
        question = get_object_or_404(questions, slug=path_components[0])
        return RouteResult(self, kwargs={"question": question})

    def serve(
        self, request: HttpRequest, *args: Any, question: FaqQuestion | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Draw the whole page, or what htmx asked for as one types."""
        response: HttpResponse = super().serve(request, *args, question=question, **kwargs)
        # One address, two answers: a browser must not show the part for the whole.
        response.headers["Vary"] = "HX-Request"
        return response

    def get_template(
        self,
        request: HttpRequest,
        *args: Any,
        question: FaqQuestion | None = None,
        **kwargs: Any,
    ) -> str:
        """Choose the template of an answer, of the results alone or of the page."""
        if question is not None:
            return "knowledge/faq_answer.html"
        htmx = getattr(request, "htmx", None)
        if htmx and not htmx.history_restore_request:
            return "knowledge/faq_results.html"
        return str(self.template)

    def get_context(
        self,
        request: HttpRequest,
        *args: Any,
        question: FaqQuestion | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Add an answer, the results of ``?q=``, the theme of ``?theme=`` or all the themes."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        text = search.clean(request.GET.get("q", ""))
        context["query"] = text
        if question is not None:
            context |= self._answer_context(question)
        elif text:
            context["results"] = search.find(text, limit=SHOWN_A_PAGE)
            if not context["results"] and not getattr(request, "htmx", False):
                self._count_miss(request, text)
        else:
            context |= self._themes_context(request)
        return context

    def _count_miss(self, request: HttpRequest, text: str) -> None:
        from knowledge import faq_use  # noqa: PLC0415  (it imports the models)

        faq_use.count_miss(request, text)

    def _answer_context(self, question: FaqQuestion) -> dict[str, Any]:
        near = FaqQuestion.objects.live().filter(theme=question.theme).exclude(pk=question.pk)
        return {"question": question, "near": near[:5]}

    def _themes_context(self, request: HttpRequest) -> dict[str, Any]:
        themes = list(
            FaqTheme.objects.live()
            .annotate(size=Count("questions", filter=Q(questions__live=True)))
            .filter(size__gt=0)
            .order_by("position", "pk")  # a grouped query forgets the model's order
        )
        chosen = request.GET.get("theme", "")
        if not chosen:
            return {"themes": themes, "sections": self._sections(themes)}
        theme = next((one for one in themes if one.slug == chosen), None)
        if theme is None:
            raise Http404("No such theme.")
        questions = FaqQuestion.objects.live().filter(theme=theme)
        try:
            page = Paginator(questions, SHOWN_A_PAGE).page(request.GET.get("page", 1))
        except InvalidPage as error:
            raise Http404("No such page of this theme.") from error
        sections = [{"theme": theme, "questions": list(page)}]
        return {"themes": themes, "theme": theme, "sections": sections, "page_obj": page}

    def _sections(self, themes: list[FaqTheme]) -> list[dict[str, Any]]:
        """Return the first questions of each theme, in one query however many there are."""
        ranked = (
            FaqQuestion.objects.live()
            .filter(theme__in=themes)
            .annotate(
                rank=Window(
                    RowNumber(),
                    partition_by="theme",
                    order_by=(F("position").asc(), F("pk").asc()),
                )
            )
            .filter(rank__lte=SHOWN_BY_THEME)
            .defer("search_text", "search_vector")
        )
        by_theme: dict[int, list[FaqQuestion]] = {theme.pk: [] for theme in themes}
        for question in ranked.order_by("theme__position", "rank"):
            by_theme[question.theme_id].append(question)
        return [
            {
                "theme": theme,
                "questions": by_theme[theme.pk],
                "more": theme.size - len(by_theme[theme.pk]),
            }
            for theme in themes
        ]
