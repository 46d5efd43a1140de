"""What a convention asks for before its structure orders: which step is missing, and where."""

import datetime as dt

from portal.structures.models import Agreement, Amendment, Structure
from portal.ui.forms import french_date

#: Where a member reads, downloads and sends back the papers.
PAGE = "/mon-compte/convention/"
_KEPT = "Votre panier est conservé."
_A = Agreement.State
_STEPS = {
    _A.DRAFT: "Votre convention est en préparation chez Emmaüs Connect\u00a0: elle arrive bientôt "
    "dans Mon compte, page «\u00a0Convention\u00a0», pour être signée.",
    _A.TO_SIGN: "Votre convention n’est pas signée. Le référent de votre structure la "
    "télécharge, la signe et la renvoie dans Mon compte, page «\u00a0Convention\u00a0».",
    _A.SIGNED: "Votre convention est signée\u00a0; Emmaüs Connect doit encore la contresigner. "
    "Suivez-la dans Mon compte, page «\u00a0Convention\u00a0».",
}


def convention_obstacle(structure: Structure, day: dt.date) -> str:
    """Return why the convention does not let the structure order that day; empty where it does.

    One query; a second one where the convention ends with its avenants.
    """
    agreements = list(structure.agreements.all())
    bound = [one for one in agreements if one.in_force(day)]
    if not bound:
        return f"{_missing(agreements, day)} {_KEPT}"
    if any(one.allows_solidarity_prices for one in bound):
        return ""
    validated = Amendment.objects.filter(
        agreement__in=bound,
        state=Amendment.State.VALIDATED,
        starts_on__lte=day,
        ends_on__gte=day,
    )
    if validated.exists():
        return ""
    return (
        "Aucun avenant n’est en cours, et votre convention ne prévoit pas de commandes au prix "
        "solidaire. Demandez un nouvel avenant à votre référent Emmaüs Connect\u00a0; l’histoire "
        f"de votre convention est dans Mon compte, page «\u00a0Convention\u00a0». {_KEPT}"
    )


def _missing(agreements: list[Agreement], day: dt.date) -> str:
    coming = [one for one in agreements if one.in_force(one.starts_on) and one.starts_on > day]
    if coming:
        return f"Votre convention commence le {french_date(coming[-1].starts_on)}."
    under_way = next((one for one in agreements if one.state in Agreement.UNDER_WAY), None)
    if under_way:
        return _STEPS[Agreement.State(under_way.state)]
    if agreements:
        return (
            "Votre convention a expiré. Demandez la suivante à votre référent Emmaüs Connect, "
            "puis signez-la dans Mon compte, page «\u00a0Convention\u00a0»."
        )
    return (
        "Aucune convention n’est en cours pour votre structure. Demandez-la à votre référent "
        "Emmaüs Connect, puis signez-la dans Mon compte, page «\u00a0Convention\u00a0»."
    )
