"""SMS backends. The journal is the default: the back office shows what would have left."""

import sys

from django.conf import settings
from django.urls import reverse

from portal.outbox import http


class JournalSmsBackend:
    """Sends nothing: the journal's row is the message."""

    keeps_text_in_journal = True

    def send(self, *, to: str, text: str, key: str) -> None:
        """Leave the message in the journal, where it already is."""


class ConsoleSmsBackend(JournalSmsBackend):
    """Writes each SMS to the terminal as well: for development."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Write the message to the standard output."""
        sys.stdout.write(f"SMS {to}: {text}\n")
        sys.stdout.flush()


class HttpSmsBackend:
    """Hands each SMS to a provider over HTTP, and tells it where to report the delivery.

    ``POST {to, from, text, key, report_url}`` with a bearer's token and an ``Idempotency-Key``.
    """

    keeps_text_in_journal = False

    def send(self, *, to: str, text: str, key: str) -> None:
        """Send one SMS; see `portal.outbox.http.post` for what raises."""
        content = {
            "to": to,
            "from": settings.SMS_HTTP_SENDER,
            "text": text,
            "key": key,
            "report_url": settings.WAGTAILADMIN_BASE_URL + reverse("outbox:sms_report"),
        }
        http.post(
            settings.SMS_HTTP_URL,
            content,
            key=key,
            token=settings.SMS_HTTP_TOKEN,
            timeout=settings.SMS_HTTP_TIMEOUT,
        )
