"""The assistance requests of a structure: ask, with the FAQ's answers first; follow the thread."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.models import FaqQuestion
from knowledge.support import faq, services
from knowledge.support.files import as_attachment
from knowledge.support.forms import QuestionForm, ReplyForm, SendForm
from knowledge.support.models import SupportAttachment, SupportRequest
from knowledge.support.numbers import has_long_number
from knowledge.support.services import Question
from knowledge.support.states import State
from portal.structures import about
from portal.structures.access import current_membership, member_of, member_required
from portal.ui.errors import DomainError

PER_PAGE = 20
#: What the buttons of the form ask for, in its field ``etape``.
EDIT, SEND = "modifier", "envoyer"


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("title", "body")
def new(request: HttpRequest) -> HttpResponse:
    """Ask: the question, then what the FAQ answers, the files and a last look, then send."""
    member = current_membership(request)
    if member is None:
        messages.info(
            request,
            "Les demandes d’assistance sont réservées aux membres d’une structure partenaire. "
            "Appelez-nous ou écrivez-nous.",
        )
        return redirect("/aide/")
    if request.method == "GET":
        pointed = request.GET.get("sur", "")[:60]
        return _ask(request, QuestionForm(member=member, pointed=pointed))
    form = QuestionForm(request.POST, member=member)
    step = request.POST.get("etape")
    if not form.is_valid():
        return _ask(request, form, status=422)
    if step == EDIT:
        return _ask(request, form)
    asks = form.has_long_number
    if step != SEND:
        return _look(request, form, SendForm(asks=asks))
    last = SendForm(request.POST, request.FILES, asks=asks)
    if not last.is_valid():
        return _look(request, form, last, status=422)
    try:
        sent = services.ask(
            by=member,
            key=form.cleaned_data["key"],
            question=form.question(),
            files=last.cleaned_data["attached"],
        )
    except DomainError as error:
        form.add_error("about" if isinstance(error, services.NotYours) else None, error.message)
        return _ask(request, form, status=422)
    return _follow(request, sent, form.question())


def _follow(request: HttpRequest, sent: SupportRequest, asked: Question) -> HttpResponse:
    """Lead to the thread of a request; say whether it is what was asked just now."""
    if services.says(sent, asked):
        messages.success(
            request, f"Demande {sent.reference} envoyée. Vous recevrez un e-mail à chaque réponse."
        )
    else:
        # Back, then other words: the form is the one that was sent.
        messages.warning(
            request,
            "Cette demande était déjà envoyée, et ce que vous avez changé depuis ne l’est "
            "pas\u00a0: écrivez-le ci-dessous.",
        )
    return redirect("support:thread", sent.uuid)


def _ask(request: HttpRequest, form: QuestionForm, status: int = 200) -> HttpResponse:
    return render(request, "knowledge/support/new.html", {"form": form}, status=status)


def _look(
    request: HttpRequest, form: QuestionForm, last: SendForm, status: int = 200
) -> HttpResponse:
    data = form.cleaned_data
    context = {
        "form": last,
        "question": form,
        "asks": "sure" in last.fields,
        "subject": dict(form.fields["subject"].choices)[data["subject"]],  # type: ignore[attr-defined]
        "about": _about_label(form, data["about"]),
        "results": faq.likely(data["title"], data["body"]),
    }
    return render(request, "knowledge/support/look.html", context, status=status)


def _about_label(form: QuestionForm, value: str) -> str:
    """Return what was chosen, as the list showed it."""
    options: Any = form.fields["about"].choices  # type: ignore[attr-defined]
    for name, label in options:
        inside = label if isinstance(label, list | tuple) else [(name, label)]
        for one, text in inside:
            if one == value:
                return str(text)
    return ""


@require_POST
@never_cache
@sensitive_post_parameters("title", "body")
@member_required
def answers(request: HttpRequest) -> HttpResponse:
    """Return the FAQ's likely answers alone, as one stops typing."""
    typed = [request.POST.get(name, "") for name in ("title", "body")]
    return render(request, "knowledge/support/answers.html", {"results": faq.likely(*typed)})


@require_POST
@member_required
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """Count that an answer of the FAQ's was enough, and show it."""
    questions = FaqQuestion.objects.live().filter(theme__live=True)
    question = get_object_or_404(questions, pk=pk)
    faq.found(question)
    messages.success(request, "Tant mieux\u00a0! Votre demande n’est pas envoyée.")
    return redirect(f"/faq/{question.slug}/")


@require_safe
@never_cache
@member_required
def index(request: HttpRequest) -> HttpResponse:
    """List the requests of the structure."""
    mine = SupportRequest.objects.visible_to(member_of(request)).select_related("created_by")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "knowledge/support/list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("body")
@member_required
def thread(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a thread, and write in it."""
    found = _mine(request, uuid)
    if request.method == "GET":
        return _thread(request, found, ReplyForm())
    asks = has_long_number(request.POST.get("body", ""))
    form = ReplyForm(request.POST, request.FILES, asks=asks)
    if not form.is_valid():
        return _thread(request, found, form, status=422)
    data = form.cleaned_data
    services.write(
        by=member_of(request),
        request=found,
        key=data["key"],
        body=data["body"],
        files=data["attached"],
    )
    messages.success(request, "Message envoyé.")
    return redirect("support:thread", uuid)


def _thread(
    request: HttpRequest, found: SupportRequest, form: ReplyForm, status: int = 200
) -> HttpResponse:
    written = found.messages.filter(is_note=False).select_related("by")
    context = {
        "one": found,
        "thread": written.prefetch_related("files"),
        "thing": about.resolve(found.about_kind, found.about_uuid, structure=found.structure_id),
        "form": form,
        "solved": found.state == State.SOLVED,
    }
    return render(request, "knowledge/support/thread.html", context, status=status)


@require_POST
@member_required
def close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the question is answered."""
    services.close(by=member_of(request), request=_mine(request, uuid))
    messages.success(request, "Demande close. Vous pouvez la rouvrir si besoin.")
    return redirect("support:thread", uuid)


@require_POST
@member_required
def reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that it is not, after all."""
    services.reopen(by=member_of(request), request=_mine(request, uuid))
    messages.success(request, "Demande rouverte\u00a0: Emmaüs Connect est prévenu.")
    return redirect("support:thread", uuid)


@require_safe
@never_cache
@member_required
def file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a file of one of the structure's threads."""
    member = member_of(request)
    rows = SupportAttachment.objects.filter(
        message__request__structure=member.structure_id, message__is_note=False
    ).select_related("message__request")
    return as_attachment(get_object_or_404(rows, uuid=uuid), by=member.user)


def _mine(request: HttpRequest, uuid: UUID) -> SupportRequest:
    rows = SupportRequest.objects.visible_to(member_of(request))
    return get_object_or_404(rows.select_related("created_by", "assigned_to"), uuid=uuid)
