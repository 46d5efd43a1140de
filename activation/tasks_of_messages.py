"""Messages that could not be delivered: an operator tells the person otherwise, and says how."""

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.models import MessageTask
from activation.rights import check_operator
from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError


class TaskRefused(DomainError):
    """The task cannot be closed like that."""

    default_code = "task_refused"


@transaction.atomic
@sensitive_variables("note")
def close_task(task: MessageTask, *, by: User, note: str) -> MessageTask:
    """Note that ``by`` told the person otherwise; a second time changes nothing.

    Args:
        task: read anew under lock.
        by: an operator.
        note: what was done; kept encrypted, since it may quote somebody.

    Raises:
        NotAllowed: ``by`` is no operator.
        TaskRefused: nothing is said of what was done.
    """
    check_operator(by)
    if not note.strip():
        raise TaskRefused("Indiquez ce que vous avez fait\u00a0: un collègue doit le comprendre.")
    row = MessageTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if row.done_at is None:
        row.done_at, row.done_by, row.note = timezone.now(), by, note.strip()
        row.save(update_fields=["done_at", "done_by", "note"])
        record(by=by, action="activation.message_done", target=row.request, channel=row.channel)
    return row
