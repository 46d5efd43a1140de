"""Around a request on its page: its data in clear, the checks, its place in the queue."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from activation import checks
from activation.backoffice.asked import Asked
from activation.models import ActivationRequest, CheckOverride
from activation.models.follow_up import Check
from activation.rules import birth
from activation.states import CLOSED, SERVED
from portal.ui.text import format_phone

#: Other requests named beside a finding.
MOST_TWINS = 5


@dataclass(frozen=True, repr=False)
class Fact:
    """A datum in clear. No ``repr``: it would show it.

    Attributes:
        label: what it is.
        text: as one reads it.
        copied: as SFR's tool wants it.
    """

    label: str
    text: str
    copied: str


@dataclass(frozen=True)
class Caution:
    """A check that found something, or that somebody went past.

    Attributes:
        check: which.
        sentence: what it found.
        blocks: whether the request cannot leave.
        override: who went past it, when and why.
        twins: the other requests that it is about.
    """

    check: Check
    sentence: str
    blocks: bool
    override: CheckOverride | None
    twins: list[ActivationRequest]


def facts(found: ActivationRequest) -> list[Fact]:
    """Return what SFR needs to open the line."""
    born = "/".join(reversed(found.birth_date.split("-")))
    listed = [
        ("Numéro de série (ICCID)", found.iccid),
        ("Civilité", found.get_civility_display()),
        ("Nom", found.last_name),
        ("Prénom", found.first_name),
        ("Date de naissance", born),
        ("Département de naissance", birth.label(found.birth_department)),
        ("Pays de naissance", found.birth_country),
        ("Portable à prévenir", format_phone(found.contact_phone)),
        ("Numéro à garder", format_phone(found.current_number)),
        ("Code RIO", found.rio),
    ]
    copied = {
        "Département de naissance": found.birth_department,
        "Portable à prévenir": "".join(format_phone(found.contact_phone).split()),
        "Numéro à garder": "".join(format_phone(found.current_number).split()),
    }
    return [Fact(label, text, copied.get(label, text)) for label, text in listed if text]


def cautions(found: ActivationRequest, *, mine: bool) -> list[Caution]:
    """Return what the checks find of a request; of a closed one, what somebody went past.

    Args:
        found: the request.
        mine: whether the visitor has taken it, and may be told of the person's other requests.
    """
    if found.state in CLOSED:
        kept = found.overrides.filter(voided_at=None).select_related("by").order_by("pk")
        checked = [(Check(one.check_code), one) for one in kept]
        return [Caution(check, check.label, False, one, []) for check, one in checked]
    return [
        Caution(
            one.check,
            one.sentence,
            one.blocks,
            one.override,
            list(_twins(found, one.check)) if mine else [],
        )
        for one in checks.findings([found])[found.pk]
    ]


def _twins(found: ActivationRequest, check: Check) -> QuerySet[ActivationRequest]:
    others = ActivationRequest.objects.exclude(pk=found.pk).without_personal_data()
    if check is Check.SAME_PERSON:
        states = sorted(SERVED)
        others = others.filter(person_fingerprint=found.person_fingerprint, state__in=states)
    elif check is Check.SAME_CARD:
        others = others.filter(iccid_fingerprint=found.iccid_fingerprint)
    else:
        return others.none()
    return others.order_by("-pk")[:MOST_TWINS]


def neighbours(found: ActivationRequest, asked: Asked) -> list[dict[str, str]]:
    """Return the links to the requests before and after this one in the queue. Two queries.

    A request keeps its place after it has left the list: the next one stays the next one.
    """
    at, key = found.deadline_at, found.pk
    rows = asked.rows()
    after = rows.filter(deadline_at__gte=at).filter(Q(deadline_at__gt=at) | Q(pk__gt=key))
    before = rows.filter(deadline_at__lte=at).filter(Q(deadline_at__lt=at) | Q(pk__lt=key))
    if asked.is_closed:
        before, after = after.reverse(), before
    else:
        before = before.reverse()
    links = (("Demande précédente", "k", before), ("Demande suivante", "j", after))
    return [
        {"label": label, "key": shortcut, "href": f"{address}{asked.query()}"}
        for label, shortcut, side in links
        if (address := _address(side))
    ]


def _address(side: QuerySet[ActivationRequest]) -> str:
    identifier = side.values_list("uuid", flat=True).first()
    return reverse("activations:detail", args=[identifier]) if identifier else ""
