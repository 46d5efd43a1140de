"""A request's page: its thread, and what the team can do."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.permissions import page_permission_policy

from knowledge.models import FaqQuestion
from knowledge.support import faq, team, waiting
from knowledge.support.backoffice.forms import AnswerForm, AssignForm, CannedForm, NoteForm
from knowledge.support.backoffice.inbox import ICON, TITLE, address, named
from knowledge.support.files import as_attachment
from knowledge.support.models import SupportAttachment, SupportMessage, SupportRequest
from knowledge.support.states import State
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.accounts.models import User
from portal.structures import about
from portal.ui.errors import DomainError

#: What opens Wagtail's editor (`portal.pages.middleware`).
_EDITORIAL = {"add", "change", "publish"}


class RequestPage(StaffPage):
    """What the pages about one request share."""

    any_permission_required: Any = ("view",)
    template_name = "knowledge/support/gestion/request.html"
    header_icon = ICON
    parents: tuple[Parent, ...] = (("support_requests:index", [], TITLE),)

    def page(
        self, found: SupportRequest, *, status: int = 200, **forms_shown: forms.Form
    ) -> HttpResponse:
        """Draw the page, with the forms that were refused."""
        self.page_title = named(found)
        me, state = self.request.user, State(found.state)
        context: dict[str, Any] = {
            "answer_form": AnswerForm(auto_id="id_answer_%s"),
            "canned_form": CannedForm(),
            "note_form": NoteForm(auto_id="id_note_%s"),
            "assign_form": AssignForm(initial={"to": _uuid_of(found.assigned_to)}),
        }
        return self.show(
            status=status,
            **(context | forms_shown),
            one=found,
            thread=found.messages.select_related("by", "faq_question").prefetch_related("files"),
            events=found.events.select_related("by", "assigned_to"),
            thing=about.resolve(found.about_kind, found.about_uuid, structure=found.structure_id),
            waits=waiting.in_words(found),
            late=waiting.is_late(found),
            may_answer=self.user_has_permission("answer") and not found.anonymised_at,
            is_new=state == State.NEW,
            is_mine=state == State.IN_PROGRESS and found.assigned_to_id == me.pk,
            in_progress=state == State.IN_PROGRESS,
            solved=state == State.SOLVED,
            opens_faq=_may_edit(me),
        )


class DetailView(RequestPage):
    """Read a request."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(find(uuid))


class ActionView(RequestPage):
    """Do one of the things that the page offers."""

    permission_required = "answer"

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the request."""
        return redirect("support_requests:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Do it, or show its form again with what is wrong."""
        action: Callable[[SupportRequest], HttpResponse] | None = {
            "repondre": self.answer,
            "noter": self.note,
            "confier": self.assign,
            "faq": self.draft,
        }.get(name)
        simple = _SIMPLE.get(name)
        if action is None and simple is None:
            raise Http404
        found = find(uuid)
        try:
            if action is not None:
                return action(found)
            service, done = _SIMPLE[name]
            service(by=request.user, request=found)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(address(found))
        return self.done(found, done)

    def answer(self, found: SupportRequest) -> HttpResponse:
        """Send an answer, or put a ready text into it."""
        post = self.request.POST
        if "insert" in post:
            return self.insert(found)
        form = AnswerForm(post, self.request.FILES, auto_id="id_answer_%s")
        if not form.is_valid():
            return self.page(found, status=422, answer_form=form)
        data = dict(form.cleaned_data)
        files = data.pop("attached")
        team.answer(by=self.request.user, request=found, files=files, **data)
        return self.done(found, "Réponse envoyée\u00a0: la structure est prévenue par e-mail.")

    def insert(self, found: SupportRequest) -> HttpResponse:
        """Show what was typed with the chosen text below it; nothing is sent."""
        post = self.request.POST
        canned = CannedForm(post)
        chosen = canned.cleaned_data["canned"] if canned.is_valid() else None
        parts = [post.get("body", "").strip(), chosen.body if chosen else ""]
        initial = {
            "body": "\n\n".join(part for part in parts if part),
            "solves": "solves" in post,
        }
        form = AnswerForm(initial=initial, auto_id="id_answer_%s")
        return self.page(found, status=200 if chosen else 422, answer_form=form, canned_form=canned)

    def note(self, found: SupportRequest) -> HttpResponse:
        """Write a note."""
        form = NoteForm(self.request.POST, auto_id="id_note_%s")
        if not form.is_valid():
            return self.page(found, status=422, note_form=form)
        team.note(by=self.request.user, request=found, **form.cleaned_data)
        return self.done(found, "Note enregistrée.")

    def assign(self, found: SupportRequest) -> HttpResponse:
        """Hand it to somebody."""
        form = AssignForm(self.request.POST)
        if not form.is_valid():
            return self.page(found, status=422, assign_form=form)
        team.assign(by=self.request.user, request=found, to=form.cleaned_data["to"])
        return self.done(found, "La demande est confiée.")

    def draft(self, found: SupportRequest) -> HttpResponse:
        """Make a draft of the FAQ of an answer."""
        pk = self.request.POST.get("message", "")
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            raise Http404
        rows = SupportMessage.objects.filter(request=found).select_related("request")
        question = faq.draft(by=self.request.user, message=get_object_or_404(rows, pk=pk))
        if _may_edit(self.request.user):
            messages.success(self.request, "Brouillon créé. Relisez-le, puis soumettez-le.")
            return redirect(edit_address(question))
        return self.done(
            found, "Brouillon de FAQ créé\u00a0: les éditeurs le relisent avant de le publier."
        )

    def done(self, found: SupportRequest, sentence: str) -> HttpResponse:
        """Say it on the request's page."""
        messages.success(self.request, sentence)
        return redirect(address(found))


#: What needs no form: the service, and what is said once it is done.
_SIMPLE: dict[str, tuple[Callable[..., None], str]] = {
    "prendre": (team.take, "Vous suivez cette demande."),
    "remettre": (team.release, "La demande est remise parmi les nouvelles."),
    "resoudre": (team.solve, "Demande résolue\u00a0: la structure est prévenue par e-mail."),
    "rouvrir": (team.reopen, "La demande est rouverte."),
}


class FileView(StaffPage):
    """A file of any thread."""

    any_permission_required = ("view",)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Give the file."""
        rows = SupportAttachment.objects.select_related("message__request")
        return as_attachment(get_object_or_404(rows, uuid=uuid), by=request.user)


def find(uuid: UUID) -> SupportRequest:
    """Return a request with what its page shows."""
    rows = SupportRequest.objects.select_related("structure", "created_by", "assigned_to")
    return get_object_or_404(rows, uuid=uuid)


def edit_address(question: FaqQuestion) -> str:
    """Return where a question is written."""
    return reverse("wagtailsnippets_knowledge_faqquestion:edit", args=[question.pk])


def _may_edit(user: User) -> bool:
    """Return whether the editor of the FAQ opens to ``user``."""
    enters = page_permission_policy.user_has_any_permission(user, _EDITORIAL)
    return bool(enters) and user.has_perm("knowledge.change_faqquestion")


def _uuid_of(user: User | None) -> UUID | None:
    return user.uuid if user else None
