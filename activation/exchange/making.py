"""A large batch, made by a worker while its operator sees how it goes."""

import uuid

from django.core.cache import cache
from kombu.exceptions import OperationalError

from activation.exchange import batches
from activation.models import Batch
from portal.accounts.models import User
from portal.ui.errors import DomainError

#: Requests that are transmitted while the operator waits; a worker transmits more.
AT_ONCE = 500
_KEPT = 3600  # seconds that a refusal is remembered


class WorkerAway(DomainError):
    """Nobody takes work on."""

    default_code = "worker_away"
    default_message = (
        "Le lot n’a pas pu être préparé\u00a0: le service qui s’en charge ne répond pas. Rien n’a "
        "été transmis. Réessayez dans quelques minutes."
    )


def begin(*, by: User, key: uuid.UUID) -> None:
    """Transmit all that is ready: at once if it is little, by a worker otherwise.

    Raises:
        DomainError: see `batches.make`; or no worker can be asked.
    """
    if batches.candidates(by)[: AT_ONCE + 1].count() <= AT_ONCE:
        batches.make(by=by, key=key)
        return
    from activation.tasks import make_batch  # noqa: PLC0415  (tasks import this module)

    cache.delete(_name(by.pk, key))
    try:
        make_batch.apply_async((by.pk, str(key)), retry=False, ignore_result=True)
    except OperationalError as error:
        raise WorkerAway from error


def work(operator: int, key: str) -> None:
    """Make the batch; what refuses it is told on the operator's page."""
    by = User.objects.get(pk=operator)
    try:
        batches.make(by=by, key=uuid.UUID(key))
    except DomainError as error:
        cache.set(_name(operator, key), error.message, _KEPT)


def outcome(*, by: User, key: uuid.UUID) -> Batch | str | None:
    """Return the batch, or why there is none; None as long as a worker is at it."""
    made = Batch.objects.filter(key=key, created_by=by).first()
    refusal: str | None = cache.get(_name(by.pk, key))
    return made or refusal


def _name(operator: int, key: object) -> str:
    return f"activation-batch-{operator}-{key}"
