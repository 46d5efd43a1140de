"""Planning a session, its page, its attendance sheet, and what is done with it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.training import attendance, sessions
from portal.training.backoffice.base import TrainingPage, find
from portal.training.backoffice.forms import ReplayForm, SessionForm
from portal.training.models import Registration, TrainingSession
from portal.ui.errors import DomainError


class AddView(TrainingPage):
    """Plan a session."""

    permission_required = "add"
    template_name = "training/gestion/form.html"
    page_title = "Planifier une session"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form."""
        return self.show(form=SessionForm(), button="Planifier")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Keep it, or show what is wrong beside what was typed."""
        form = SessionForm(request.POST)
        if form.is_valid():
            try:
                made = sessions.plan(by=request.user, values=form.values)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, "La session est planifiée.")
                return redirect("formations:detail", made.uuid)
        return self.show(form=form, button="Planifier", status=422)


class EditView(TrainingPage):
    """Change a session."""

    template_name = "training/gestion/form.html"
    page_title = "Modifier la session"
    hint = (
        "Un changement de titre, de date, de lien, d’animateur ou de description part par e-mail "
        "à toutes les personnes inscrites, avec leur fichier d’agenda à jour."
    )

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the form."""
        self.session = find(uuid)
        form = SessionForm(session=self.session)
        return self.show(form=form, button="Enregistrer", hint=self.hint)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Save it, or show what is wrong beside what was typed."""
        self.session = found = find(uuid)
        form = SessionForm(request.POST, session=found)
        if form.is_valid():
            try:
                sessions.change(by=request.user, session=found, values=form.values)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, "La session est enregistrée.")
                return redirect("formations:detail", uuid)
        return self.show(form=form, button="Enregistrer", hint=self.hint, status=422)


class SessionPage(TrainingPage):
    """The page of a session."""

    template_name = "training/gestion/detail.html"

    def page(self, found: TrainingSession, *, replay: ReplayForm | None = None) -> HttpResponse:
        """Draw it, with the form that was refused."""
        self.session = found
        planned = found.state == TrainingSession.State.PLANNED
        return self.show(
            session=found,
            seated=found.registrations.seated().select_related("user"),
            waiting=found.registrations.waiting().select_related("user"),
            may_change=self.user_has_permission("change"),
            planned=planned,
            may_mark=found.state != TrainingSession.State.CANCELLED and found.has_begun,
            replay=replay or ReplayForm(initial={"link": found.replay_link}),
            status=422 if replay else 200,
        )

    def get_page_title(self) -> str:
        return self.session.title if self.session else ""


class DetailView(SessionPage):
    """Read a session."""

    permission_required = "view"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(find(uuid))


class SheetView(TrainingPage):
    """The sheet to print and sign."""

    permission_required = "view"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the names, by name."""
        session = find(uuid)
        seated = session.registrations.seated().select_related("user")
        rows = sorted(seated, key=lambda one: _by_name(one))
        return render(request, "training/gestion/sheet.html", {"session": session, "rows": rows})


def _by_name(one: Registration) -> str:
    return f"{one.user.last_name} {one.user.first_name}".lower() if one.user else one.name.lower()


class ActView(SessionPage):
    """Do one of the things that the page offers."""

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the session."""
        return redirect("formations:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Run the act, or say why not."""
        acts = {"presence": self.mark, "annuler": self.cancel, "rediffusion": self.replay}
        act = acts.get(name)
        if act is None:
            raise Http404
        found = find(uuid)
        try:
            return act(found)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("formations:detail", uuid)

    def mark(self, found: TrainingSession) -> HttpResponse:
        """Keep who was there."""
        present = {_uuid(typed) for typed in self.request.POST.getlist("present")}
        reason = self.request.POST.get("reason", "")[:300]
        count = attendance.mark(by=self.request.user, session=found, present=present, reason=reason)
        people = "1 personne présente" if count == 1 else f"{count} personnes présentes"
        return self._done(found, f"La feuille de présence est enregistrée\u00a0: {people}.")

    def cancel(self, found: TrainingSession) -> HttpResponse:
        """Cancel the session."""
        reason = self.request.POST.get("reason", "")[:300]
        sessions.cancel(by=self.request.user, session=found, reason=reason)
        return self._done(found, "La session est annulée\u00a0: les e-mails partent.")

    def replay(self, found: TrainingSession) -> HttpResponse:
        """Keep where the recording is."""
        form = ReplayForm(self.request.POST)
        if not form.is_valid():
            return self.page(found, replay=form)
        link = form.cleaned_data["link"]
        sessions.set_replay(by=self.request.user, session=found, link=link)
        return self._done(found, "Le lien de la rediffusion est enregistré.")

    def _done(self, found: TrainingSession, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return redirect(reverse("formations:detail", args=[found.uuid]))


def _uuid(typed: Any) -> UUID:
    """Return what a tick box sent.

    Raises:
        Http404: it did not come from one.
    """
    try:
        return UUID(typed)
    except ValueError as error:
        raise Http404 from error
