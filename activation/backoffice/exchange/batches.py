"""Batches: the list, one of them with its files, and the preparing of the next."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin import messages

from activation.backoffice.listing import BADGES, identifiers, rows_of
from activation.exchange import batches, formats, making
from activation.models import PERSONAL, ActivationRequest, AnswerSheet, Batch, Transmission
from activation.states import State
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.privacy.services import record
from portal.ui.errors import DomainError

TITLE = "Échanges SFR"
ICON = "doc-full-inverse"
PER_PAGE = 25
REQUESTS_PER_PAGE = 100
SHEETS_SHOWN = 5
#: The check of the RIO reads it.
_DEFERRED = tuple(name for name in PERSONAL if name != "rio")


class ExchangePage(StaffPage):
    """A page of the exchange, for operators."""

    permission_required: str | None = "process"
    header_icon = ICON
    parents: Sequence[Parent] = (("sfr:index", [], TITLE),)


class BatchListView(ExchangePage):
    """What was transmitted, the newest first, and the last files of answers."""

    template_name = "activation/gestion/exchange/list.html"
    page_title = TITLE
    parents: Sequence[Parent] = ()

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of batches."""
        found = Batch.objects.select_related("created_by")
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        shown = list(page.object_list)
        counts = counted(shown)
        sheets = AnswerSheet.objects.defer("content").select_related("by")
        return self.show(
            page=page,
            batches=[(one, counts[one.pk]) for one in shown],
            sheets=[
                one
                for one in sheets.order_by("-pk")[:SHEETS_SHOWN]
                if one.applied_at or one.by_id == request.user.pk
            ],
        )


class BatchView(ExchangePage):
    """A batch: its requests, where they stand, and its files."""

    template_name = "activation/gestion/exchange/batch.html"

    def get(self, request: StaffRequest, identifier: uuid.UUID) -> HttpResponse:
        """Show a page of its requests."""
        self.batch = find(identifier)
        found = (
            self.batch.transmissions.select_related("request", "request__structure")
            .defer(*(f"request__{name}" for name in PERSONAL))
            .order_by("position")
        )
        page = Paginator(found, REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
        return self.show(
            batch=self.batch,
            counts=counted([self.batch])[self.batch.pk],
            page=page,
            is_file=self.batch.gateway == Batch.Gateway.FILE,
        )

    def get_page_title(self) -> str:
        return str(self.batch)


class DownloadView(ExchangePage):
    """A file of a batch."""

    def get(self, request: StaffRequest, identifier: uuid.UUID, form: str) -> HttpResponse:
        """Hand the file out, and record that it was."""
        batch = find(identifier)
        if form not in formats.TYPES or batch.gateway != Batch.Gateway.FILE:
            raise Http404
        try:
            content = formats.content(batch, form)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("sfr:batch", batch.uuid)
        record(by=request.user, action="activation.batch_downloaded", target=batch, form=form)
        charset = formats.charset(form)
        kind = f"{formats.TYPES[form]}; charset={charset}" if charset else formats.TYPES[form]
        answer = HttpResponse(content, content_type=kind)
        answer["Content-Disposition"] = f'attachment; filename="lot-sfr-{batch.pk}.{form}"'
        answer["Cache-Control"] = "no-store"
        return answer


class PrepareView(ExchangePage):
    """What is ready to leave, and the button that sends it."""

    template_name = "activation/gestion/exchange/prepare.html"
    page_title = "Préparer un lot"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show what would leave and what is set aside."""
        return self.page()

    def page(self, *, status: int = 200) -> HttpResponse:
        """Draw the page, with the key of a new batch."""
        survey = batches.survey(self.request.user)
        return self.show(
            status=status,
            key=uuid.uuid4(),
            survey=survey,
            why=[(BADGES[check], count) for check, count in survey.why.most_common()],
            ready=_rows(survey.first_clear),
            aside=_rows(survey.first_aside),
            most=batches.MOST,
        )

    def post(self, request: StaffRequest) -> HttpResponse:
        """Transmit what was ticked, or all that is ready."""
        try:
            key = uuid.UUID(request.POST.get("key", ""))
        except ValueError:
            return self.page(status=422)
        try:
            if "all" in request.POST:
                making.begin(by=request.user, key=key)
                return redirect("sfr:making", key)
            chosen = set(identifiers(request.POST.getlist("demande")))
            if not chosen:
                messages.error(request, "Cochez au moins une demande à transmettre.")
                return self.page(status=422)
            made = batches.make(by=request.user, key=key, chosen=chosen)
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(status=409)
        for reference, sentence in list(made.left.items())[:SHEETS_SHOWN]:
            messages.warning(request, f"{reference} n’est pas dans le lot. {sentence}")
        messages.success(request, _announced(made.batch))
        return redirect("sfr:batch", made.batch.uuid)


class MakingView(ExchangePage):
    """A batch that a worker makes."""

    template_name = "activation/gestion/exchange/making.html"
    page_title = "Lot en préparation"

    def get(self, request: StaffRequest, key: uuid.UUID) -> HttpResponse:
        """Say that it is being made, or lead to it once it is."""
        found = making.outcome(by=request.user, key=key)
        if found is None:
            return self.show(key=key)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        if isinstance(found, Batch):
            messages.success(request, _announced(found))
            return redirect("sfr:batch", found.uuid)
        messages.error(request, found)
        return redirect("sfr:prepare")


def _announced(batch: Batch) -> str:
    """Return what to say of a batch that is made."""
    if batch.gateway == Batch.Gateway.FILE:
        return "Le lot est transmis. Téléchargez son fichier pour SFR."
    return "Le lot est transmis\u00a0: le service de SFR reçoit ses demandes une à une."


def find(identifier: uuid.UUID) -> Batch:
    """Return a batch."""
    return get_object_or_404(Batch.objects.select_related("created_by"), uuid=identifier)


def counted(found: Sequence[Batch]) -> dict[int, dict[str, int]]:
    """Return how many requests each batch has, and how many still wait for SFR. One query."""
    waits = Q(answered_at=None, request__state=State.TRANSMITTED)
    rows = (
        Transmission.objects.filter(batch__in=[one.pk for one in found])
        .order_by()
        .values("batch")
        .annotate(total=Count("pk"), waiting=Count("pk", filter=waits))
    )
    nothing = {"total": 0, "waiting": 0, "answered": 0}
    counts = {one.pk: dict(nothing) for one in found}
    for row in rows:
        total, waiting = row["total"], row["waiting"]
        counts[row["batch"]] = {"total": total, "waiting": waiting, "answered": total - waiting}
    return counts


def _rows(keys: Sequence[int]) -> list[Any]:
    """Return the lines of the requests ``keys``, in that order."""
    found = ActivationRequest.objects.filter(pk__in=keys).defer(*_DEFERRED)
    rows = {one.pk: one for one in found.select_related("structure", "taken_by")}
    return rows_of([rows[key] for key in keys if key in rows])
