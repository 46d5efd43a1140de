"""Requests, what is known and decided about them, their exchange with SFR, and the words."""

from activation.models.drafts import ActivationDraft, RequestSheet
from activation.models.exchange import (
    AnswerColumn,
    AnswerSheet,
    AnswerWord,
    Batch,
    Callback,
    ExchangeColumn,
    ExchangeFormat,
    Transmission,
)
from activation.models.follow_up import CheckOverride, MessageTask, PurgeProof
from activation.models.requests import (
    PERSONAL,
    ActivationEvent,
    ActivationRequest,
    ActivationRequestQuerySet,
)
from activation.models.settings import RETENTION_CEILING, ActivationSettings
from activation.models.texts import EmailText, Reason, SmsText

__all__ = [
    "PERSONAL",
    "RETENTION_CEILING",
    "ActivationDraft",
    "ActivationEvent",
    "ActivationRequest",
    "ActivationRequestQuerySet",
    "ActivationSettings",
    "AnswerColumn",
    "AnswerSheet",
    "AnswerWord",
    "Batch",
    "Callback",
    "CheckOverride",
    "EmailText",
    "ExchangeColumn",
    "ExchangeFormat",
    "MessageTask",
    "PurgeProof",
    "Reason",
    "RequestSheet",
    "SmsText",
    "Transmission",
]
