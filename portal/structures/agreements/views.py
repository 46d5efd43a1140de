"""MON COMPTE → CONVENTION: everybody sees where it stands; the lead downloads and sends back."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.access import member_of, member_required
from portal.structures.agreements import documents, signing
from portal.structures.agreements.moves import Paper
from portal.structures.agreements.overview import Shown, overview
from portal.structures.models import Agreement, AgreementDocument, Amendment, Kind
from portal.ui.errors import DomainError, NotAllowed


class LeadSigns(NotAllowed):
    """Members see the papers' states; their lead signs for the structure."""

    default_message = (
        "Seul le référent de votre structure télécharge et renvoie la convention. Demandez-lui de "
        "le faire."
    )


class SignedForm(forms.Form):
    """The signed paper, scanned or photographed."""

    use_required_attribute = False  # The errors are ours, in the summary.

    file = forms.FileField(
        label="Document signé",
        help_text="Un PDF, ou une photo JPEG ou PNG, de 10\u00a0Mo au plus. Toutes les pages "
        "doivent être dans un seul fichier.",
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/*"}),
        error_messages={
            "required": "Choisissez le document signé.",
            "empty": "Ce fichier est vide\u00a0: choisissez-en un autre.",
            "max_length": "Le nom de ce fichier est trop long\u00a0: raccourcissez-le.",
        },
        max_length=255,
    )


@require_safe
@never_cache
@member_required
def mine(request: HttpRequest) -> HttpResponse:
    """Show the conventions and avenants of the structure, with what the lead may do."""
    member = member_of(request)
    shown: list[Shown] = overview(member.structure)
    return render(request, "structures/agreements/mine.html", {"agreements": shown, "me": member})


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def send_back(request: HttpRequest, kind: str, uuid: UUID) -> HttpResponse:
    """Take the signed paper from the lead."""
    paper, member = _paper(request, kind, uuid), member_of(request)
    if not member.is_structure_lead:
        raise LeadSigns
    posted = request.method == "POST"
    form = SignedForm(request.POST, request.FILES) if posted else SignedForm()
    if posted and form.is_valid():
        try:
            signing.deposit(paper, by=member.user, file=form.cleaned_data["file"])
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            messages.success(
                request,
                "Document reçu. Emmaüs Connect le vérifie, puis vous écrit.",
            )
            return redirect("agreements:mine")
    return render(
        request,
        "structures/agreements/send_back.html",
        {"form": form, "paper": paper, "is_convention": kind == Kind.CONVENTION},
        status=422 if form.errors else 200,
    )


@require_safe
@never_cache
@member_required
def download(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the lead one of the structure's files."""
    member = member_of(request)
    rows = documents.of_structure(member).select_related("agreement", "amendment__agreement")
    return as_attachment(get_object_or_404(rows, uuid=uuid), by=member.user)


def as_attachment(document: AgreementDocument, *, by: User) -> HttpResponse:
    """Answer with a file that the browser saves and nothing keeps; that it was read is recorded."""
    record(by=by, action="structures.document_downloaded", target=document)
    name = documents.file_name(document)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",  # as Wagtail's documents
    }
    content = documents.content(document)
    return HttpResponse(content, content_type=document.media_type, headers=headers)


def _paper(request: HttpRequest, kind: str, uuid: UUID) -> Paper:
    mine = member_of(request).structure_id
    if kind == Kind.CONVENTION:
        return get_object_or_404(Agreement.objects.filter(structure=mine), uuid=uuid)
    rows = Amendment.objects.filter(agreement__structure=mine).select_related("agreement")
    return get_object_or_404(rows, uuid=uuid)
