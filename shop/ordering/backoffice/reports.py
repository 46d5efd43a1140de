"""« Numéros défectueux » : what waits for a decision, and the claim to the supplier."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.sheets.writing import respond
from portal.ui.errors import DomainError
from portal.ui.templatetags.french import moment
from shop.recharges.faulty import claim_from_supplier, decide
from shop.recharges.models import FaultyReport

#: Numbers in one claim: each is a display in clear.
MAX_CLAIM = 500


class ReportFilters(WagtailFilterSet):
    """What waits, what was claimed."""

    state = django_filters.ChoiceFilter(
        label="Suite",
        choices=FaultyReport.State.choices,
        empty_label="Toutes",
        widget=forms.RadioSelect,
    )
    claimed = django_filters.ChoiceFilter(
        label="Réclamé à SFR",
        choices=(("yes", "Oui"), ("no", "Pas encore")),
        empty_label="Tous",
        widget=forms.RadioSelect,
        method="keep_claimed",
    )

    class Meta:
        model = FaultyReport
        fields = ("state", "claimed", "structure")

    def keep_claimed(
        self, found: QuerySet[FaultyReport], name: str, value: str
    ) -> QuerySet[FaultyReport]:
        """Keep what was claimed, or what was not yet."""
        return found.filter(claimed_at__isnull=value == "no")


def detail_url(report: FaultyReport) -> str:
    """Return the address of a report's page."""
    return reverse("defectueux:detail", args=[report.uuid])


class ReportsView(generic.IndexView):
    """List the reports: those that wait first."""

    model = FaultyReport
    page_title = "Numéros défectueux"
    header_icon = "warning"
    filterset_class = ReportFilters
    template_name = "shop/gestion/reports.html"
    any_permission_required = ("view",)
    default_ordering = ("-state", "-pk")
    paginate_by = 50
    is_searchable = False

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("product", label="Produit", accessor="code.product", get_url=detail_url),
            Column("structure", label="Structure"),
            Column("symptom", label="Ce que dit SFR", accessor="get_symptom_display"),
            Column("reported_at", label="Signalé le", accessor=lambda one: moment(one.reported_at)),
            StatusTagColumn(
                "state",
                label="Suite",
                accessor="get_state_display",
                primary=lambda one: one.state == FaultyReport.State.WAITING,
            ),
            Column("claimed_at", label="Réclamé", accessor=lambda one: moment(one.claimed_at)),
        ]

    def get_base_queryset(self) -> QuerySet[FaultyReport]:
        """Return every report with what its row shows."""
        return FaultyReport.objects.select_related("code__product", "structure")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add how many are still to be claimed, for who may see codes."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        needed = ("recharges.show_code", "recharges.change_faultyreport")
        may = self.request.user.has_perms(needed)
        return {**context, "to_claim": _to_claim().count() if may else 0}


def _to_claim() -> QuerySet[FaultyReport]:
    return FaultyReport.objects.filter(claimed_at=None).exclude(state=FaultyReport.State.REFUSED)


class ReportView(StaffPage):
    """One report, its lineage, and the decision where it waits."""

    any_permission_required = ("view",)
    template_name = "shop/gestion/report.html"
    header_icon = "warning"
    parents = (("defectueux:index", [], "Numéros défectueux"),)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the report."""
        self.report = _find(uuid)
        waits = self.report.state == FaultyReport.State.WAITING
        return self.show(
            report=self.report, may_decide=waits and self.user_has_permission("change")
        )

    def get_page_title(self) -> str:
        return f"Numéro défectueux\u00a0: {self.report.code.product.title}"


class DecideView(PermissionCheckedMixin, View):
    """Replace the number, or keep it."""

    permission_policy: Any = None
    permission_required = "change"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the report."""
        return redirect("defectueux:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Write the decision, or say why not."""
        _find(uuid)
        answer = request.POST.get("answer", "")
        decision = request.POST.get("decision", "").strip()
        if answer not in {"replace", "keep"} or not decision:
            messages.error(
                request, "Choisissez la suite et dites pourquoi\u00a0: la structure le lit."
            )
            return redirect("defectueux:detail", uuid)
        try:
            decide(by=request.user, report=uuid, replace=answer == "replace", decision=decision)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "La décision est enregistrée. La structure reçoit un e-mail.")
        return redirect("defectueux:detail", uuid)


class ClaimView(PermissionCheckedMixin, View):
    """Download what is to be claimed from SFR, in clear: each number leaves a trace."""

    permission_policy: Any = None
    permission_required = "change"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Lead somebody who reloads back to the list."""
        return redirect("defectueux:index")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Return the file, and mark its numbers as claimed."""
        waiting = _to_claim().order_by("pk").values_list("uuid", flat=True)[:MAX_CLAIM]
        try:
            claimed = claim_from_supplier(
                by=request.user, reports=waiting, reason=request.POST.get("reason", "")
            )
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("defectueux:index")
        if not claimed:
            messages.warning(request, "Tous les numéros défectueux ont déjà été réclamés.")
            return redirect("defectueux:index")
        return respond(  # type: ignore[return-value]
            "xlsx",
            name="reclamation-sfr",
            header=[
                "Produit",
                "Numéro",
                "Série",
                "Lot",
                "Signalé le",
                "Réponse de SFR",
                "Précision",
            ],
            rows=[
                [
                    shown.code.product.title,
                    shown.secret,
                    shown.code.serial,
                    shown.code.lot.name,
                    localtime(report.reported_at),
                    report.get_symptom_display(),
                    report.note,
                ]
                for report, shown in claimed
            ],
        )


def _find(uuid: UUID) -> FaultyReport:
    found = FaultyReport.objects.select_related(
        "code__product",
        "code__lot",
        "code__order_line__order__placed",
        "structure",
        "reported_by",
        "decided_by",
        "replacement",
    )
    return get_object_or_404(found, uuid=uuid)
