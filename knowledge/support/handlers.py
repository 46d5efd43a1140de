"""The messages of an assistance request, delivered by the outbox: links, never the content."""

from django.urls import reverse

from knowledge.models import FaqQuestion
from knowledge.support.messages import DRAFT_TOPIC, PARTNER_TOPIC, TEAM_TOPIC
from knowledge.support.models import SupportRequest
from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.structures.models import Membership


@handler(PARTNER_TOPIC)
def send_partner_email(message: OutboxMessage) -> None:
    """Tell who asked, or the structure's lead where they are gone."""
    request = SupportRequest.objects.get(uuid=message.payload["request"])
    to = _reader(request)
    if not to:
        return
    send_email(
        key=str(message.uuid),
        to=to,
        template="support/partner",
        context={
            "reference": request.reference,
            "what": message.payload["what"],
            "path": reverse("support:thread", args=[request.uuid]),
        },
    )


def _reader(request: SupportRequest) -> str:
    members = Membership.objects.active().filter(
        structure=request.structure_id, user__is_active=True
    )
    asker = members.filter(user=request.created_by_id)
    found = asker.select_related("user").first() or (
        members.filter(is_structure_lead=True).select_related("user").first()
    )
    return found.user.email if found else ""


@handler(TEAM_TOPIC)
def send_team_email(message: OutboxMessage) -> None:
    """Tell somebody of the team that a request waits for them."""
    to = User.objects.filter(uuid=message.payload["to"], is_active=True).first()
    request = SupportRequest.objects.select_related("structure").get(
        uuid=message.payload["request"]
    )
    if to is None or request.waiting_since is None:
        return
    send_email(
        key=str(message.uuid),
        to=to.email,
        template="support/team",
        context={
            "reference": request.reference,
            "structure": request.structure.name,
            "what": message.payload["what"],
            "path": reverse("support_requests:detail", args=[request.uuid]),
        },
    )


@handler(DRAFT_TOPIC)
def send_draft_email(message: OutboxMessage) -> None:
    """Tell an éditeur that a draft of the FAQ waits, unless it is published or gone already."""
    to = User.objects.filter(uuid=message.payload["to"], is_active=True).first()
    question = FaqQuestion.objects.filter(pk=message.payload["question"], live=False).first()
    if to is None or question is None:
        return
    path = reverse("wagtailsnippets_knowledge_faqquestion:edit", args=[question.pk])
    send_email(
        key=str(message.uuid), to=to.email, template="support/faq_draft", context={"path": path}
    )
