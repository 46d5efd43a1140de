"""MON COMPTE → FACTURES: the structure's invoices and credit notes, and what each is made of."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from stdnum import iban

from portal.privacy.services import record
from portal.sheets import writing
from portal.structures.access import member_of
from shop.billing import account, parts
from shop.billing.models import Invoice, InvoiceDocument
from shop.billing.views.door import lead_required

PER_PAGE = 20
#: Lines of a detail on screen at most; the spreadsheet has them all.
MOST_LINES = 300


@require_safe
@never_cache
@lead_required
def invoices(request: HttpRequest) -> HttpResponse:
    """List what was issued, the newest first; a year that is not understood narrows nothing."""
    member = member_of(request)
    years = account.years(member)
    asked = request.GET.get("annee", "")
    year = next((one for one in years if str(one) == asked), None)
    found = account.mine(member)
    if year:
        found = found.filter(year=year)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "years": years,
        "year": year,
        "owed": account.owed(member) if years else None,
        "why_none": "" if years else account.why_none(member),
    }
    return render(request, "billing/account/invoices.html", context)


@require_safe
@never_cache
@lead_required
def invoice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one: what is left, how to pay, what was paid, its credit notes and its detail."""
    found = _find(request, uuid)
    lines = list(account.lines_of(found))
    context = {
        "invoice": found,
        "seller": found.seller,
        "iban": _written(found),
        "payments": found.payments.counting(),
        "credit_notes": found.credit_notes.issued(),
        "overpaid": _overpaid(found),
        "members": parts.by_member(lines),
        "products": parts.by_product(lines),
        "whole": parts.whole(lines),
        "lines": lines[:MOST_LINES],
        "hidden": max(0, len(lines) - MOST_LINES),
    }
    return render(request, "billing/account/invoice.html", context)


@require_safe
@never_cache
@lead_required
def pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand the document out as it was drawn; that it was read is recorded."""
    found = _find(request, uuid)
    document = InvoiceDocument.objects.filter(invoice=found).only("pdf").first()
    if document is None:
        messages.info(request, "Le PDF est en préparation. Revenez dans quelques minutes.")
        return redirect("billing:invoice", uuid=uuid)
    record(by=member_of(request).user, action="billing.document_downloaded", target=found)
    headers = {
        "Content-Disposition": f'attachment; filename="{account.file_name(found)}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(document.pdf), content_type="application/pdf", headers=headers)


@require_safe
@never_cache
@lead_required
def detail(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Hand the detail out as a spreadsheet: CSV, or XLSX (``?format=xlsx``); recorded too."""
    found = _find(request, uuid)
    form = writing.XLSX if request.GET.get("format") == writing.XLSX else writing.CSV
    lines = list(account.rows(found))
    record(
        by=member_of(request).user,
        action="billing.detail_exported",
        target=found,
        format=form,
        count=len(lines),
    )
    name = account.file_name(found)
    return writing.respond(form, name=name, header=account.HEADER, rows=lines)


def _find(request: HttpRequest, uuid: UUID) -> Any:
    """Return an issued one of the structure's, with its balance; any other is a 404."""
    return get_object_or_404(account.mine(member_of(request)), uuid=uuid)


def _written(found: Invoice) -> str:
    """Return the IBAN that was frozen with the invoice, by groups of four."""
    return str(iban.format((found.seller or {}).get("iban", "")))


def _overpaid(found: Any) -> Decimal:
    """Return what was paid beyond what the credit notes leave, in euros; of an invoice."""
    beyond: Decimal = found.paid + found.credited - found.total
    return max(beyond, Decimal("0.00")) if found.paid else Decimal("0.00")
