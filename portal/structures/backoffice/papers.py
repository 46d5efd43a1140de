"""A convention or an avenant in the back office: its page, its buttons, its terms, its files."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.admin import messages

from portal.accounts.backoffice import Parent, StaffRequest
from portal.structures.agreements import documents, preparing
from portal.structures.agreements.moves import Paper, kind_of, structure_of
from portal.structures.agreements.views import as_attachment
from portal.structures.backoffice.actions import actions_of, offered
from portal.structures.backoffice.forms import AvenantForm, NewForm, TermsForm
from portal.structures.backoffice.frame import TITLE, AgreementPage
from portal.structures.models import (
    Agreement,
    AgreementDocument,
    Amendment,
    Kind,
    StructureEvent,
)
from portal.ui.errors import DomainError

_EDITABLE = {"draft", "in_force", "denounced", "validated"}


def find(kind: str, uuid: UUID) -> Paper:
    """Return a convention or an avenant with what its page shows, or a 404."""
    if kind == Kind.CONVENTION:
        rows: QuerySet[Any] = Agreement.objects.select_related("structure__account_manager")
    else:
        rows = Amendment.objects.select_related("agreement__structure__account_manager")
        rows = rows.prefetch_related("needs")
    found: Paper = get_object_or_404(rows.select_related("text", "countersigned_by"), uuid=uuid)
    return found


def address(paper: Paper) -> str:
    """Return where a paper's page is."""
    name = "detail" if isinstance(paper, Agreement) else "avenant"
    return reverse(f"conventions:{name}", args=[paper.uuid])


class PaperPage(AgreementPage):
    """What the pages of one paper share."""

    template_name = "structures/gestion/paper.html"
    kind = Kind.CONVENTION

    def load(self, uuid: UUID) -> Paper:
        """Read the paper, and place the page below it."""
        paper = find(self.kind, uuid)
        above: list[Parent] = [("conventions:index", [], TITLE)]
        self.page_title = structure_of(paper).name
        if isinstance(paper, Amendment):
            above.append(("conventions:detail", [paper.agreement.uuid], self.page_title))
            self.page_title = f"Avenant «\u00a0{paper.label}\u00a0»"
        self.parents = above
        return paper

    def page(
        self, paper: Paper, *, refused: str = "", form: forms.Form | None = None
    ) -> HttpResponse:
        """Draw the paper's page, with the form of the action that was refused."""
        may_change = self.user_has_permission("change")
        buttons = []
        for name, action in offered(paper) if may_change else []:
            shown = form if name == refused else None
            if shown is None and action.form_class:
                shown = action.form_class(auto_id=f"id_{name}_%s")
            if shown is not None and "reason" in shown.fields:  # several on one page
                shown.fields["reason"].label = f"Motif\u00a0: {action.button.lower()}"
            buttons.append({"name": name, "action": action, "form": shown})
        rows = StructureEvent.objects.filter(
            structure=structure_of(paper), subject=kind_of(paper), subject_id=str(paper.pk)
        )
        return self.show(
            status=422 if refused else 200,
            paper=paper,
            structure=structure_of(paper),
            is_convention=isinstance(paper, Agreement),
            avenants=list(paper.amendments.all()) if isinstance(paper, Agreement) else [],
            files=list(documents.of_paper(paper)),
            events=[(_word(paper, one.now), one) for one in rows.select_related("by")],
            buttons=buttons,
            action_url=f"conventions:{self.kind}_action",
            edit_url=f"conventions:{self.kind}_edit",
            may_change=may_change,
            may_edit=may_change and paper.state in _EDITABLE,
        )


def _word(paper: Paper, state: str) -> str:
    return str(type(paper).State(state).label)


class PaperView(PaperPage):
    """Read a paper."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(self.load(uuid))


class PaperActionView(PaperPage):
    """Do one of the things that the page offers."""

    any_permission_required = ("change",)

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the paper."""
        return redirect(address(find(self.kind, uuid)))

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Do it, or show its form again with what is wrong."""
        paper = self.load(uuid)
        action = actions_of(paper).get(name)
        if action is None:
            raise Http404
        form = None
        if action.form_class:
            form = action.form_class(request.POST, request.FILES, auto_id=f"id_{name}_%s")
            if not form.is_valid():
                return self.page(paper, refused=name, form=form)
        try:
            action.run(paper, request.user, form.cleaned_data if form else {})
        except DomainError as error:
            fresh = find(self.kind, uuid)
            if form is None or fresh.state not in action.states:
                messages.error(request, error.message)
                return redirect(address(fresh))
            form.add_error(next(iter(form.fields)), error.message)
            return self.page(fresh, refused=name, form=form)
        messages.success(request, action.done)
        return redirect(address(paper))


class AddView(AgreementPage):
    """Draft a convention by hand."""

    any_permission_required = ("add",)
    template_name = "structures/gestion/form.html"
    page_title = "Préparer une convention"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Ask for which structure."""
        wanted = request.GET.get("structure", "")
        initial = {"structure": wanted} if wanted.isdigit() else {}
        return self.show(form=NewForm(initial=initial), button="Préparer")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Draft it."""
        form = NewForm(request.POST)
        if form.is_valid():
            try:
                made = preparing.draft_agreement(by=request.user, **form.cleaned_data)
            except DomainError as error:
                form.add_error("structure", error.message)
            else:
                return redirect("conventions:convention_edit", made.uuid)
        return self.show(form=form, button="Préparer", status=422)


class TermsView(PaperPage):
    """Change a convention's terms."""

    any_permission_required = ("change",)
    template_name = "structures/gestion/form.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the terms."""
        paper = self.load(uuid)
        return self.show(form=self._form(paper), button="Enregistrer")

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Change them, or say what is wrong; what was typed stays."""
        paper = self.load(uuid)
        form = self._form(paper, request.POST)
        if form.is_valid():
            try:
                self._change(paper, form)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, "Les termes sont enregistrés.")
                return redirect(address(paper))
        return self.show(form=form, button="Enregistrer", status=422)

    def _form(self, paper: Any, data: Any = None) -> Any:
        return TermsForm(data, agreement=paper)

    def _change(self, paper: Any, form: Any) -> None:
        preparing.change_agreement(by=self.request.user, agreement=paper, **form.cleaned_data)


class AvenantTermsView(TermsView):
    """Change an avenant: its period, the needs asked and given."""

    kind = Kind.AVENANT
    template_name = "structures/gestion/avenant_form.html"

    def _form(self, paper: Any, data: Any = None) -> Any:
        return AvenantForm(data, amendment=paper)

    def _change(self, paper: Any, form: Any) -> None:
        preparing.change_amendment(
            by=self.request.user, amendment=paper, needs=form.needs(), **form.terms()
        )


class AddAvenantView(AgreementPage):
    """Draft an avenant under a convention."""

    any_permission_required = ("change",)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the convention."""
        return redirect(address(find(Kind.CONVENTION, uuid)))

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Draft it, and ask for its terms."""
        agreement = find(Kind.CONVENTION, uuid)
        try:
            made = preparing.draft_amendment(by=request.user, agreement=agreement)  # type: ignore[arg-type]
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(address(agreement))
        return redirect("conventions:avenant_edit", made.uuid)


class FileView(AgreementPage):
    """A file of any structure."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Give the file."""
        rows = AgreementDocument.objects.select_related("agreement", "amendment__agreement")
        return as_attachment(get_object_or_404(rows, uuid=uuid), by=request.user)
