"""« Suivi » in the back office: messages sent, messages waiting, the audit trail. Nothing to edit.

The journal's texts are personal data: the list masks the recipients, and each text that somebody
opens is recorded. Where texts are not kept (production, setting
``OUTBOX_JOURNAL_KEEPS_TEXT``) the
screen says so.
"""

from typing import Any, cast

import django_filters
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from portal.outbox import services
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.privacy.models import AuditEntry
from portal.privacy.services import record

NOT_KEPT = "Le texte n’est pas conservé sur ce serveur : ce message a pu porter un lien personnel."


class ReadOnlyViewSet(ModelViewSet):
    """A list and a detail, for those who hold the permission to view; no other address exists."""

    copy_view_enabled = False
    inspect_view_enabled = True
    add_to_reference_index = False
    ordering = ("-pk",)
    # Wagtail builds a form for views that are not mounted; it needs fields all the same.
    exclude_form_fields: tuple[str, ...] = ()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the addresses that are not there."""
        absent = ("add", "edit", "delete", "history", "usage")
        none = {f"{name}_url_name": None for name in absent}
        common: dict[str, Any] = super().get_common_view_kwargs(**none, **kwargs)
        return common

    def get_urlpatterns(self) -> list[URLPattern]:
        """Mount the list and the detail."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", self.inspect_view, name="inspect"),
        ]


def masked(recipient: str) -> str:
    """Return a recipient that one recognises without reading it: ``+33…78``, ``mar…org``."""
    return f"{recipient[:3]}…{recipient[-3:]}" if len(recipient) > 8 else "…"


class JournalInspectView(InspectView):
    """One message as it left; opening it is recorded."""

    page_title = "Message"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Record who opens the text, then show it."""
        record(
            by=cast(AbstractBaseUser, request.user),
            action="outbox.journal_viewed",
            target=self.object,
        )
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_page_subtitle(self) -> str:
        """Name the message without its recipient."""
        return f"{self.object.get_channel_display()} n° {self.object.pk}"

    def get_text_display_value(self) -> str:
        """Show the text, or why there is none."""
        return self.object.text or NOT_KEPT

    def get_recipient_display_value(self) -> str:
        """Show the recipient, or why there is none."""
        return self.object.recipient or NOT_KEPT


class JournalViewSet(ReadOnlyViewSet):
    model = JournalEntry
    name = "messages-envoyes"
    icon = "mail"
    menu_label = "Messages envoyés"
    form_fields = ["channel", "status"]
    list_display = [
        "pk",
        DateColumn("at", label="Envoyé", width="20%"),
        "channel",
        Column("recipient", label="Destinataire", accessor=lambda row: masked(row.recipient)),
        Column("status", label="Remise", accessor=lambda row: row.get_status_display()),
    ]
    list_filter = ["channel", "status"]
    inspect_view_class = JournalInspectView
    inspect_view_fields = [
        *("at", "channel", "status", "status_at", "recipient", "subject", "text"),
    ]


class State(models.TextChoices):
    """What may be the matter with a message that was not delivered."""

    WAITING = "waiting", "En attente"
    DEAD = "dead", "Abandonné"


def state_of(message: OutboxMessage) -> str:
    """Return the state of an undelivered message, in words."""
    return State.DEAD.label if message.dead_at else State.WAITING.label


class WaitingFilterSet(WagtailFilterSet):
    """Messages that wait, or that were given up."""

    state = django_filters.ChoiceFilter(label="État", choices=State.choices, method="by_state")

    class Meta:
        model = OutboxMessage
        fields = ["state"]

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Keep one of the two states."""
        return rows.filter(dead_at__isnull=value == State.WAITING)


class WaitingIndexView(IndexView):
    """What was not delivered yet."""

    def get_base_queryset(self) -> Any:
        """Leave out what was delivered."""
        return super().get_base_queryset().filter(delivered_at__isnull=True)


class WaitingInspectView(InspectView):
    """One message, and the button that gives a dead one a fresh life."""

    page_title = "Envoi"

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer to send again what was given up, to those who may."""
        if self.object.dead_at is None or not self.user_has_permission("change"):
            return []
        url = reverse(self.index_url_name.replace(":index", ":resend"), args=[self.object.pk])
        return [HeaderButton("Renvoyer", url=url, icon_name="rotate")]


@require_http_methods(["GET", "POST"])
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then give a dead message all its attempts again.

    Raises:
        PermissionDenied: the person may look and not touch.
    """
    if not request.user.has_perm("outbox.change_outboxmessage"):
        raise PermissionDenied
    message = get_object_or_404(OutboxMessage, pk=pk, dead_at__isnull=False)
    index = reverse("envois:index")
    if request.method == "POST":
        with transaction.atomic():
            services.resend(message)
            record(by=cast(AbstractBaseUser, request.user), action="outbox.resent", target=message)
        messages.success(request, "L’envoi est reparti. Il sera essayé de nouveau aussitôt.")
        return redirect(index)
    context = {"message": message, "index_url": index}
    return render(request, "wagtailadmin/outbox/resend.html", context)


class WaitingViewSet(ReadOnlyViewSet):
    model = OutboxMessage
    name = "envois"
    icon = "time"
    menu_label = "Envois en attente"
    form_fields = ["topic"]
    list_display = [
        "topic",
        Column("state", label="État", accessor=state_of),
        DateColumn("created_at", label="Créé"),
        DateColumn("due_at", label="Prochain essai"),
        "attempts",
        "last_error",
    ]
    filterset_class = WaitingFilterSet
    index_view_class = WaitingIndexView
    inspect_view_class = WaitingInspectView
    inspect_view_fields = [
        *("topic", "uuid", "created_at", "due_at", "attempts", "dead_at", "last_error"),
        "request_id",
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the way to send again."""
        return [*super().get_urlpatterns(), path("<int:pk>/renvoyer/", resend, name="resend")]


class TraceInspectView(InspectView):
    page_title = "Trace"


class TraceViewSet(ReadOnlyViewSet):
    model = AuditEntry
    name = "traces"
    icon = "history"
    menu_label = "Traces"
    form_fields = ["action"]
    list_display = [
        "action",
        DateColumn("at", label="Quand"),
        "by",
        "target_type",
        "target_id",
    ]
    list_filter = {"action": ["icontains"], "at": ["gte", "lte"], "target_id": ["exact"]}
    inspect_view_class = TraceInspectView
    inspect_view_fields = ["at", "by", "action", "target_type", "target_id", "details"]


class FollowUpGroup(ViewSetGroup):
    menu_label = "Suivi"
    menu_icon = "clipboard-list"
    menu_order = 800
    items = (JournalViewSet, WaitingViewSet, TraceViewSet)
