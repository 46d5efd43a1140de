"""Candidatures of the demo: invented structures, one at each moment that a visitor wants to see."""

from portal.accounts.models import User
from portal.candidatures import review, services
from portal.candidatures.models import Candidature
from portal.candidatures.services import Person
from portal.structures.offer import offered


def load(referent: User) -> None:
    """Create what is not there yet.

    Args:
        referent: who looks after them.
    """
    _candidature("Épicerie solidaire du Pont", "epicerie@demo.example", "73282932000074")
    returned = _candidature("CCAS de Valmont", "ccas@demo.example", "21330063500017")
    if returned:
        reason = "Précisez le nombre de personnes que vous accompagnez chaque mois."
        review.ask_to_complete(returned, by=referent, reason=reason)
    accepted = _candidature("Foyer des Alizés", "foyer@demo.example", "35600000000048")
    if accepted:
        review.accept(accepted, by=referent, account_manager=referent)


def _candidature(name: str, email: str, siret: str) -> Candidature | None:
    """Send a candidature; none where the address has one already."""
    if Candidature.objects.filter(email=email).exists():
        return None
    made = services.start(email=email)
    place = {"address": "3 place du Marché", "postcode": "33000", "city": "Bordeaux"}
    values = {
        "structure": {
            "name": name,
            "kind": "association",
            "siret": siret,
            "public": "Familles et personnes isolées",
        },
        "lieu": {**place, "delivery_mode": "pickup"},
        "referent": {
            "lead_first_name": "Camille",
            "lead_last_name": "Bernard",
            "lead_email": email,
            "lead_phone": "+33556123456",
        },
    }
    for step, said in values.items():
        services.save(made, step=step, values=said)
    colleague = Person("Omar", "Diallo", f"omar.{email}")
    services.save_team(made, people=[colleague])
    services.save_needs(made, asked=dict.fromkeys(offered(), 10), equipment="2 ordinateurs")
    return services.submit(made)
