"""What the outbox delivers for structures."""

from django.conf import settings

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.structures.agreements import mails
from portal.structures.models import AgreementReminder, Membership


@handler("structures.member_added")
def send_member_added(message: OutboxMessage) -> None:
    """Tell somebody who has a login that a structure was opened to them, if it still is."""
    membership = (
        Membership.objects.active()
        .filter(
            user__uuid=message.payload["user"],
            user__is_active=True,
            structure__uuid=message.payload["structure"],
        )
        .select_related("user", "structure")
        .first()
    )
    if membership is None:
        return
    send_email(
        key=str(message.uuid),
        to=membership.user.email,
        template="structures/member_added",
        context={
            "person": membership.user,
            "structure": membership.structure,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}/mon-compte/",
        },
    )


@handler("structures.agreement_news")
def send_agreement_news(message: OutboxMessage) -> None:
    """Tell the lead, or the account manager, what happened to a convention or an avenant."""
    found = mails.news(message.payload)
    if found:
        reader, context = found
        template = "structures/agreement"
        send_email(key=str(message.uuid), to=reader.email, template=template, context=context)


@handler("structures.agreement_reminder")
def send_agreement_reminder(message: OutboxMessage) -> None:
    """Remind the lead and the account manager of an end that comes."""
    rows = AgreementReminder.objects.select_related(
        "agreement__structure__account_manager",
        "amendment__agreement__structure__account_manager",
    )
    reminder = rows.filter(uuid=message.payload["reminder"]).first()
    if reminder is None:
        return
    for role, reader, context in mails.reminders(reminder):
        key = f"{message.uuid}-{role}"
        send_email(key=key, to=reader.email, template="structures/agreement", context=context)
