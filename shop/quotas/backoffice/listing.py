"""Lists of quotas: by structure, product and source, with what is used as bars."""

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from oscar.core.loading import get_model
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from shop.backoffice import page, permission_required
from shop.quotas.backoffice.forms import QuotaForm
from shop.quotas.grants import change_granted, change_terms
from shop.quotas.models import FreeQuota

Product = get_model("catalogue", "Product")
TITLE = "Dotations"
ICON = "tasks"
PER_PAGE = 50
STATES = {"": "Toutes", "open": "En cours", "coming": "À venir", "over": "Terminées"}
SOURCES = {"": "Toutes", "amendment": "Avenants", "campaign": "Campagnes"}


def paginated(request: StaffRequest, found: QuerySet[Any]) -> dict[str, Any]:
    """Return the page that is asked for, as Wagtail's pagination wants it."""
    pages = Paginator(found, PER_PAGE)
    shown = pages.get_page(request.GET.get("p"))
    return {"page_obj": shown, "elided_page_range": pages.get_elided_page_range(shown.number)}


def quota_page(request: StaffRequest, found: QuerySet[FreeQuota]) -> dict[str, Any]:
    """Return a page of quotas, kept by what the address asks for, and the choices to ask for."""
    asked = {name: request.GET.get(name, "") for name in ("q", "product", "state", "source")}
    quotas = _kept(found, asked).select_related(
        "structure", "product", "campaign", "amendment__agreement"
    )
    products = Product.objects.filter(terms__isnull=False).order_by("terms__position", "pk")
    return {
        **paginated(request, quotas.order_by("structure__name", "ends_on", "pk")),
        "asked": asked,
        "products": products.values_list("upc", "title"),
        "states": STATES.items(),
        "sources": SOURCES.items(),
    }


def _kept(found: QuerySet[FreeQuota], asked: dict[str, str]) -> QuerySet[FreeQuota]:
    today = timezone.localdate()
    name, upc = (asked[key].replace("\0", "").strip() for key in ("q", "product"))
    if name:
        found = found.filter(structure__name__icontains=name)
    if upc:
        found = found.filter(product__upc=upc)
    if asked["state"] == "open":
        found = found.filter(starts_on__lte=today, ends_on__gte=today)
    elif asked["state"] == "coming":
        found = found.filter(starts_on__gt=today, ends_on__gte=F("starts_on"))
    elif asked["state"] == "over":
        found = found.filter(Q(ends_on__lt=today) | Q(ends_on__lt=F("starts_on")))
    if asked["source"] in ("amendment", "campaign"):
        found = found.filter(**{f"{asked['source']}__isnull": False})
    return found


@permission_required("quotas.view_freequota")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """List every structure's quotas."""
    return page(
        request,
        "shop/admin/quotas.html",
        title=TITLE,
        icon=ICON,
        parents=[],
        context=quota_page(request, FreeQuota.objects.all()),
    )


@permission_required("quotas.change_freequota")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Raise, lower or move one quota."""
    rows = FreeQuota.objects.select_related("structure", "product", "campaign", "amendment")
    quota = get_object_or_404(rows, pk=pk)
    form = QuotaForm(request.POST or None, quota=quota)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        granted = typed.pop("granted")
        try:
            with transaction.atomic():
                change_granted(by=request.user, quota=quota, granted=granted)
                change_terms(by=request.user, quota=quota, **typed)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "La dotation est enregistrée.")
            return redirect("dotations:edit", pk)
    return page(
        request,
        "shop/admin/quota.html",
        title=f"{quota.product.title}\u00a0: {quota.structure.name}",
        icon=ICON,
        parents=[(reverse("dotations:index"), TITLE)],
        context={"quota": quota, "form": form},
        status=422 if form.errors else 200,
    )
