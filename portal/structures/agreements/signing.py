"""From the draft to the countersignature: what the structure and the référents do on paper."""

from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.structures.agreements import documents, paper, texts
from portal.structures.agreements.activation import open_account
from portal.structures.agreements.mails import lead_of, tell
from portal.structures.agreements.moves import (
    Paper,
    check,
    kind_of,
    lock,
    move,
    structure_of,
)
from portal.structures.agreements.preparing import TermsRefused, deliver_as
from portal.structures.agreements.uploads import Checked
from portal.structures.agreements.uploads import check as check_file
from portal.structures.models import Agreement, AgreementDocument, Amendment, Structure
from portal.structures.signals import amendment_validated

_A = Agreement.State
_V = Amendment.State
_K = AgreementDocument.Kind
_P = TypeVar("_P", bound=Agreement | Amendment)


@transaction.atomic
def send_to_sign(document: _P, *, by: User) -> _P:
    """Freeze the paper with the text of today, and tell the structure's lead.

    Raises:
        MoveRefused: it is no draft.
        TermsRefused: nobody leads the structure, or an avenant lacks a decision.
        TextRefused: no text is published.
        PdfUnavailable: nothing can draw it here.
    """
    row = lock(document)
    check(row, "to_sign", was="draft")
    if lead_of(structure_of(row)) is None:
        raise TermsRefused(
            "Cette structure n’a pas de référent pour signer\u00a0: désignez-le d’abord dans son "
            "équipe."
        )
    if isinstance(row, Amendment):
        _check_decided(row)
    row.text = texts.current(kind_of(row))
    drawn = Checked(paper.draw(row, row.text), "application/pdf")
    documents.keep(row, _K.GENERATED, drawn, by=by)
    move(row, "to_sign", by=by)
    tell("to_sign", row)
    return row


def _check_decided(amendment: Amendment) -> None:
    needs = list(amendment.needs.all())
    if not needs:
        raise TermsRefused("Cet avenant n’accorde rien\u00a0: ajoutez au moins un produit.")
    undecided = [need.title for need in needs if need.validated is None]
    if undecided:
        raise TermsRefused(
            f"Décidez de la quantité accordée pour «\u00a0{undecided[0]}\u00a0» (0 pour refuser)."
        )


@transaction.atomic
def take_back(document: _P, *, by: User, reason: str) -> _P:
    """Bring a paper that nobody has signed back to its draft; the file stays in its history.

    Raises:
        MoveRefused: it is not to be signed, or the reason is missing.
    """
    row = lock(document)
    move(row, "draft", by=by, reason=reason)
    return row


def deposit(document: _P, *, by: User, file: UploadedFile) -> _P:
    """Keep the signed paper that comes back.

    Args:
        document: the convention or the avenant.
        by: the structure's lead, or a référent who received it otherwise.
        file: a PDF or a picture.

    Raises:
        UploadRefused: see `portal.structures.agreements.uploads.check`.
        MoveRefused: it is not to be signed.
    """
    checked = check_file(file)
    with transaction.atomic():
        row = lock(document)
        check(row, "signed")
        documents.keep(row, _K.SIGNED, checked, by=by)
        row.signed_on = timezone.localdate()
        move(row, "signed", by=by)
        tell("signed", row)
    return row


@transaction.atomic
def refuse_document(document: _P, *, by: User, reason: str) -> _P:
    """Ask for another signed file; the lead reads the reason.

    Raises:
        MoveRefused: nothing signed waits, or the reason is missing.
    """
    row = lock(document)
    check(row, "to_sign", was="signed", reason=reason)
    row.signed_on = None
    move(row, "to_sign", by=by, reason=reason)
    tell("document_refused", row)
    return row


def countersign(agreement: Agreement, *, by: User, file: UploadedFile | None = None) -> Agreement:
    """Bring a signed convention into force, and open the account of a candidate.

    Args:
        agreement: signed by the structure.
        by: the référent.
        file: the paper with both signatures, where it was scanned.

    Raises:
        UploadRefused: the file is none that we keep.
        MoveRefused: it is not signed.
        TermsRefused: another convention is in force.
    """
    checked = check_file(file) if file else None
    with transaction.atomic():
        structure = Structure.objects.select_for_update(no_key=True).get(pk=agreement.structure_id)
        row = lock(agreement)
        check(row, _A.IN_FORCE)
        _check_alone(structure, row)
        _countersigned(row, by, checked)
        move(row, _A.IN_FORCE, by=by)
        tell("in_force", row)
        open_account(structure, agreement=row, by=by)
    return row


def _check_alone(structure: Structure, row: Agreement) -> None:
    """Refuse a second convention, unless it follows one that stops."""
    for other in structure.agreements.filter(state=_A.IN_FORCE).exclude(pk=row.pk):
        follows = other.has_last_day and other.ends_on < row.starts_on
        if other.in_force(timezone.localdate()) and not follows:
            raise TermsRefused(
                "Une autre convention est en vigueur pour cette structure\u00a0: dénoncez-la "
                "d’abord, ou faites commencer celle-ci après elle."
            )


def validate(amendment: Amendment, *, by: User, file: UploadedFile | None = None) -> Amendment:
    """Validate a signed avenant: its free quantities open in the shop, in one transaction.

    Raises:
        UploadRefused: the file is none that we keep.
        MoveRefused: it is not signed, or a colleague has validated it.
        TermsRefused: its convention is not in force, or not any more when it begins.
        DomainError: what the shop refuses, such as a product that it does not have.
    """
    checked = check_file(file) if file else None
    with transaction.atomic():
        agreement = lock(amendment.agreement)
        row = lock(amendment)
        check(row, _V.VALIDATED)
        if not agreement.in_force(max(timezone.localdate(), row.starts_on)):
            raise TermsRefused(
                "La convention de cet avenant n’est pas en vigueur\u00a0: contresignez-la d’abord."
            )
        _check_decided(row)
        _countersigned(row, by, checked)
        move(row, _V.VALIDATED, by=by)
        deliver_as(agreement, row)
        amendment_validated.send(sender=Amendment, amendment=row, by=by)
        tell("validated", row)
    return row


def _countersigned(row: Paper, by: User, file: Checked | None) -> None:
    if file:
        documents.keep(row, _K.COUNTERSIGNED, file, by=by)
    row.countersigned_by, row.countersigned_at = by, timezone.now()
