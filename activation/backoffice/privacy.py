"""« Données d’une personne » and « Preuves d’anonymisation », for administrators.

Nothing of a person is in an address: the search, what it finds and what is done with it are
POSTs, and the pages are kept by no cache.
"""

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.permission_policies import BasePermissionPolicy

from activation.backoffice.search import FORMS, SearchForm
from activation.models import ActivationRequest, PurgeProof
from activation.privacy import anonymise, person, report
from activation.states import AT_SFR, OPEN
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.ui.errors import DomainError
from portal.ui.viewsets import PagesViewSet, ReadOnlyViewSet

TITLE = "Données d’une personne"
NIGHT = "La tâche de nuit"


class PersonalDataPolicy(BasePermissionPolicy):
    """One permission for all that these pages do."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return whether ``user`` treats the data of persons."""
        return bool(user.has_perm(person.PERMISSION))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Return the same."""
        return self.user_has_permission(user, "")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PersonPage(StaffPage):
    """Base of the pages: who may, and the requests that were ticked."""

    permission_required: str | None = "manage"
    header_icon = "user"
    parents: tuple[Parent, ...] = (("personal_data:index", [], TITLE),)

    def get(self, request: StaffRequest) -> HttpResponse:
        """Lead somebody who reloads back to the search."""
        return redirect("personal_data:index")

    def ticked(self) -> list[uuid.UUID]:
        """Return the identifiers that were sent, without those that are none."""
        field = forms.UUIDField()
        found = []
        for text in self.request.POST.getlist("request"):
            try:
                found.append(field.clean(text))
            except forms.ValidationError:
                continue
        return found

    def nothing_ticked(self) -> HttpResponse:
        """Say that a request must be chosen."""
        messages.error(self.request, "Cochez au moins une demande, puis recommencez.")
        return redirect("personal_data:index")


class SearchView(PersonPage):
    """Find the requests of a person."""

    page_title = TITLE
    parents = ()
    template_name = "activation/gestion/privacy/search.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the three ways to search."""
        return self.page({})

    def post(self, request: StaffRequest) -> HttpResponse:
        """Show what is found, on the same page."""
        way = request.POST.get("way", "")
        if way not in FORMS:
            return self.get(request)
        form = FORMS[way](request.POST, auto_id=f"{way}_%s")
        if not form.is_valid():
            return self.page({way: form}, status=422)
        return self.page({way: form}, found=form.search(by=request.user))

    def page(self, bound: dict[str, SearchForm], **context: Any) -> HttpResponse:
        """Draw the page, with the form that was sent."""
        forms_ = [bound.get(way) or kind(auto_id=f"{way}_%s") for way, kind in FORMS.items()]
        return self.show(forms=forms_, elsewhere=report.ELSEWHERE, **context)


class ExportView(PersonPage):
    """Give what is held: a file for machines, or a page to print."""

    def post(self, request: StaffRequest) -> HttpResponse:
        """Answer with one of the two."""
        chosen = self.ticked()
        if not chosen:
            return self.nothing_ticked()
        held = report.collect(chosen, by=request.user)
        if request.POST.get("format") == "json":
            return self.file(held)
        self.template_name = "activation/gestion/privacy/report.html"
        shown = [
            {
                "reference": one.reference,
                "facts": [(label, report.as_text(value)) for label, value in one.facts.items()],
                "parts": [(title, _table(rows)) for title, rows in one.parts.items()],
            }
            for one in held
        ]
        return self.show(held=shown, now=timezone.now(), elsewhere=report.ELSEWHERE)

    def get_page_title(self) -> str:
        return "Ce qui est enregistré"

    def file(self, held: list[report.Held]) -> HttpResponse:
        """Return the file; its name says nothing of anybody."""
        name = f"donnees-personnelles-{timezone.localdate():%Y-%m-%d}.json"
        return JsonResponse(
            report.as_data(held),
            json_dumps_params={"ensure_ascii": False, "indent": 2},
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )


class EraseView(PersonPage):
    """Say what erasing would do, then do it."""

    page_title = "Effacer les données"
    template_name = "activation/gestion/privacy/erase.html"

    def post(self, request: StaffRequest) -> HttpResponse:
        """Ask first; erase once it is confirmed."""
        chosen = self.ticked()
        if not chosen:
            return self.nothing_ticked()
        if request.POST.get("confirmed") != "oui":
            rows = list(person.chosen(chosen, by=request.user))
            possible = any(person.may_erase(one) for one in rows)
            return self.show(rows=[(one, fate(one)) for one in rows], possible=possible)
        try:
            done = person.erase(chosen, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, told(done))
        return redirect("personal_data:index")


def fate(request: ActivationRequest) -> str:
    """Return what erasing would do to a request."""
    if request.anonymised_at:
        return "Déjà anonymisée\u00a0: il n’y a plus rien à effacer."
    if request.state in AT_SFR:
        return "Reste telle quelle\u00a0: SFR la traite. Revenez l’effacer quand elle sera close."
    if request.state in OPEN:
        return "Sera annulée, puis effacée. La structure la verra annulée\u00a0: prévenez-la."
    return "Sera effacée."


def told(done: person.Erasure) -> str:
    """Return what was done, as a sentence."""
    number = done.proof.number
    plural = "s" if number > 1 else ""
    parts = [f"{number} demande{plural} effacée{plural}"]
    if done.cancelled:
        parts.append(f"dont {done.cancelled} annulée{'s' if done.cancelled > 1 else ''} d’abord")
    if done.kept:
        parts.append(f"{len(done.kept)} laissée{'s' if len(done.kept) > 1 else ''} telle quelle")
    return f"{', '.join(parts)}. La preuve porte le numéro {done.proof.pk}."


def _table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows for a table: its headings and its lines of text."""
    head = list(rows[0]) if rows else []
    return {"head": head, "rows": [[report.as_text(row[one]) for one in head] for row in rows]}


class PersonViewSet(PagesViewSet):
    """Search, export and erasure."""

    model = ActivationRequest
    name = "personal_data"
    url_prefix = "donnees-personnelles"
    icon = "user"
    menu_label = TITLE
    add_to_admin_menu = False  # its group is there
    menu_order = 900

    @cached_property
    def permission_policy(self) -> Any:
        """Return the policy of the one permission."""
        return PersonalDataPolicy(self.model)

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/donnees-personnelles/``."""
        return [
            path("", self.construct_view(SearchView), name="index"),
            path("exporter/", self.construct_view(ExportView), name="export"),
            path("effacer/", self.construct_view(EraseView), name="erase"),
        ]


class ProofView(InspectView):
    """One proof, checked against the requests as they are now."""

    page_title = "Preuve d’anonymisation"

    def get_page_subtitle(self) -> str:
        """Name the proof."""
        return f"n°\u00a0{self.object.pk}"

    def get_at_display_value(self) -> str:
        """Show Paris's time."""
        return report.as_text(self.object.at)

    def get_by_display_value(self) -> str:
        """Name the task where nobody asked."""
        return str(self.object.by or NIGHT)

    def get_closed_before_display_value(self) -> str:
        """Say that somebody chose, where the task did not."""
        return report.as_text(self.object.closed_before) or "demandes choisies"

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Add whether it holds."""
        holds = anonymise.proves(self.object)
        return [
            *super().get_fields_context(),
            {
                "label": "Vérification",
                "value": "Les demandes anonymisées à cet instant donnent cette empreinte."
                if holds
                else "Les demandes anonymisées à cet instant ne donnent pas cette empreinte\u00a0: "
                "prévenez le responsable de la base.",
                "component": None,
            },
        ]


def named(proof: PurgeProof) -> str:
    """Return what people call a proof."""
    return f"n°\u00a0{proof.pk}"


def address(proof: PurgeProof) -> str:
    """Return the address of a proof's page."""
    return str(reverse("purge_proofs:inspect", args=[proof.pk]))


class ProofViewSet(ReadOnlyViewSet):
    """The proofs, the newest first."""

    model = PurgeProof
    name = "purge_proofs"
    url_prefix = "preuves-d-anonymisation"
    icon = "lock"
    menu_label = "Preuves d’anonymisation"
    add_to_admin_menu = False
    menu_order = 910
    inspect_view_class = ProofView
    inspect_view_fields = ("at", "by", "closed_before", "number", "digest")
    list_display = (
        TitleColumn("pk", label="Preuve", accessor=named, get_url=address),
        DateColumn("at", label="Anonymisées"),
        Column("by", label="Par", accessor=lambda one: one.by or NIGHT),
        "number",
        DateColumn("closed_before", label="Closes avant le"),
    )
