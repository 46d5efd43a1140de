"""Writing the audit trail."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from portal.privacy.models import AuditEntry


def entry(
    *, by: AbstractBaseUser | None, action: str, target: models.Model, **details: Any
) -> AuditEntry:
    """Return an unsaved row of the trail, for those that are written in bulk."""
    return AuditEntry(
        by_id=by.pk if by else None,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        details=details,
    )


def record(
    *, by: AbstractBaseUser | None, action: str, target: models.Model, **details: Any
) -> AuditEntry:
    """Write that ``by`` did ``action`` to ``target``, in the caller's transaction.

    Args:
        by: the actor; none for the system itself.
        action: ``app.verb``, such as ``activation.taken``.
        target: the object acted on.
        details: identifiers, counts and reasons; never a person's name, number or code.
    """
    row = entry(by=by, action=action, target=target, **details)
    row.save(force_insert=True)
    return row
