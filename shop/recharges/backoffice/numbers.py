"""Looking a number up, and reading one in clear: with a permission, a reason and a trace.

A number is typed into a form that is posted: it stands in no address, no log and no message. Each
search is recorded, found or not, and a person has so many an hour: ten digits are not to be found
by trying.
"""

import datetime as dt
import re
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.recharges.backoffice.trail import SEARCHED, trail
from shop.recharges.models import RechargeCode
from shop.recharges.services import MIN_REASON, show_to_staff

#: Searches that a person may make in an hour.
SEARCHES = 60


class SearchForm(forms.Form):
    """A number, as the supplier or a beneficiary dictates it."""

    number = forms.CharField(
        label="Numéro de recharge",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Tel qu’il est écrit, avec ou sans espaces. La recherche est tracée.",
    )

    def clean_number(self) -> str:
        """Return the number as it was imported."""
        return re.sub(r"[\s.-]", "", self.cleaned_data["number"])


class ReasonForm(forms.Form):
    """Why somebody of the team needs to read a number."""

    reason = forms.CharField(
        label="Pourquoi avez-vous besoin de ce numéro\u00a0?",
        max_length=300,
        min_length=MIN_REASON,
        help_text=f"{MIN_REASON} caractères au moins. La raison est gardée avec votre nom.",
    )


def _viewer(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.has_perm("recharges.view_rechargecode"):
        raise PermissionDenied
    return user


@require_http_methods(["GET", "POST"])
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Find a code by its number; what is found has a page of its own."""
    by = _viewer(request)
    form = SearchForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if _searches(by) >= SEARCHES:
            status = 429
            form.add_error(
                "number",
                f"Vous avez cherché {SEARCHES} numéros en une heure. Reprenez dans une heure.",
            )
        elif form.is_valid():
            prints = RechargeCode.fingerprint_of(form.cleaned_data["number"])
            code = RechargeCode.objects.filter(fingerprint=prints).defer("secret").first()
            record(by=by, action=SEARCHED, target=code or by, found=code is not None)
            if code:
                return redirect("codes:detail", uuid=code.uuid)
            form.add_error(
                "number",
                "Ce numéro n’est dans aucun lot. Vérifiez les chiffres un à un.",
            )
    context = {
        "form": form,
        "header_title": "Chercher un numéro",
        "header_icon": "search",
        "breadcrumbs_items": _crumbs("Chercher un numéro"),
    }
    return render(request, "shop/admin/code_search.html", context, status=status)


def _searches(by: User) -> int:
    since = timezone.now() - dt.timedelta(hours=1)
    return AuditEntry.objects.filter(by=by, action=SEARCHED, at__gte=since).count()


@require_http_methods(["GET", "POST"])
@never_cache
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tell all about a code but its digits; a POST shows these, for a reason."""
    by = _viewer(request)
    codes = RechargeCode.objects.filter(uuid=uuid)
    code = get_object_or_404(
        codes.select_related(
            "lot", "product", "order_line__order__placed__structure", "report__reported_by"
        ).defer("secret")
    )
    form = ReasonForm(request.POST or None)
    secret, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                (shown,) = show_to_staff(by=by, codes=codes, reason=form.cleaned_data["reason"])
            except DomainError as error:
                form.add_error("reason", error.message)
                status = 403
            else:
                secret, status = shown.secret, 200
    label = f"{code.product.title}, lot «\u00a0{code.lot.name}\u00a0»"
    context = {
        "code": code,
        "placed": code.order_line.order.placed if code.order_line else None,
        "report": getattr(code, "report", None),
        "trail": trail(code),
        "secret": secret,
        "form": form,
        "may_show": by.has_perm("recharges.show_code"),
        "header_title": label,
        "header_icon": "key",
        "breadcrumbs_items": _crumbs(label),
    }
    return render(request, "shop/admin/code_detail.html", context, status=status)


def _crumbs(label: str) -> list[dict[str, str]]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": "Accueil"},
        {"url": reverse("stock:index"), "label": "Stock"},
        {"url": "", "label": label},
    ]
