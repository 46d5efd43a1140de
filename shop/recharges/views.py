"""Back office: importing a lot of codes, shown first and then committed whole."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from portal.accounts.models import User
from portal.ui.errors import DomainError
from shop.recharges.imports import commit, preview, upload
from shop.recharges.lots import MAX_BYTES
from shop.recharges.models import CodeLot, LotDraft

#: Refused lines shown on the preview; a file with more is to be mended in the spreadsheet anyway.
SHOWN_PROBLEMS = 200
KINDS = {
    "duplicate": "Doublon dans le fichier",
    "known": "Déjà importé",
    "malformed": "Mal formé",
    "expired": "Expiré",
}


class LotForm(forms.Form):
    """A name for the lot, and its file."""

    name = forms.CharField(
        label="Nom du lot",
        max_length=120,
        help_text="Par exemple «\u00a0SFR, novembre 2026\u00a0».",
    )
    file = forms.FileField(
        label="Fichier CSV",
        help_text="Première ligne\u00a0: produit;code;expiration;série. La série est facultative.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too big before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"Ce fichier dépasse {MAX_BYTES // 1024 // 1024}\u00a0Mo. "
                "Coupez-le en plusieurs lots."
            )
        return file


def _importer(request: HttpRequest) -> User:
    """Return who imports.

    Raises:
        PermissionDenied: their roles do not allow it.
    """
    user = request.user
    if not isinstance(user, User) or not user.has_perm("recharges.add_codelot"):
        raise PermissionDenied
    return user


def _crumbs(label: str) -> list[dict[str, str]]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": "Accueil"},
        {"url": reverse("lots:index"), "label": "Lots de numéros"},
        {"url": "", "label": label},
    ]


@require_http_methods(["GET", "POST"])
@never_cache
def upload_lot(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and keep it for its preview."""
    by = _importer(request)
    form = LotForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = upload(
                by=by,
                name=form.cleaned_data["name"],
                content=form.cleaned_data["file"].read(),
            )
            preview(by=by, draft=draft.uuid)
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            return redirect("lots:preview", uuid=draft.uuid)
    return render(
        request,
        "shop/admin/lot_upload.html",
        {
            "form": form,
            "header_title": "Importer un lot",
            "header_icon": "upload",
            "breadcrumbs_items": _crumbs("Importer un lot"),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@never_cache
def preview_lot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what would be imported; a POST imports it whole, or says why not."""
    by = _importer(request)
    try:
        if request.method == "POST":
            return _import(request, by, uuid)
        shown = preview(by=by, draft=uuid)
    except LotDraft.DoesNotExist as error:
        raise Http404 from error
    problems = [
        {"line": one.line, "kind": KINDS[one.kind], "reason": one.reason}
        for one in shown.problems[:SHOWN_PROBLEMS]
    ]
    return render(
        request,
        "shop/admin/lot_preview.html",
        {
            "preview": shown,
            "problems": problems,
            "hidden_problems": len(shown.problems) - len(problems),
            "header_title": f"Aperçu\u00a0: {shown.draft.name}",
            "header_icon": "view",
            "breadcrumbs_items": _crumbs(f"Aperçu\u00a0: {shown.draft.name}"),
        },
    )


def _import(request: HttpRequest, by: User, uuid: UUID) -> HttpResponse:
    try:
        lot: CodeLot = commit(by=by, draft=uuid)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("lots:preview", uuid=uuid)
    messages.success(request, f"{lot.size} numéros importés dans «\u00a0{lot.name}\u00a0».")
    return redirect("lots:index")
