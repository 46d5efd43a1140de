"""What the FAQ is told by its readers, and the search of the whole site."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from knowledge import faq_use, search, site_search
from knowledge.models import FaqQuestion

NOTHING = 204  # HTTP: done, and nothing to show


def _published(slug: str) -> FaqQuestion:
    questions = FaqQuestion.objects.live().filter(theme__live=True).select_related("theme")
    question: FaqQuestion = get_object_or_404(
        questions.defer("search_text", "search_vector"), slug=slug
    )
    return question


# Without a token: the kept pages, which have none, send these two by themselves. Another site
# cannot: the session's cookie is SameSite=Lax, and without a session nothing is counted.
@csrf_exempt
@login_not_required
@require_POST
def opened(request: HttpRequest, slug: str) -> HttpResponse:
    """Count that an answer was opened."""
    faq_use.count_opening(request, _published(slug))
    return HttpResponse(status=NOTHING)


@csrf_exempt
@login_not_required
@require_POST
def missed(request: HttpRequest) -> HttpResponse:
    """Count a search that found nothing, once the person stopped typing."""
    text = search.clean(request.GET.get("q", ""))
    if not search.find(text, limit=1):
        faq_use.count_miss(request, text)
    return HttpResponse(status=NOTHING)


class WhyForm(forms.Form):
    """Why an answer helped, or not."""

    use_required_attribute = False

    why = forms.CharField(
        label="Pourquoi\u00a0?",
        max_length=500,
        required=False,
        strip=True,
        help_text="Ce qui manque, ce qui n’est pas clair. N’écrivez ni nom, ni numéro de téléphone "
        "ou de recharge. Votre réponse est effacée au bout d’un an.",
        widget=forms.Textarea({"rows": 3}),
    )


@method_decorator([login_not_required, never_cache], name="dispatch")
class FeedbackView(View):
    """« Cette réponse vous a-t-elle aidé ? »: a part of the answer's page, and a page of its own.

    The page of the answer is kept for everybody: this part, with its token, is asked for apart.
    """

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Ask."""
        return self.answer(request, _published(slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Keep yes or no, then why."""
        question = _published(slug)
        useful = {"yes": "yes", "no": "no"}.get(request.POST.get("useful", ""))
        form = WhyForm(request.POST)
        if useful is None or not form.is_valid():
            return self.answer(request, question, form=form, useful=useful, status=422)
        if not faq_use.may_vote(get_adapter().get_client_ip(request) or ""):
            return render(request, "429.html", status=429)
        why = form.cleaned_data["why"]
        faq_use.vote(request, question, useful=useful == "yes", why=why)
        if why and not _is_part(request):
            return redirect(f"/faq/{question.slug}/")
        return self.answer(
            request, question, form=WhyForm(), useful=useful, said=True, explained=bool(why)
        )

    def answer(
        self,
        request: HttpRequest,
        question: FaqQuestion,
        *,
        form: WhyForm | None = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """Draw the part or the page."""
        name = "feedback" if _is_part(request) else "feedback_page"
        context |= {"question": question, "form": form or WhyForm()}
        drawn = render(request, f"knowledge/faq_{name}.html", context, status=status)
        drawn.headers["Vary"] = "HX-Request"
        return drawn


def _is_part(request: HttpRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


@login_not_required
@never_cache
@require_safe
def search_site(request: HttpRequest) -> HttpResponse:
    """Show what the whole site has for ``?q=``, by kind."""
    text = search.clean(request.GET.get("q", ""))
    found = site_search.find(text, user=request.user) if text else None
    if found is not None and not found.count:
        faq_use.count_miss(request, text)
    context = {"query": text, "found": found}
    return render(request, "knowledge/search.html", context)
