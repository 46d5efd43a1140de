"""« Stock »: what is there of each product, and how long it lasts; taking a lot out."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin import messages

from portal.accounts.models import User
from portal.ui.errors import DomainError
from shop.recharges import stock
from shop.recharges.backoffice.lots import crumbs, importer
from shop.recharges.backoffice.trail import trail
from shop.recharges.models import CodeLot
from shop.recharges.services import MIN_REASON


class WithdrawForm(forms.Form):
    """Why a lot leaves the stock, or comes back."""

    reason = forms.CharField(
        label="Pourquoi\u00a0?",
        max_length=300,
        min_length=MIN_REASON,
        help_text="Par exemple «\u00a0SFR a rappelé ce lot le 12 novembre\u00a0». "
        "La raison est gardée avec votre nom.",
    )


@require_GET
@never_cache
def stock_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of every product, and the lots that expire soon."""
    if not request.user.has_perm("recharges.view_codelot"):
        raise PermissionDenied
    context = {
        "figures": stock.figures(),
        "expiring_lots": stock.expiring_lots(),
        "soon": stock.SOON,
        "pace": stock.PACE,
        "may_search": request.user.has_perm("recharges.view_rechargecode"),
        "header_title": "Stock",
        "header_icon": "clipboard-list",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Accueil"},
            {"url": "", "label": "Stock"},
        ],
    }
    return render(request, "shop/admin/stock.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def lot_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a lot: where its codes are, and the way to take what is left out of the stock."""
    if not request.user.has_perm("recharges.view_codelot"):
        raise PermissionDenied
    lot = get_object_or_404(CodeLot.objects.select_related("imported_by"), pk=pk)
    form = WithdrawForm(request.POST or None)
    status = 200
    if request.method == "POST":
        by = importer(request)
        if form.is_valid() and _move(request, by, lot, form):
            return redirect("lots:inspect", lot.pk)
        status = 422
    context = {
        "lot": lot,
        "rows": stock.lot_figures([lot.pk]),
        "trail": trail(lot),
        "form": form,
        "may_move": request.user.has_perm("recharges.add_codelot"),
        "header_title": lot.name,
        "header_icon": "upload",
        "breadcrumbs_items": crumbs(lot.name),
    }
    return render(request, "shop/admin/lot.html", context, status=status)


def _move(request: HttpRequest, by: User, lot: CodeLot, form: WithdrawForm) -> bool:
    """Take the lot out or put it back, as the button says; False where a rule says no."""
    out = "restore" not in request.POST
    act = stock.withdraw if out else stock.restore
    try:
        count = act(by=by, lot=lot.pk, reason=form.cleaned_data["reason"])
    except DomainError as error:
        form.add_error("reason", error.message)
        return False
    done = "retirés du stock" if out else "remis en stock"
    messages.success(request, f"{count} numéros {done}.")
    return True
