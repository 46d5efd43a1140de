"""« Relevés bancaires » : importing one, what its lines may pay, and confirming it."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from shop.billing.backoffice.base import RUNS, BillingPage, BillingViewSet
from shop.billing.backoffice.payments_forms import LineForm, StatementForm, named, typed
from shop.billing.models import BankStatement, Invoice, Payment, StatementLine
from shop.billing.payments.importing import AlreadyImported, import_statement
from shop.billing.payments.matching import Outlook, Proposal, propose
from shop.billing.payments.reading import StatementRefused
from shop.billing.payments.services import left_of_line, pay_from_line, set_aside

TITLE = "Relevés bancaires"
#: Lines of each kind that the page shows; confirming some shows the next.
SHOWN = 50
OFFERED = 20  # invoices of the picker
#: Headings of the kinds that wait for somebody, in the order of the page.
SECTIONS = {
    Outlook.DOUBLE: "Références en double",
    Outlook.CHOOSE: "À choisir",
    Outlook.CHECK: "À vérifier",
    Outlook.UNKNOWN: "Références inconnues",
}


class StatementsView(BillingPage):
    """The statements that were imported, and the form for another."""

    template_name = "billing/payments/statements.html"
    page_title = TITLE

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show both."""
        return self.page(StatementForm())

    def post(self, request: StaffRequest) -> HttpResponse:
        """Import a file, and go to what its lines may pay."""
        form = StatementForm(request.POST, request.FILES)
        told: list[str] = []
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = import_statement(by=request.user, name=file.name, file=file)
            except AlreadyImported as error:
                messages.warning(request, error.message)
                return redirect("billing_statements:statement", error.statement.uuid)
            except DomainError as error:
                form.add_error("file", error.message)
                told = error.errors if isinstance(error, StatementRefused) else []
            else:
                messages.success(request, "Le relevé est lu. Aucun paiement n’est encore noté.")
                return redirect("billing_statements:statement", made.uuid)
        return self.page(form, told=told, status=422)

    def page(
        self, form: StatementForm, *, told: list[str] | None = None, status: int = 200
    ) -> HttpResponse:
        """Draw the form, what is wrong line by line, and the last statements."""
        paid = Q(lines__payments__isnull=False, lines__payments__voided_at=None)
        aside = Q(lines__set_aside_at__isnull=False)
        statements = BankStatement.objects.select_related("by").annotate(
            total=Count("lines", distinct=True),
            done=Count("lines", filter=paid | aside, distinct=True),
        )
        return self.show(form=form, told=told, statements=statements[:SHOWN], status=status)


class StatementPage(BillingPage):
    """Below « Relevés bancaires »."""

    statement: BankStatement
    parents = (RUNS, ("billing_statements:index", [], TITLE))

    def get_page_title(self) -> str:
        return self.page_title or str(self.statement)


class StatementView(StatementPage):
    """What the lines of a statement may pay, and what they paid."""

    template_name = "billing/payments/statement.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the proposals, the sure ones first."""
        self.statement = statement = find_statement(uuid)
        lines = list(statement.lines.all())
        proposals = propose(lines)
        sure = [one for one in proposals if one.outlook is Outlook.SURE]
        paid = Payment.objects.counting().filter(statement_line__statement=statement)
        paid = paid.select_related("invoice__structure", "statement_line")
        return self.show(
            statement=statement,
            count=len(lines),
            sure=sure[:SHOWN],
            sure_count=len(sure),
            sure_sum=sum(one.left for one in sure),
            sections=[_section(kind, proposals) for kind in SECTIONS],
            paid=paid.order_by("statement_line__number", "pk")[:SHOWN],
            paid_count=paid.count(),
            paid_sum=paid.aggregate(sum=Sum("amount"))["sum"],
            aside=[line for line in lines if line.set_aside_at],
        )


class ConfirmView(StatementPage):
    """Write the payments of the lines that are sure: those that were ticked on the page."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the statement."""
        return redirect("billing_statements:statement", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Confirm each line on its own: what is refused since says why, and stops no other."""
        statement = find_statement(uuid)
        seen = set(request.POST.getlist("line"))
        lines = [one for one in statement.lines.all() if str(one.uuid) in seen]
        if not lines:
            messages.error(request, "Cochez au moins une ligne. Rien n’a été écrit.")
            return redirect("billing_statements:statement", uuid)
        done = 0
        # All lines are read: two that name one invoice are not sure, ticked or not.
        for one in propose(statement.lines.all()):
            if one.line not in lines or one.outlook is not Outlook.SURE:
                continue
            try:
                pay_from_line(by=request.user, line=one.line.uuid, parts=one.by_invoice)
                done += 1
            except DomainError as error:
                messages.error(request, error.message)
        if done:
            plural = "s" if done > 1 else ""
            messages.success(request, f"{done} ligne{plural} du relevé confirmée{plural}.")
        else:
            messages.info(request, "Ces lignes sont déjà confirmées, ou ne sont plus sûres.")
        return redirect("billing_statements:statement", uuid)


class LineView(StatementPage):
    """One line: what it may pay, and a search for another invoice."""

    template_name = "billing/payments/line.html"
    page_title = "Affecter une ligne"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the proposals and the picker."""
        return self.page(uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Pay an invoice with it, or say why not."""
        line = find_line(uuid)
        form = LineForm(request.POST)
        if not form.is_valid():
            messages.error(request, next(iter(form.errors.values()))[0])
            return self.page(uuid, status=422)
        chosen, amount = form.cleaned_data["invoice"], form.cleaned_data["amount"]
        get_object_or_404(Invoice, uuid=chosen)
        try:
            pay_from_line(by=request.user, line=line.uuid, parts={chosen: amount})
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(uuid, status=422)
        messages.success(request, f"Ligne {line.number}\u00a0: le paiement est noté.")
        return redirect("billing_statements:statement", line.statement.uuid)

    def page(self, uuid: UUID, *, status: int = 200) -> HttpResponse:
        """Draw the line with the invoices that are offered."""
        line = find_line(uuid)
        self.statement = line.statement
        left = left_of_line(line)
        mine = next((p for p in propose(line.statement.lines.all()) if p.line == line), None)
        words = self.request.GET.get("q", "").strip()[:100]
        return self.show(
            line=line,
            left=left,
            proposal=mine,
            parts=[(p.invoice, typed(p.amount)) for p in mine.parts] if mine else [],
            words=words,
            found=[(one, typed(min(one.left, left))) for one in _search(words)] if words else [],
            paid=line.payments.counting().select_related("invoice"),
            status=status,
        )

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = super().get_breadcrumbs_items()
        above = reverse("billing_statements:statement", args=[self.statement.uuid])
        return [*crumbs[:-1], {"url": above, "label": str(self.statement)}, crumbs[-1]]


class AsideView(StatementPage):
    """Say that a line pays no invoice."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the line."""
        return redirect("billing_statements:line", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Set it aside, or say why not."""
        line = find_line(uuid)
        try:
            set_aside(by=request.user, line=line.uuid)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("billing_statements:line", uuid)
        messages.success(request, "La ligne est écartée, et son libellé effacé.")
        return redirect("billing_statements:statement", line.statement.uuid)


class StatementViewSet(BillingViewSet):
    """Statements of the bank, below ``/gestion/facturation/releves/``."""

    name = "billing_statements"
    url_prefix = "facturation/releves"
    icon = "upload"
    menu_label = TITLE

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        view = self.construct_view
        return [
            path("", view(StatementsView), name="index"),
            path("<uuid:uuid>/", view(StatementView), name="statement"),
            path("<uuid:uuid>/confirmer/", view(ConfirmView), name="confirm"),
            path("lignes/<uuid:uuid>/", view(LineView), name="line"),
            path("lignes/<uuid:uuid>/ecarter/", view(AsideView), name="aside"),
        ]


def find_statement(uuid: UUID) -> BankStatement:
    """Return a statement, or a 404."""
    return get_object_or_404(BankStatement.objects.select_related("by"), uuid=uuid)


def find_line(uuid: UUID) -> StatementLine:
    """Return a line of a statement, or a 404."""
    found = StatementLine.objects.select_related("statement", "set_aside_by")
    return get_object_or_404(found, uuid=uuid)


def _section(kind: Outlook, proposals: list[Proposal]) -> dict[str, Any]:
    """Return a heading with its lines, and how many are not shown."""
    mine = [one for one in proposals if one.outlook is kind]
    return {
        "id": kind.value,
        "title": SECTIONS[kind],
        "rows": mine[:SHOWN],
        "count": len(mine),
        "hidden": max(0, len(mine) - SHOWN),
    }


def _search(words: str) -> list[Any]:
    """Return unpaid invoices by their number or structure, the oldest first."""
    found = Invoice.objects.invoices().issued().with_balance().filter(named(words), left__gt=0)
    return list(found.select_related("structure").order_by("due_on", "pk")[:OFFERED])
