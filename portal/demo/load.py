"""Loading the demonstration, as often as one likes: what exists is left as it is."""

import datetime as dt
import random

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from activation.demo import load as load_activations
from knowledge.support.demo import load as load_support
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.candidatures.demo import load as load_candidatures
from portal.demo.accounts import COLLEAGUE, NEIGHBOUR, PEOPLE, load_person
from portal.structures.demo import load as load_avenant
from portal.structures.models import Agreement, Amendment, Structure
from portal.structures.services import add_member
from portal.training.demo import load as load_training
from shop.billing.demo import load as load_bills
from shop.handovers.demo import load as load_handovers
from shop.ordering.models import PlacedOrder
from shop.products.catalogue import load_catalogue
from shop.products.models import ProductTerms
from shop.quotas.demo import load as load_campaign
from shop.quotas.models import FreeQuota
from shop.recharges.imports import commit, upload
from shop.recharges.models import CodeLot
from shop.sims.demo import load as load_cards

#: Free units of the demo's amendments, by product.
QUOTAS = {"recharge-exceptionnelle": 30, "internet-mobile-8-go": 10, "carte-sim": 20}
CODES_PER_PRODUCT = 200
LOT_NAME = "Lot de démonstration"


def load() -> None:
    """Create people, structures, catalogue, quotas, codes, pages and activation requests."""
    people = {person.role: load_person(person) for person in PEOPLE}
    referent, partner = people[Role.REFERENT], people[Role.PARTNER]
    with transaction.atomic():
        load_catalogue()
        first = _structure("Maison des Solidarités", Structure.Kind.ASSOCIATION, referent)
        second = _structure("Mission locale des Rives", Structure.Kind.MISSION_LOCALE, referent)
        _join(partner, first, lead=True)
        _join(partner, second, lead=False)
        colleague = load_person(COLLEAGUE)
        _join(colleague, first, lead=False)
        load_training(by=referent, members=[partner, colleague])
        _join(load_person(NEIGHBOUR), second, lead=True)
        for structure in (first, second):
            _quotas(structure)
        _codes(referent)
        load_activations(first, partner, operator=people[Role.OPERATOR])
        # A past is invented for a structure that has none: somebody who has played with the
        # demonstration finds what they left.
        if not PlacedOrder.objects.filter(structure=first).exists():
            load_cards(first.memberships.get(user=partner), referent)
            load_handovers(first.memberships.get(user=partner))
            leads = [one.memberships.get(is_structure_lead=True) for one in (first, second)]
            load_bills(leads, by=referent)
        # After the past, which paid for what this campaign gives.
        load_avenant(first.agreements.earliest("pk"), by=referent)
        load_campaign(by=referent, structures=(first, second))
        load_candidatures(referent)
        load_support(first.memberships.get(user=partner), referent)
    call_command("load_first_content", verbosity=0)


def _structure(name: str, kind: str, referent: User) -> Structure:
    structure, _ = Structure.objects.get_or_create(
        name=name,
        defaults={
            "kind": kind,
            "state": Structure.State.ACTIVE,
            "address": "12 rue de l’Exemple",
            "postcode": "33000",
            "city": "Bordeaux",
            "latitude": "44.837912",
            "longitude": "-0.579541",
            "phone": "+33536490001",  # of a range kept for fiction
            "opening_hours": "Du lundi au vendredi, de 9 h à 12 h",
            "is_listed": True,
            "account_manager": referent,
        },
    )
    return structure


def _join(user: User, structure: Structure, *, lead: bool) -> None:
    if not structure.memberships.filter(user=user).exists():
        member = add_member(by=None, structure=structure, user=user, is_structure_lead=lead)
        member.trained_at = timezone.now()
        member.save(update_fields=["trained_at"])


def _quotas(structure: Structure) -> None:
    start = timezone.localdate().replace(day=1)
    year_end = start + dt.timedelta(days=364)
    agreement = structure.agreements.first() or Agreement.objects.create(
        structure=structure,
        state=Agreement.State.IN_FORCE,
        signed_on=start,
        starts_on=start,
        ends_on=year_end,
    )
    amendment, _ = Amendment.objects.get_or_create(
        agreement=agreement,
        label="Connexion d’urgence",
        defaults={
            "state": Amendment.State.VALIDATED,
            "starts_on": start,
            "ends_on": year_end,
        },
    )
    for terms in ProductTerms.objects.filter(product__upc__in=QUOTAS).select_related("product"):
        FreeQuota.objects.get_or_create(
            amendment=amendment,
            product=terms.product,
            defaults={
                "structure": structure,
                "granted": QUOTAS[terms.product.upc],
                "starts_on": amendment.starts_on,
                "ends_on": amendment.ends_on,
            },
        )


def _codes(referent: User) -> None:
    """Import invented codes through the real import; their digits are the same on every machine."""
    if CodeLot.objects.filter(name=LOT_NAME).exists():
        return
    digits = random.Random("espace-recharges-demo")  # noqa: S311  (demo data)
    expiry = timezone.localdate() + dt.timedelta(days=540)
    lines = ["produit;code;expiration"]
    terms = ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE).select_related("product")
    for one in terms:
        lines += [
            f"{one.product.upc};{digits.randrange(10**10):010d};{expiry:%d/%m/%Y}"
            for _ in range(CODES_PER_PRODUCT)
        ]
    draft = upload(by=referent, name=LOT_NAME, content="\n".join(lines).encode())
    commit(by=referent, draft=draft.uuid)
