"""What is done with many structures: the national export, a message, a whole portfolio."""

import uuid

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.accounts.models import User
from portal.portfolio import bulk, national, services
from portal.portfolio.backoffice.base import PortfolioPage
from portal.portfolio.forms import EntrustForm, MessageForm
from portal.portfolio.listing import StructureFilters
from portal.portfolio.search import found
from portal.structures.models import Structure
from portal.ui.errors import DomainError


def filtered(request: StaffRequest) -> QuerySet[Structure]:
    """Return the structures that the list shows for the same address; none where it is wrong."""
    filters = StructureFilters(request.GET, request=request)
    kept = Structure.objects.all()
    if not filters.is_valid():
        return kept.none()
    return found(filters.filter_queryset(kept), request.GET.get("q", "").replace("\0", ""))


class NationalView(PortfolioPage):
    """Download the places of the list in the national schema."""

    permission_required = None
    any_permission_required = ("view",)

    def get(self, request: StaffRequest) -> StreamingHttpResponse:
        """Send the file."""
        return national.respond(filtered(request))


class WriteView(PortfolioPage):
    """Write a message to the structures of the list: shown first, then sent."""

    template_name = "portfolio/gestion/write.html"
    page_title = "Écrire à des structures"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form."""
        return self.page(MessageForm(initial={"key": uuid.uuid4()}))

    def post(self, request: StaffRequest) -> HttpResponse:
        """Show how it reads and to how many, then send it."""
        form = MessageForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        if request.POST.get("step") != "send":
            return self.page(form, preview=True)
        seen = request.POST.get("seen", "")
        try:
            sent = bulk.send(
                by=request.user,
                structures=filtered(request),
                seen=int(seen) if seen.isdecimal() else -1,
                **form.cleaned_data,
            )
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(form, preview=True, status=422)
        plural = "s" if sent.recipients > 1 else ""
        messages.success(request, f"Le message part à {sent.recipients} structure{plural}.")
        return redirect(f"{reverse('portefeuille:index')}?{request.GET.urlencode()}")

    def page(self, form: MessageForm, *, preview: bool = False, status: int = 200) -> HttpResponse:
        """Draw the form or the preview."""
        chosen = filtered(self.request)
        reached = bulk.reachable(chosen).count()
        return self.show(
            form=form,
            preview=preview,
            reached=reached,
            unreached=chosen.count() - reached,
            query=self.request.GET.urlencode(),
            status=status,
        )


class EntrustView(PortfolioPage):
    """Entrust the whole portfolio of one référent to another."""

    template_name = "portfolio/gestion/form.html"
    page_title = "Confier un portefeuille"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form."""
        return self.page(EntrustForm())

    def post(self, request: StaffRequest) -> HttpResponse:
        """Entrust it, or show what is wrong."""
        form = EntrustForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        source: User = form.cleaned_data["source"]
        to: User = form.cleaned_data["to"]
        moved = services.reassign(
            by=request.user, to=to, structures=Structure.objects.filter(account_manager=source)
        )
        words = "structure est confiée" if moved == 1 else "structures sont confiées"
        messages.success(request, f"{moved} {words} à {to}.")
        return redirect(f"{reverse('portefeuille:index')}?manager={to.uuid}")

    def page(self, form: EntrustForm, *, status: int = 200) -> HttpResponse:
        """Draw the form."""
        hint = (
            "Toutes les structures de la première personne passent à la seconde, fermées comprises."
        )
        return self.show(form=form, button="Confier", hint=hint, status=status)
