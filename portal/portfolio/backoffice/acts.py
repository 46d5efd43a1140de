"""What a référent does on a structure's page: each a form, one service, and back."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.accounts.models import User
from portal.accounts.services import renew_invitation
from portal.portfolio import services
from portal.portfolio.backoffice.base import PortfolioPage, find
from portal.portfolio.backoffice.detail import StructurePage, moves
from portal.portfolio.forms import FactsForm, MemberForm, NoteForm
from portal.structures import lifecycle
from portal.structures.models import Membership, Structure
from portal.ui.errors import DomainError


class FactsView(PortfolioPage):
    """Change what is known of a structure."""

    template_name = "portfolio/gestion/form.html"
    page_title = "Modifier la fiche"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the form."""
        self.structure = find(uuid)
        return self.show(form=FactsForm(instance=self.structure), button="Enregistrer")

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Save it, or show what is wrong beside what was typed."""
        self.structure = found = find(uuid)
        # The form writes into its instance while it is validated: it gets its own.
        form = FactsForm(request.POST, instance=find(uuid))
        if not form.is_valid():
            return self.show(form=form, button="Enregistrer", status=422)
        services.change_facts(by=request.user, structure=found, values=form.cleaned_data)
        messages.success(request, "La fiche est enregistrée.")
        return redirect("portefeuille:detail", uuid)


class NoteView(StructurePage):
    """Write a note."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the structure."""
        return redirect("portefeuille:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Keep it, or show the page with what is wrong."""
        structure, form = find(uuid), NoteForm(request.POST)
        if not form.is_valid():
            return self.page(structure, note=form)
        services.write_note(by=request.user, structure=structure, text=form.cleaned_data["text"])
        messages.success(request, "La note est enregistrée.")
        return redirect("portefeuille:detail", uuid)


class MemberView(StructurePage):
    """Invite somebody."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the structure."""
        return redirect("portefeuille:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Invite them, or show the page with what is wrong."""
        structure, form = find(uuid), MemberForm(request.POST)
        if form.is_valid():
            try:
                services.invite(by=request.user, structure=structure, **form.cleaned_data)
            except DomainError as error:
                form.add_error("email", error.message)
        if not form.is_valid():
            return self.page(structure, member=form)
        messages.success(request, "L’invitation est partie par e-mail.")
        return redirect("portefeuille:detail", uuid)


class ActView(PortfolioPage):
    """One button of the structure's page, by its name in the address."""

    acts = {"etat": "change_state", "referent": "entrust", "lead": "appoint", "inviter": "remind"}

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the structure."""
        find(uuid)
        return redirect("portefeuille:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Act, or say why not."""
        structure = find(uuid)
        act = self.acts.get(name)
        try:
            said = getattr(self, act)(structure, request.POST) if act else ""
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if said:
                messages.success(request, said)
        return redirect("portefeuille:detail", uuid)

    def change_state(self, structure: Structure, typed: Any) -> str:
        """Suspend, reactivate or close, with the reason given."""
        to = typed.get("to", "")
        if to not in {move["to"] for move in moves(structure)}:
            raise services.PortfolioRefused(
                "La structure a changé d’état entre-temps\u00a0: relisez sa fiche."
            )
        reason = typed.get("reason", "")
        row = lifecycle.move(by=self.request.user, structure=structure, to=to, reason=reason)
        return f"La structure est maintenant «\u00a0{row.get_state_display().lower()}\u00a0»."

    def entrust(self, structure: Structure, typed: Any) -> str:
        """Give the structure to another référent."""
        to = chosen(typed.get("to", ""))
        services.reassign(by=self.request.user, to=to, structures=[structure])
        return f"La structure est confiée à {to}."

    def appoint(self, structure: Structure, typed: Any) -> str:
        """Make a member the lead."""
        member = member_of(structure, typed.get("member", ""))
        services.appoint_lead(by=self.request.user, member=member, reason=typed.get("reason", ""))
        return f"{member.user} est maintenant référent de la structure."

    def remind(self, structure: Structure, typed: Any) -> str:
        """Send a new one-time link to a member who has not used theirs."""
        member = member_of(structure, typed.get("member", ""))
        renew_invitation(by=self.request.user, user=member.user)
        return "Un nouveau lien est parti par e-mail ; l’ancien ne sert plus.".replace(
            " ;", "\u00a0;"
        )


def chosen(text: str) -> User:
    """Return the référent of a public identifier.

    Raises:
        services.PortfolioRefused: nobody has it.
    """
    for one in services.referents():
        if str(one.uuid) == text:
            return one
    raise services.PortfolioRefused("Choisissez un référent d’Emmaüs Connect.")


def member_of(structure: Structure, text: str) -> Membership:
    """Return the active membership of a person's public identifier, or a 404."""
    members = Membership.objects.filter(structure=structure, is_active=True)
    uuids = {str(one.user.uuid): one for one in members.select_related("user")}
    return uuids.get(text) or get_object_or_404(members, pk=0)
