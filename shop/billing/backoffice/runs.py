"""Months: preparing one, reviewing it, and issuing all that is ready."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from wagtail.admin import messages

from portal.accounts.backoffice import Parent, StaffRequest
from portal.ui.errors import DomainError
from shop.billing import runs
from shop.billing.backoffice import progress
from shop.billing.backoffice.base import (
    RUNS,
    BillingPage,
    BillingViewSet,
    find_run,
    heading,
    settings_url,
)
from shop.billing.figures.reconcile import BOOKS, gaps
from shop.billing.freezing import missing_of
from shop.billing.issuing import RunNotReady, issue_run
from shop.billing.models import BillingRun, BillingSettings, Invoice
from shop.handovers import months

PER_PAGE = 50
RUNS_PER_PAGE = 24
#: Of those that a page names; the count says the rest.
NAMED = 20
_CHANGED = "Les brouillons ont changé pendant que vous lisiez. Relisez ce qui va être émis."


class MonthForm(forms.Form):
    """The month to prepare."""

    month = forms.CharField(
        label="Mois à préparer",
        widget=forms.TextInput(attrs={"type": "month"}),
        help_text="Un mois terminé. L’année d’abord, par exemple 2026-10.",
        error_messages={"required": "Choisissez le mois à préparer."},
    )

    def clean_month(self) -> Any:
        """Return the month's first day."""
        try:
            return months.parse(self.cleaned_data["month"].strip())
        except months.UnknownMonth as error:
            raise forms.ValidationError(
                "Ce mois n’existe pas. Il s’écrit avec l’année d’abord, par exemple 2026-10."
            ) from error


class RunsPage(BillingPage):
    """The months that were prepared, the newest first."""

    template_name = "billing/backoffice/runs.html"
    page_title = "Facturation"
    parents = ()

    def page(self, form: MonthForm | None = None) -> HttpResponse:
        """Draw the list, with the form that was refused."""
        pages = Paginator(listed(), RUNS_PER_PAGE).get_page(self.request.GET.get("page"))
        proposed = months.written(months.previous(months.this_month()))
        return self.show(
            status=422 if form else 200,
            page=pages,
            form=form or MonthForm(initial={"month": proposed}),
            missing=BillingSettings.load().missing(),
            settings_url=settings_url(),
        )


class RunsView(RunsPage):
    """Read the list."""

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show it."""
        return self.page()


class PrepareView(RunsPage):
    """Prepare a month, or prepare again what changed in it."""

    def get(self, request: StaffRequest) -> HttpResponse:
        """Lead somebody who reloads back to the list."""
        return redirect("billing_runs:index")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Open the month, or show why not beside it."""
        form = MonthForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            run = runs.open_month(form.cleaned_data["month"], by=request.user)
        except DomainError as error:
            form.add_error("month", error.message)
            return self.page(form)
        messages.success(request, f"{heading(run.month)}\u00a0: les brouillons se préparent.")
        return redirect("billing_runs:run", run.uuid)


class DraftFilters(forms.Form):
    """Which invoices of a run are shown."""

    q = forms.CharField(label="Structure ou numéro", required=False, max_length=100)
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=(
            ("", "Tous"),
            ("brouillons", "Brouillons"),
            ("a-completer", "À compléter"),
            ("emises", "Émises"),
            ("avoirs", "Avoirs"),
        ),
    )

    def keep(self, found: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Keep what is asked for; what is not understood keeps everything."""
        asked = self.cleaned_data if self.is_valid() else {}
        if words := asked.get("q", "").strip():
            found = found.filter(Q(structure__name__icontains=words) | Q(number=words))
        conditions = {
            "brouillons": Q(state=Invoice.State.DRAFT),
            "a-completer": Q(state=Invoice.State.DRAFT) & progress.lacking("structure__"),
            "emises": Q(state=Invoice.State.ISSUED),
            "avoirs": Q(kind=Invoice.Kind.CREDIT_NOTE),
        }
        return found.filter(conditions.get(asked.get("etat", ""), Q()))


class RunPage(BillingPage):
    """A page below a month."""

    run: BillingRun

    def get_page_title(self) -> str:
        return self.page_title or heading(self.run.month)

    def get_parents(self) -> list[Parent]:
        here: Parent = ("billing_runs:run", [self.run.uuid], heading(self.run.month))
        return [RUNS, here] if self.page_title else [RUNS]

    @cached_property
    def unnameable(self) -> dict[str, Any]:
        """The structures to mend: how many, and the first of them with what each lacks."""
        found = progress.unnameable(self.run)
        named = [(one, missing_of(one)) for one in found[:NAMED]]
        count = len(named) if len(named) < NAMED else found.count()
        return {"named": named, "count": count, "more": count - len(named)}


class RunView(RunPage):
    """A month's review: totals, what is missing, what differs, and every draft."""

    template_name = "billing/backoffice/run.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it; a page that asks again by itself gets how far the work is."""
        self.run = find_run(uuid)
        now = progress.progress(self.run)
        review = runs.review(self.run)
        if request.headers.get("HX-Request"):
            if not now.is_busy:
                return HttpResponse(headers={"HX-Refresh": "true"})
            told = {"run": self.run, "progress": now, "review": review}
            return render(request, "billing/backoffice/run_progress.html", told)
        filters = DraftFilters(request.GET)
        found = filters.keep(self.run.invoices.select_related("structure"))
        pages = Paginator(found.order_by("structure__name", "pk"), PER_PAGE)
        gaps = progress.gaps_of(self.run)
        return self.show(
            run=self.run,
            review=review,
            progress=now,
            filters=filters,
            page=pages.get_page(request.GET.get("page")),
            query=self.filtering,
            unnameable=self.unnameable,
            gaps=gaps[:NAMED],
            gap_count=len(gaps),
            missing=BillingSettings.load().missing(),
            settings_url=settings_url(),
            month=months.written(self.run.month),
        )


class IssueRunView(RunPage):
    """Ask once more, then issue every draft that lacks nothing."""

    template_name = "billing/backoffice/run_issue.html"
    page_title = "Émettre les factures"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Say how many, how much, and that it cannot be undone."""
        self.run = find_run(uuid)
        return self.page()

    def page(self, *, status: int = 200) -> HttpResponse:
        """Draw the question."""
        waits = bool(runs.to_prepare(self.run))
        missing = BillingSettings.load().missing()
        ready = progress.ready(self.run)
        return self.show(
            status=status,
            run=self.run,
            ready=ready,
            unnameable=self.unnameable,
            missing=missing,
            settings_url=settings_url(),
            not_ready=RunNotReady.default_message if waits else "",
            may_issue=bool(ready.count and not missing and not waits),
        )

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Have them issued, if they still are what was read."""
        self.run = find_run(uuid)
        if request.POST.get("seen") != progress.ready(self.run).seen:
            messages.warning(request, _CHANGED)
            return self.page(status=409)
        try:
            asked = issue_run(self.run, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(status=409)
        if asked.count:
            plural = "s" if asked.count > 1 else ""
            messages.success(
                request, f"{asked.count} document{plural} en cours d’émission. Cette page le suit."
            )
        return redirect("billing_runs:run", uuid)


class BooksView(BillingPage):
    """Count everything again: do invoices and orders agree?"""

    template_name = "billing/backoffice/books.html"
    page_title = "Écarts avec les commandes"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show what each rule finds."""
        found = gaps()
        rules = [
            {"says": rule.says, "gaps": mine[:NAMED], "count": len(mine)}
            for name, rule in BOOKS.items()
            for mine in [[gap for gap in found if gap.rule == name]]
        ]
        return self.show(rules=rules, count=len(found))


def listed() -> QuerySet[BillingRun]:
    """Return the months with the figures of their row, in one query."""
    is_invoice = Q(invoices__kind=Invoice.Kind.INVOICE)
    is_note = Q(invoices__kind=Invoice.Kind.CREDIT_NOTE)
    return BillingRun.objects.annotate(
        invoice_count=Count("invoices", filter=is_invoice),
        note_count=Count("invoices", filter=is_note),
        draft_count=Count("invoices", filter=Q(invoices__state=Invoice.State.DRAFT)),
        invoiced=Sum("invoices__total", filter=is_invoice, default=0),
        credited=Sum("invoices__total", filter=is_note, default=0),
    ).order_by("-month")


class RunViewSet(BillingViewSet):
    """Months, below ``/gestion/facturation/``."""

    name = "billing_runs"
    url_prefix = "facturation"
    icon = "calendar-alt"
    menu_label = "Mois"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        view = self.construct_view
        return [
            path("", view(RunsView), name="index"),
            path("preparer/", view(PrepareView), name="prepare"),
            path("ecarts/", view(BooksView), name="books"),
            path("mois/<uuid:uuid>/", view(RunView), name="run"),
            path("mois/<uuid:uuid>/emettre/", view(IssueRunView), name="issue"),
        ]
