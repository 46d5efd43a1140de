"""What the outbox delivers for candidatures. Links are made here, at delivery, never stored.

A message about a candidature that was anonymised meanwhile has nobody left to go to.
"""

from django.urls import reverse

from portal.accounts.models import User
from portal.candidatures import arrivals, links
from portal.candidatures.models import Candidature, CandidatureEvent, State
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler

#: The e-mail of each state that is told by e-mail.
TEMPLATES = {
    State.SUBMITTED: "candidatures/submitted",
    State.TO_COMPLETE: "candidatures/to_complete",
    State.ACCEPTED: "candidatures/accepted",
    State.REFUSED: "candidatures/refused",
    State.WITHDRAWN: "candidatures/withdrawn",
}


@handler("candidatures.link")
def send_link(message: OutboxMessage) -> None:
    """Send the link that brings the candidate back, unless the candidature is gone."""
    candidature = Candidature.objects.filter(uuid=message.payload["candidature"]).first()
    if candidature is None or candidature.is_anonymised:
        return
    send_email(
        key=str(message.uuid),
        to=candidature.email,
        template="candidatures/link",
        context={"candidature": candidature, "url": links.make(candidature)},
    )


@handler("candidatures.moved")
def send_moved(message: OutboxMessage) -> None:
    """Tell the candidate where their candidature stands, as it did when that was written."""
    event = (
        CandidatureEvent.objects.filter(pk=message.payload["event"])
        .select_related("candidature")
        .first()
    )
    if event is None or event.candidature.is_anonymised:
        return
    send_email(
        key=str(message.uuid),
        to=event.candidature.email,
        template=TEMPLATES[State(event.now)],
        context={
            "candidature": event.candidature,
            "reason": event.reason,
            "url": links.make(event.candidature),
        },
    )


@handler(arrivals.TOPIC)
def send_arrived(message: OutboxMessage) -> None:
    """Tell a référent of a candidature that waits, unless it or they no longer do."""
    user = User.objects.filter(uuid=message.payload["user"], is_active=True).first()
    found = Candidature.objects.filter(
        events=message.payload["event"], state=State.SUBMITTED
    ).first()
    if user is None or found is None or not user.has_perm(arrivals.DECIDES):
        return
    send_email(
        key=str(message.uuid),
        to=user.email,
        template="candidatures/arrived",
        context={
            "candidature": found,
            "path": reverse("candidatures_gestion:detail", args=[found.uuid]),
            "board": reverse("candidatures_gestion:index"),
        },
    )
