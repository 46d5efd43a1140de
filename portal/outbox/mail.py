"""Sending e-mails and SMS from outbox handlers: rendered late, sent once a key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from portal.outbox.models import JournalEntry


class SmsBackend(Protocol):
    """What sends SMS: the journal by default, an HTTP provider in production."""

    #: Whether the journal must keep the text, because nothing else does.
    keeps_text_in_journal: bool

    def send(self, *, to: str, text: str, key: str) -> None:
        """Send ``text`` to ``to`` (E.164); ``key`` lets the provider drop a repeat.

        Raises:
            OSError: the provider could not be reached or refused; the outbox tries again.
            PermanentFailure: the provider will never take it; the outbox gives up.
        """


@dataclass(frozen=True, repr=False)
class Attachment:
    """A file of an e-mail, made when it is sent. No ``repr``: it may show personal data.

    Attributes:
        name: the file's.
        media_type: such as ``text/calendar``.
        content: sent byte for byte.
        parameters: of the type, such as ``{"charset": "UTF-8"}``.
    """

    name: str
    media_type: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)

    def part(self) -> MIMEBase:
        """Return it as a part of a message, in base64: no relay touches its line endings."""
        made = MIMEBase(*self.media_type.split("/"))
        for name, value in self.parameters.items():
            made.set_param(name, value)
        made.set_payload(self.content)
        encode_base64(made)
        made.add_header("Content-Disposition", "attachment", filename=self.name)
        return made


def _written(channel: str, key: str, *, keep: bool, **content: str) -> bool:
    """Write the journal's row; return False where this key was sent before."""
    kept = content if keep else dict.fromkeys(content, "")
    _, created = JournalEntry.objects.get_or_create(key=key, defaults={"channel": channel, **kept})
    return created


def send_email(
    *,
    key: str,
    to: str,
    template: str,
    context: Mapping[str, Any],
    attachments: Iterable[Attachment] = (),
) -> None:
    """Send one e-mail, HTML and text, once for ``key``.

    The journal's row and the sending share the relay's transaction: a failed sending leaves no
    row, so that the next attempt sends.

    Args:
        key: unique for this message; handlers use the outbox row's uuid.
        to: the address.
        template: path below ``templates/email/`` without ending; ``<template>.html``,
            ``<template>.txt`` and ``<template>.subject.txt`` exist.
        context: for the three templates; ``base_url`` is added.
        attachments: files, which nothing keeps.
    """
    full = {"base_url": settings.WAGTAILADMIN_BASE_URL, **context}
    subject = " ".join(render_to_string(f"email/{template}.subject.txt", full).split())
    text = render_to_string(f"email/{template}.txt", full)
    keep = settings.OUTBOX_JOURNAL_KEEPS_TEXT
    channel = JournalEntry.Channel.EMAIL
    if not _written(channel, key, keep=keep, recipient=to, subject=subject, text=text):
        return
    message = EmailMultiAlternatives(
        subject, text, to=[to], headers={"Message-ID": f"<{key}@espace-recharges>"}
    )
    message.attach_alternative(render_to_string(f"email/{template}.html", full), "text/html")
    for attachment in attachments:
        message.attach(attachment.part())
    message.send()


def _unused(key: str) -> str:
    """Return ``key``, numbered where messages sent under it were reported as failed.

    A provider that saw the first would take a second of the same key for a repeat.
    """
    sent = JournalEntry.objects.filter(Q(key=key) | Q(key__startswith=f"{key}."))
    failed = sent.filter(status=JournalEntry.Status.FAILED).count()
    return f"{key}.{failed + 1}" if failed else key


def send_sms(*, key: str, to: str, text: str) -> None:
    """Send one SMS once for ``key``, and once more after a report that it never arrived.

    Args:
        key: unique for this message; handlers use the outbox row's uuid.
        to: E.164 number.
        text: what the person reads.
    """
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    keep = settings.OUTBOX_JOURNAL_KEEPS_TEXT or backend.keeps_text_in_journal
    channel = JournalEntry.Channel.SMS
    key = _unused(key)
    if _written(channel, key, keep=keep, recipient=to, subject="", text=text):
        backend.send(to=to, text=text, key=key)
