"""Keeping a file until it is sent, and sending it whole or not at all."""

import json
import uuid
from dataclasses import astuple
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.models import RequestSheet
from activation.sending import CardAlreadyUsed, check_may_submit, submit_each
from activation.sheets.judging import judge
from activation.sheets.reading import Table, read_table
from portal.accounts.models import User
from portal.structures.models import Membership, Structure
from portal.ui.errors import DomainError


class SheetRefused(DomainError):
    """A line is to be mended: nothing was sent."""

    default_code = "sheet_refused"
    default_message = (
        "Rien n’est envoyé\u00a0: une ligne du fichier est à corriger. Elle est en tête de la "
        "liste."
    )


@sensitive_variables()
def deposit(file: BinaryIO, *, by: User, structure: Structure) -> RequestSheet:
    """Keep the lines of a file, encrypted; an older one of the same person is forgotten.

    Raises:
        UnreadableFile: its sentence says what to change.
        StructureClosed: the structure is not active.
        NotAllowed: ``by`` is no member.
    """
    check_may_submit(by, structure)
    content = json.dumps(astuple(read_table(file)))
    with transaction.atomic():
        unsent(by, structure).delete()
        return RequestSheet.objects.create(by=by, structure=structure, content=content)


def table_of(sheet: RequestSheet) -> Table:
    """Return the lines that a sheet holds."""
    lines, unknown, example = json.loads(sheet.content)
    return Table([(number, values) for number, values in lines], unknown, example)


def visible_to(user: User) -> QuerySet[RequestSheet]:
    """Return the sheets that a person deposited for a structure that they still belong to."""
    mine = Membership.objects.active().filter(user=user.pk).values("structure")
    return RequestSheet.objects.filter(by=user.pk, structure__in=mine)


def unsent(by: User, structure: Structure) -> QuerySet[RequestSheet]:
    """Return what a person deposited for a structure, and did not send."""
    return RequestSheet.objects.filter(by=by, structure=structure, sent_at=None)


@transaction.atomic
@sensitive_variables()
def send(sheet: RequestSheet, *, by: User) -> int:
    """Send every line of a sheet, or none; return how many were sent now.

    The row is locked: of two clicks the second one finds it sent, and sends nothing.

    Raises:
        SheetRefused: a line is to be mended, such as one whose card a colleague just used.
        StructureClosed: the structure is not active.
        NotAllowed: ``by`` is no member.
        RequestSheet.DoesNotExist: it was abandoned meanwhile, or is somebody else's.
    """
    row = (
        visible_to(by).select_for_update(of=("self",)).select_related("structure").get(pk=sheet.pk)
    )
    if row.sent_at:
        return 0
    check_may_submit(by, row.structure)
    lines = judge(table_of(row), row.structure)
    ready = [
        (uuid.uuid5(row.uuid, str(line.number)), line.application)
        for line in lines
        if line.application and not line.faults
    ]
    if len(ready) < len(lines):
        raise SheetRefused
    try:
        submit_each(ready, by=by, structure=row.structure)
    except CardAlreadyUsed as error:
        raise SheetRefused from error
    row.content, row.sent_at = "", timezone.now()
    row.save(update_fields=["content", "sent_at"])
    return len(ready)


def abandon(sheet: RequestSheet) -> bool:
    """Delete a sheet that is not sent; return whether it was."""
    return bool(RequestSheet.objects.filter(pk=sheet.pk, sent_at=None).delete()[0])
