"""The conventions and avenants of a structure with their files, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils import timezone

from portal.structures.agreements.moves import Paper
from portal.structures.models import (
    Agreement,
    AgreementDocument,
    Amendment,
    Kind,
    Period,
    Structure,
)

#: What the lead, or a member, should know of each state.
NEXT = {
    "draft": "Emmaüs Connect prépare le document. Vous recevrez un e-mail quand il sera à signer.",
    "to_sign": "À vous\u00a0: téléchargez le document, signez-le, puis renvoyez-le ici.",
    "signed": "Emmaüs Connect vérifie le document signé. Vous n’avez rien à faire.",
}


@dataclass(frozen=True)
class Shown:
    """A paper as a page shows it."""

    paper: Paper
    kind: str
    files: list[AgreementDocument]
    period: Period
    to_sign: bool
    next: str
    avenants: list["Shown"] = field(default_factory=list)


def overview(structure: Structure) -> list[Shown]:
    """Return the conventions, the newest first, each with its avenants and files. Four queries."""
    needs = Prefetch("amendments", Amendment.objects.prefetch_related("needs"))
    agreements = list(structure.agreements.prefetch_related(needs))
    found = [one for agreement in agreements for one in agreement.amendments.all()]
    files: dict[tuple[int | None, int | None], list[AgreementDocument]] = defaultdict(list)
    rows = AgreementDocument.objects.filter(agreement__in=agreements)
    rows = rows | AgreementDocument.objects.filter(amendment__in=found)
    for one in rows.defer("encrypted").select_related("created_by").order_by("-pk"):
        files[one.agreement_id, one.amendment_id].append(one)
    today = timezone.localdate()
    return [
        _shown(
            agreement,
            agreement.current_period(today),
            files[agreement.pk, None],
            [
                _shown(one, Period(one.starts_on, one.ends_on), files[None, one.pk])
                for one in agreement.amendments.all()
            ],
        )
        for agreement in agreements
    ]


def _shown(
    paper: Paper,
    period: Period,
    files: list[AgreementDocument],
    avenants: list[Shown] | None = None,
) -> Shown:
    state = paper.state
    return Shown(
        paper=paper,
        kind=(Kind.CONVENTION if isinstance(paper, Agreement) else Kind.AVENANT).value,
        files=files,
        period=period,
        to_sign=state == "to_sign",
        next=NEXT.get(state, ""),
        avenants=avenants or [],
    )
