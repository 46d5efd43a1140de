"""Importing a lot of codes: deposited, shown, then committed whole."""

from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from portal.accounts.models import User
from portal.ui.errors import DomainError
from shop.products.models import ProductTerms
from shop.recharges import imports, staging
from shop.recharges.backoffice.uploads import TOO_BIG, DepositedFile, LotUploadHandler
from shop.recharges.drafts import LotDraft
from shop.recharges.imports import Product

#: Refused lines shown on the preview; a file with more is to be mended in the spreadsheet anyway.
SHOWN_PROBLEMS = 200


class LotForm(forms.Form):
    """A name for the lot, what it holds, and its file."""

    name = forms.CharField(
        label="Nom du lot",
        max_length=120,
        help_text="Par exemple «\u00a0SFR, novembre 2026\u00a0».",
    )
    only = forms.ModelChoiceField(
        label="Ce lot ne contient que…",
        queryset=Product.objects.filter(terms__kind=ProductTerms.Kind.CODE).order_by(
            "terms__position", "pk"
        ),
        required=False,
        empty_label="Plusieurs produits, nommés à chaque ligne",
        help_text="Si vous choisissez un produit, une ligne d’un autre produit est refusée.",
    )
    file = forms.FileField(
        label="Fichier CSV ou XLSX",
        max_length=255,
        help_text="Première ligne\u00a0: produit;code;expiration;série. La série est facultative.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )


def importer(request: HttpRequest) -> User:
    """Return who imports.

    Raises:
        PermissionDenied: their roles do not allow it.
    """
    user = request.user
    if not isinstance(user, User) or not user.has_perm("recharges.add_codelot"):
        raise PermissionDenied
    return user


def crumbs(label: str) -> list[dict[str, str]]:
    """Return the way to a page below the lots."""
    return [
        {"url": reverse("wagtailadmin_home"), "label": "Accueil"},
        {"url": reverse("lots:index"), "label": "Lots de numéros"},
        {"url": "", "label": label},
    ]


# The body is read with our handler, and only then is there a token to check.
@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def upload_lot(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and keep it for its preview."""
    handler = LotUploadHandler(importer(request))
    request.upload_handlers = [handler]
    response: HttpResponse = _upload(request, handler)
    if handler.draft and response.status_code != 302:
        imports.discard(LotDraft.objects.filter(pk=handler.draft.pk))
    return response


@csrf_protect
def _upload(request: HttpRequest, handler: LotUploadHandler) -> HttpResponse:
    form = LotForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file: DepositedFile = form.cleaned_data["file"]
        only = form.cleaned_data["only"]
        try:
            imports.deposited(
                file.draft, name=form.cleaned_data["name"], only=only.pk if only else None
            )
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            return redirect("lots:preview", uuid=file.draft.uuid)
    status = 422 if form.errors else 200
    if handler.too_big:
        status = 413
        form = LotForm(request.POST)
        form.errors.clear()
        form.add_error("file", TOO_BIG)
    return render(
        request,
        "shop/admin/lot_upload.html",
        {
            "form": form,
            "waiting": imports.unfinished(handler.by),
            "header_title": "Importer un lot",
            "header_icon": "upload",
            "breadcrumbs_items": crumbs("Importer un lot"),
        },
        status=status,
    )


@require_http_methods(["GET", "POST"])
@never_cache
def preview_lot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what would be imported, or how far the work is; a POST imports it whole."""
    by = importer(request)
    try:
        if request.method == "POST":
            imports.start_import(by=by, draft=uuid)
            return redirect("lots:preview", uuid=uuid)
        draft = imports.waiting(by).select_related("only", "lot").get(uuid=uuid)
    except LotDraft.DoesNotExist as error:
        raise Http404 from error
    except DomainError:
        return _page(request, imports.waiting(by).get(uuid=uuid))
    if draft.lot:
        messages.success(
            request, f"{draft.lot.size} numéros importés dans «\u00a0{draft.lot.name}\u00a0»."
        )
        return redirect("lots:inspect", draft.lot.pk)
    if request.headers.get("HX-Request") and not draft.busy:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _page(request, draft)


def _page(request: HttpRequest, draft: LotDraft) -> HttpResponse:
    partial = request.headers.get("HX-Request") and draft.busy
    problems = list(draft.problems.all()[:SHOWN_PROBLEMS])
    wrong = bool(draft.refused or draft.state == LotDraft.State.FAILED)
    return render(
        request,
        "shop/admin/lot_progress.html" if partial else "shop/admin/lot_preview.html",
        {
            "draft": draft,
            "done": staging.progress_of(draft) if draft.busy else 0,
            "by_product": _by_product(draft),
            "problems": problems,
            "hidden_problems": draft.refused_count - len(problems),
            "header_title": f"Aperçu\u00a0: {draft.name}",
            "header_icon": "view",
            "breadcrumbs_items": crumbs(f"Aperçu\u00a0: {draft.name}"),
        },
        status=422 if wrong else 200,
    )


def _by_product(draft: LotDraft) -> list[tuple[str, int]]:
    """Return accepted codes by product title."""
    titles = Product.objects.in_bulk(list(draft.accepted))
    return [(titles[int(pk)].title, count) for pk, count in draft.accepted.items()]


@require_POST
@never_cache
def drop_lot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a deposited file away, or read it again where its reading was interrupted."""
    by = importer(request)
    if "again" in request.POST:
        try:
            imports.retry(by=by, draft=uuid)
        except LotDraft.DoesNotExist as error:
            raise Http404 from error
        return redirect("lots:preview", uuid=uuid)
    if imports.discard(imports.waiting(by).filter(uuid=uuid)):
        messages.success(request, "Le fichier est abandonné. Rien n’a été importé.")
    return redirect("lots:add")
