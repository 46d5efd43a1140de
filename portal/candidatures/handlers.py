"""What the outbox delivers for candidatures. Links are made here, at delivery, never stored."""

from portal.candidatures import links
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
    if candidature is None:
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
    if event is None:
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
