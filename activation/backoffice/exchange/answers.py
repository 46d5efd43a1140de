"""Answers: a file is read, shown line by line, then applied."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from wagtail.admin import messages

from activation.backoffice.exchange.batches import TITLE, ExchangePage
from activation.exchange import imports
from activation.exchange.answers import Outcome, Verdict
from activation.exchange.reading import MAX_BYTES, Line
from activation.models import AnswerSheet, ExchangeFormat
from activation.sheets.uploads import MemoryHandler
from portal.accounts.backoffice import Parent, StaffRequest
from portal.sheets import writing
from portal.ui.errors import DomainError

#: Lines named on the page; the report has them all.
SHOWN = 200
_TOO_BIG = (
    f"Ce fichier dépasse {MAX_BYTES // 1_000_000}\u00a0Mo. Coupez-le en plusieurs fichiers. Rien "
    "n’a été gardé."
)
_HEADER = ("Ligne", "Demande", "Résultat", "Explication")


class AnswersForm(forms.Form):
    """The file alone."""

    file = forms.FileField(
        label="Fichier CSV ou XLSX",
        help_text="20\u00a0000\u00a0lignes au plus, avec une ligne de titres.",
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,text/csv"}),
        allow_empty_file=True,  # the reading says it better
        error_messages={"required": "Choisissez le fichier que SFR vous a renvoyé."},
    )


def in_memory(view: Any) -> Any:
    """Read a body with a handler that keeps it off the disk; the view checks its token itself."""

    def upload(request: HttpRequest, **chosen: Any) -> HttpResponseBase:
        request.upload_handlers = [MemoryHandler(MAX_BYTES)]
        answer: HttpResponseBase = view(request, **chosen)
        return answer

    return csrf_exempt(upload)


@method_decorator(csrf_protect, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class UploadView(ExchangePage):
    """Ask for a file of answers."""

    template_name = "activation/gestion/exchange/upload.html"
    page_title = "Importer les réponses"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form, and the files of one's own that wait."""
        return self.page(AnswersForm())

    @method_decorator(sensitive_variables())
    def post(self, request: StaffRequest) -> HttpResponse:
        """Read the file and lead to its preview."""
        form = AnswersForm(request.POST, request.FILES)
        (handler,) = request.upload_handlers
        if isinstance(handler, MemoryHandler) and handler.too_big:
            form.errors.clear()
            form.add_error("file", _TOO_BIG)
            return self.page(form, status=413)
        if form.is_valid():
            try:
                sheet = imports.deposit(form.cleaned_data["file"], by=request.user)
            except DomainError as error:
                form.add_error("file", error.message)
            else:
                return redirect("sfr:sheet", sheet.uuid)
        return self.page(form, status=422)

    def page(self, form: AnswersForm, *, status: int = 200) -> HttpResponse:
        """Draw the form."""
        layout = ExchangeFormat.load()
        return self.show(
            status=status,
            form=form,
            waiting=mine(self.request).filter(applied_at=None).defer("content"),
            headings=[str(one.heading) for one in layout.answer_columns.all()],
            words=[str(one.word) for one in layout.answer_words.all()],
        )


class SheetPage(ExchangePage):
    """A page of a file of one's own."""

    parents: Sequence[Parent] = (
        ("sfr:index", [], TITLE),
        ("sfr:answers", [], "Importer les réponses"),
    )
    page_title = "Aperçu des réponses"

    def find(self, identifier: uuid.UUID) -> AnswerSheet:
        """Return the file."""
        return get_object_or_404(mine(self.request), uuid=identifier)


class SheetView(SheetPage):
    """What a file would change, how far its applying is, or what it did."""

    template_name = "activation/gestion/exchange/sheet.html"

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Show the file as it stands."""
        sheet = self.find(identifier)
        if sheet.applied_at and request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        if sheet.applied_at or imports.is_begun(sheet):
            if request.headers.get("HX-Request"):
                self.template_name = "activation/gestion/exchange/progress.html"
            self.page_title = "Réponses de SFR"
            return self.show(sheet=sheet, tally=labelled(sheet.counts))
        found = imports.preview(sheet)
        tally = imports.tally([verdict for _, verdict in found])
        left = [one for one in found if one[1].outcome is not Outcome.APPLIED]
        shown = (left + [one for one in found if one[1].outcome is Outcome.APPLIED])[:SHOWN]
        return self.show(
            sheet=sheet,
            tally=labelled(tally),
            applicable=tally[Outcome.APPLIED],
            left=len(left),
            lines=[(line.number, verdict) for line, verdict in shown],
            hidden=len(found) - len(shown),
        )

    def post(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Apply what is clear."""
        sheet = self.find(identifier)
        try:
            imports.begin(sheet)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("sfr:sheet", sheet.uuid)


class ReportView(SheetPage):
    """The whole preview as a file: numbers of lines, references and sentences, nobody's data."""

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponseBase:
        """Hand the report out."""
        sheet = self.find(identifier)
        found = imports.preview(sheet)
        rows = (_report_line(line, verdict) for line, verdict in found)
        return writing.respond(writing.CSV, name="reponses-sfr", header=_HEADER, rows=rows)


class DropView(SheetPage):
    """Give a file up."""

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Lead somebody who reloads back."""
        return redirect("sfr:answers")

    def post(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Delete a file that was not applied."""
        if imports.drop(self.find(identifier)):
            messages.success(request, "Le fichier est abandonné. Rien n’a été modifié.")
        return redirect("sfr:answers")


def mine(request: StaffRequest) -> QuerySet[AnswerSheet]:
    """Return the files that the visitor deposited."""
    return AnswerSheet.objects.filter(by=request.user).order_by("-pk")


def labelled(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """Return the outcomes in their order: name, label and count."""
    return [(one.value, str(one.label), counts.get(one.value, 0)) for one in Outcome]


def _report_line(line: Line, verdict: Verdict) -> list[writing.Cell]:
    reference = verdict.request.reference if verdict.request else ""
    return [line.number, reference, str(verdict.outcome.label), verdict.sentence]
