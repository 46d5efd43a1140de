"""« Suivi de la FAQ » in the back office: what was searched in vain, what readers say, imports."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from wagtail.admin import messages
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import CreateView

from knowledge import faq_import
from knowledge.models import FaqFile, FaqQuestion, FaqVote, MissedSearch
from knowledge.models.faq_use import WORDS_LENGTH
from knowledge.ranking import DAYS_OF_USE
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.ui.errors import DomainError
from portal.ui.viewsets import PagesViewSet

SHOWN = 50  # rows of a page
COMMENTS = 100
LINES = 500
NAME = "faq_suivi"
TITLE = "Suivi de la FAQ"


class NewQuestionView(CreateView):
    """A new question; ``?mots=`` fills in the words that found nothing."""

    def get_initial_form_instance(self) -> FaqQuestion:
        """Put the words where the search will find them."""
        made: FaqQuestion = super().get_initial_form_instance() or FaqQuestion()
        made.keywords = self.request.GET.get("mots", "")[:WORDS_LENGTH]
        return made


class UploadForm(forms.Form):
    """A file of questions."""

    use_required_attribute = False

    file = forms.FileField(
        label="Fichier CSV ou Excel (XLSX)",
        help_text="Colonnes\u00a0: theme, question, reponse, et si vous voulez mots. Une liste "
        "commence par «\u00a0-\u00a0», le gras s’écrit **ainsi**, un lien [ainsi](/faq/).",
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )


class FollowPage(StaffPage):
    """A page of the follow-up of the FAQ."""

    header_icon = "help"
    permission_required: str | None = "view"

    def get_parents(self) -> list[Parent]:
        """Stand below the list of searches, but for that list."""
        return [(f"{NAME}:index", [], TITLE)] if self.page_title != TITLE else []


class MissedView(FollowPage):
    """Searches that found no answer, the most frequent first."""

    page_title = TITLE
    template_name = "knowledge/gestion/missed.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of them."""
        page = Paginator(MissedSearch.objects.all(), SHOWN).get_page(request.GET.get("p"))
        return self.show(
            page_obj=page,
            may_write=request.user.has_perm("knowledge.add_faqquestion"),
            may_delete=request.user.has_perm("knowledge.delete_missedsearch"),
        )

    def post(self, request: StaffRequest) -> HttpResponse:
        """Take one out of the list; it comes back if somebody searches for it again."""
        if not request.user.has_perm("knowledge.delete_missedsearch"):
            return HttpResponse(status=403)
        one = request.POST.get("pk", "")
        gone, _ = MissedSearch.objects.filter(pk=int(one) if one.isdecimal() else 0).delete()
        if gone:
            messages.success(request, "La recherche est écartée.")
        return redirect(f"{NAME}:index")


class VotesView(FollowPage):
    """Each answer with what its readers say, those that help least first."""

    page_title = "Avis des lecteurs"
    template_name = "knowledge/gestion/votes.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of them, in a number of queries that is fixed."""
        questions: Any = (
            FaqQuestion.objects.annotate(
                yes=Count("votes", filter=Q(votes__useful=True)),
                no=Count("votes", filter=Q(votes__useful=False)),
            )
            .filter(Q(yes__gt=0) | Q(no__gt=0))
            .defer("search_text", "search_vector", "answer")
            .order_by("-no", "yes", "pk")
        )
        page = Paginator(questions, SHOWN).get_page(request.GET.get("p"))
        since = timezone.localdate() - dt.timedelta(days=DAYS_OF_USE)
        opened = dict(
            FaqQuestion.objects.filter(pk__in=[one.pk for one in page])
            .annotate(times=Coalesce(Sum("openings__count", filter=Q(openings__day__gt=since)), 0))
            .values_list("pk", "times")
        )
        for one in page:
            one.ratio = round(100 * one.yes / (one.yes + one.no))
            one.times = opened[one.pk]
        return self.show(page_obj=page, days=DAYS_OF_USE)


class CommentsView(FollowPage):
    """Why an answer helps, or not."""

    template_name = "knowledge/gestion/comments.html"

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        """Show the last ones."""
        question = get_object_or_404(FaqQuestion, pk=pk)
        self.page_title = question.question
        votes = FaqVote.objects.filter(question=question).order_by("-at", "-pk")
        said = [one for one in votes[: 5 * COMMENTS] if one.why][:COMMENTS]
        return self.show(question=question, votes=said)

    def get_parents(self) -> list[Parent]:
        """Stand below what all the readers say."""
        return [*super().get_parents(), (f"{NAME}:votes", [], VotesView.page_title)]


class ImportPage(FollowPage):
    """Below « Importer des questions », for those who write them."""

    permission_required = "add"
    page_title = "Importer des questions"


class UploadView(ImportPage):
    """Send a file."""

    template_name = "knowledge/gestion/upload.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form and the last files."""
        return self.page(UploadForm())

    def post(self, request: StaffRequest) -> HttpResponse:
        """Read it, and go to what it would do."""
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = faq_import.upload(by=request.user, name=file.name, file=file)
            except DomainError as error:
                form.add_error("file", error.message)
            else:
                return redirect(f"{NAME}:report", kept.uuid)
        return self.page(form, status=422)

    def page(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        """Draw the form."""
        files = FaqFile.objects.defer("content", "report").select_related("by")[:10]
        return self.show(form=form, files=files, status=status)


class ReportView(ImportPage):
    """What a file would do; a POST does it. What it did, afterwards."""

    template_name = "knowledge/gestion/report.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the report."""
        return self.page(get_object_or_404(FaqFile, uuid=uuid))

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Write the drafts."""
        file = get_object_or_404(FaqFile, uuid=uuid)
        try:
            faq_import.commit(by=request.user, file=file)
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(file, status=422)
        messages.success(
            request, "Les brouillons sont écrits\u00a0: relisez-les, puis soumettez-les."
        )
        return redirect(f"{NAME}:report", uuid)

    def page(self, file: FaqFile, *, status: int = 200) -> HttpResponse:
        """Draw the report, what needs a look first."""
        made = faq_import.report(file)
        rank = list(faq_import.Outcome)[::-1]
        lines = sorted(made.lines, key=lambda one: rank.index(one.outcome))
        return self.show(
            file=file,
            counts=made.counts,
            new=len(made.new),
            lines=lines[:LINES],
            hidden=max(0, len(lines) - LINES),
            status=status,
        )

    def get_parents(self) -> list[Parent]:
        """Stand below the form."""
        return [(f"{NAME}:index", [], TITLE), (f"{NAME}:upload", [], self.page_title)]

    def get_page_title(self) -> str:
        """Name the page after what it tells."""
        return "Rapport"


class FollowViewSet(PagesViewSet):
    """« Suivi de la FAQ »."""

    model = FaqVote
    name = NAME
    url_prefix = "faq/suivi"
    icon = "help"
    menu_label = TITLE
    add_to_admin_menu = False  # It stands in « Ressources ».

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/faq/suivi/``."""
        view = self.construct_view
        writers = ModelPermissionPolicy(FaqQuestion)
        report = view(ReportView, permission_policy=writers)
        return [
            path("", view(MissedView), name="index"),
            path("avis/", view(VotesView), name="votes"),
            path("avis/<int:pk>/", view(CommentsView), name="comments"),
            path("importer/", view(UploadView, permission_policy=writers), name="upload"),
            path("importer/<uuid:uuid>/", report, name="report"),
        ]
