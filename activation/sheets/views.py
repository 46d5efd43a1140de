"""Many activations at once: the model, the file, its preview, and sending it whole."""

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activation.models import RequestSheet
from activation.sheets import services
from activation.sheets.columns import COLUMNS
from activation.sheets.judging import judge
from activation.sheets.model import model
from activation.sheets.reading import MAX_BYTES, MAX_LINES
from activation.sheets.uploads import MemoryHandler
from activation.views.scope import MemberRequest
from portal.sheets.writing import CSV, XLSX
from portal.structures.access import member_required
from portal.structures.models import Structure
from portal.ui.errors import DomainError

TOO_BIG = (
    f"Ce fichier dépasse {MAX_BYTES // 1_000_000}\u00a0Mo. Gardez une seule feuille, sans image, "
    f"de {MAX_LINES}\u00a0lignes au plus."
)


class SheetForm(forms.Form):
    """The file alone."""

    use_required_attribute = False

    file = forms.FileField(
        label="Fichier CSV ou XLSX",
        help_text=f"{MAX_LINES}\u00a0lignes au plus, avec les titres du modèle.",
        widget=forms.FileInput({"accept": ".csv,.xlsx,text/csv"}),
        allow_empty_file=True,  # the reading says it better
        error_messages={"required": "Choisissez un fichier CSV ou XLSX."},
    )


# The body is read with our handler, and only then is there a token to check.
@csrf_exempt
@member_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: MemberRequest) -> HttpResponseBase:
    """Explain, and keep the file that is sent for its preview."""
    handler = MemoryHandler()
    request.upload_handlers = [handler]
    response: HttpResponseBase = _upload(request, handler)
    return response


@csrf_protect
@sensitive_variables()
def _upload(request: MemberRequest, handler: MemoryHandler) -> HttpResponse:
    structure = request.membership.structure
    posted = request.method == "POST"
    form = SheetForm(request.POST, request.FILES) if posted else SheetForm()
    if handler.too_big:
        form.errors.clear()
        form.add_error("file", TOO_BIG)
    elif form.is_valid():
        try:
            file = form.cleaned_data["file"]
            sheet = services.deposit(file, by=request.user, structure=structure)
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            return redirect("activation:sheet", sheet.uuid)
    context = {
        "form": form,
        "columns": COLUMNS,
        "most": MAX_LINES,
        "is_open": structure.state == Structure.State.ACTIVE,
        "kept": settings.ACTIVATION_SHEETS_KEPT,
        "waiting": services.unsent(request.user, structure).defer("content").first(),
    }
    return render(request, "activation/sheets/upload.html", context)


@member_required
@require_safe
def download(request: HttpRequest, form: str) -> HttpResponseBase:
    """Hand the model out."""
    if form not in (CSV, XLSX):
        raise Http404
    return model(form)


@member_required
@never_cache
@sensitive_variables()
@require_safe
def preview(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Show what is to be mended, line by line, or that the file can leave."""
    sheet = _visible(request, identifier)
    if sheet.sent_at:
        messages.info(request, "Ce fichier est déjà envoyé. Ses demandes sont dans le suivi.")
        return redirect("activation:list")
    table = services.table_of(sheet)
    lines = judge(table, sheet.structure)
    wrong = [line for line in lines if line.faults]
    context = {
        "sheet": sheet,
        "table": table,
        "wrong": wrong,
        "cautious": [line for line in lines if line.cautions],
        "right": [line for line in lines if not line.faults],
        "total": len(lines),
        "kept_until": timezone.localtime(sheet.created_at + settings.ACTIVATION_SHEETS_KEPT),
    }
    return render(request, "activation/sheets/preview.html", context)


@member_required
@never_cache
@sensitive_post_parameters()
@require_POST
def send(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Send the whole file, once whatever the number of clicks."""
    sheet = _visible(request, identifier)
    try:
        sent = services.send(sheet, by=request.user)
    except RequestSheet.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("activation:sheet", sheet.uuid)
    if sent:
        words = f"Vos {sent} demandes sont envoyées." if sent > 1 else "Votre demande est envoyée."
        messages.success(request, words)
    return redirect("activation:list")


@member_required
@never_cache
@require_POST
def abandon(request: MemberRequest, identifier: uuid.UUID) -> HttpResponse:
    """Forget a file that is not sent."""
    sheet = _visible(request, identifier)
    if services.abandon(sheet):
        messages.success(request, "Le fichier est effacé. Rien n’a été envoyé.")
    return redirect("activation:sheets")


def _visible(request: MemberRequest, identifier: uuid.UUID) -> RequestSheet:
    mine = services.visible_to(request.user).select_related("structure")
    return get_object_or_404(mine, uuid=identifier)
