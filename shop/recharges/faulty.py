"""Numbers that do not work: quarantined at once, replaced at once, claimed from the supplier."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures.models import Membership, Structure
from portal.ui.errors import DomainError
from shop.handovers.services import move
from shop.recharges.models import FaultyReport, RechargeCode
from shop.recharges.services import ShownCode, show_to_staff, take

_GIVEN = RechargeCode.State.GIVEN
_WAITING = FaultyReport.State.WAITING


class ReportRefused(DomainError):
    """The number cannot be reported; the message says why."""

    default_code = "report_refused"


class AlreadyDecided(DomainError):
    """A référent has answered this report."""

    default_code = "already_decided"
    default_message = "Ce signalement a déjà reçu une réponse. Rien n’a été modifié."


class NothingToGive(DomainError):
    """The stock has no code to replace this one with."""

    default_code = "nothing_to_give"
    default_message = (
        "Aucun numéro de ce produit n’est en stock. Importez un lot, puis remplacez ce numéro."
    )


@transaction.atomic
def report_faulty(*, by: Membership, code: UUID, symptom: str, note: str = "") -> FaultyReport:
    """Quarantine a number that does not work, and replace it at once where the day allows.

    The structure's row is locked: two reports at once cannot both be the day's last replacement.

    Args:
        by: the member who reports, for their current structure.
        code: its public identifier.
        symptom: a `FaultyReport.Symptom`.
        note: what else they saw.

    Raises:
        RechargeCode.DoesNotExist: it was not given to their structure.
        ReportRefused: it was never shown, or reported already.
    """
    Structure.objects.select_for_update(no_key=True).get(pk=by.structure_id)
    found = RechargeCode.objects.visible_to(by).select_for_update(of=("self",)).get(uuid=code)
    if FaultyReport.objects.filter(code=found).exists() or found.state != _GIVEN:
        raise ReportRefused("Ce numéro a déjà été signalé. Son suivi est dans Mon compte.")
    if found.first_shown_at is None:
        raise ReportRefused(
            "Ce numéro n’a encore été montré à personne. Affichez-le et essayez-le d’abord."
        )
    found.state = RechargeCode.State.QUARANTINED
    found.save(update_fields=["state"])
    report = FaultyReport(
        code=found,
        structure_id=by.structure_id,
        symptom=FaultyReport.Symptom(symptom),
        note=note.strip()[:300],
        reported_by=by.user,
        state=_WAITING,
    )
    if replacements_left(by.structure):
        _replace(report, by=by.user)
    report.save()
    record(by=by.user, action="recharges.reported", target=found, replaced=report.state != _WAITING)
    return report


def replacements_left(structure: Structure) -> int:
    """Return how many more numbers may be replaced today without asking a référent."""
    used = FaultyReport.objects.filter(
        structure=structure,
        state=FaultyReport.State.REPLACED,
        decided_by=None,
        reported_at__date=timezone.localdate(),
    ).count()
    return max(0, settings.RECHARGES_DAILY_REPLACEMENTS - used)


def _replace(report: FaultyReport, *, by: User) -> bool:
    """Give another code to the same order line; the hand-over follows.

    Returns:
        False where the stock is empty: the report is left as it is.
    """
    line = report.code.order_line_id
    if line is None:
        return False
    taken = take(product_id=report.code.product_id, order_line_id=line, units=1)
    if not taken:
        return False
    report.replacement = RechargeCode.objects.defer("secret").get(pk=taken[0])
    report.state = FaultyReport.State.REPLACED
    move(by=by, old=report.code, new=report.replacement)
    return True


@transaction.atomic
def decide(*, by: User, report: UUID, replace: bool, decision: str) -> FaultyReport:
    """Answer a report that waits: another number, or this one is good after all.

    Args:
        by: the référent.
        report: its public identifier.
        replace: whether the structure gets another number.
        decision: the reason, which the structure reads.

    Raises:
        FaultyReport.DoesNotExist: there is none.
        AlreadyDecided: a colleague answered.
        NothingToGive: the stock is empty; nothing was changed.
    """
    row = (
        FaultyReport.objects.select_for_update(of=("self",)).select_related("code").get(uuid=report)
    )
    if row.state != _WAITING:
        raise AlreadyDecided
    if replace and not _replace(row, by=by):
        raise NothingToGive
    if not replace:
        row.state = FaultyReport.State.REFUSED
        RechargeCode.objects.filter(pk=row.code_id).update(state=_GIVEN)
    row.decided_by, row.decided_at = by, timezone.now()
    row.decision = decision.strip()[:300]
    row.save()
    record(by=by, action="recharges.report_decided", target=row.code, replaced=replace)
    enqueue("recharges.report_decided", {"report": str(row.uuid)})
    return row


@transaction.atomic
def claim_from_supplier(
    *, by: User, reports: Iterable[UUID], reason: str
) -> list[tuple[FaultyReport, ShownCode]]:
    """Hand the numbers out in clear for the claim to SFR, each display recorded with its reason.

    Raises:
        portal.ui.errors.DomainError: the reason is missing, or the role does not allow it.
    """
    rows = (
        FaultyReport.objects.select_for_update(of=("self",))
        .filter(uuid__in=list(reports), claimed_at=None)
        .exclude(state=FaultyReport.State.REFUSED)
        .order_by("pk")
    )
    found = {row.code_id: row for row in rows}
    codes = RechargeCode.objects.filter(pk__in=found).select_related("product", "lot")
    shown = show_to_staff(by=by, codes=codes, reason=reason)
    FaultyReport.objects.filter(pk__in=[row.pk for row in found.values()]).update(
        claimed_at=timezone.now()
    )
    return [(found[one.code.pk], one) for one in shown]
