"""What the messages of an activation say: the texts that référents keep, filled in."""

from typing import Any

from django.urls import reverse

from activation.models import ActivationRequest, EmailText, SmsText
from activation.texts import emails, sms


def sms_text(line_number: str, language: str) -> str:
    """Return the SMS of an activated line.

    Args:
        line_number: E.164.
        language: of `activation.languages.Language`.
    """
    return sms.render(SmsText.objects.get(language=language).body, line_number)


def email_context(request: ActivationRequest) -> dict[str, Any]:
    """Return what the e-mail of the request's state says, without the beneficiary's data.

    Args:
        request: in one of the states of `EmailText.Moment`, with its structure loaded.
    """
    words = EmailText.objects.get(moment=request.state)
    return emails.context(
        words.subject,
        words.body,
        reference=request.reference,
        structure=request.structure.name,
        path=reverse("activation:detail", args=[request.uuid]),
    )
