"""A database of its own, with the demo, more structures and a decent stock of codes."""

import contextlib
import datetime as dt
import random
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from knowledge.models import GuidePage
from portal.accounts.roles import Role
from portal.demo.accounts import PASSWORD, PEOPLE, Person, load_person
from portal.demo.load import load
from portal.embedded import Layout
from portal.structures.models import Agreement, Amendment, Structure
from portal.structures.services import add_member
from shop.products.models import ProductTerms
from shop.quotas.models import FreeQuota
from shop.recharges.imports import commit, upload
from tests.support.database import Databases
from tests.support.place import Place

#: Of each product that is handed over as a code; more than any run can give out.
CODES_PER_PRODUCT = 4_000
#: Free units of each structure; orders must not run into the paid price half-way.
QUOTA = 100_000
FREE_PRODUCTS = ["recharge-exceptionnelle", "internet-mobile-8-go"]
FIRST_OF_BULK = 5_000_000_000  # what `tests.bench.volume` writes begins here
BUYERS = 16  # each of a structure of their own


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Yield the address of a migrated clone, dropped at the end; this process uses it too."""
    databases = Databases(Place(Layout.default().run / "places").number)
    databases.create()
    with databases.another("bench") as url:
        databases.point_at(str(conninfo_to_dict(url)["dbname"]))
        try:
            yield url
        finally:
            databases.release()


def fill() -> list[tuple[str, str]]:
    """Load everything; return e-mails and passwords: who reads pages, then who orders.

    Those who order belong each to a structure of their own.
    """
    load()
    reader = next(person for person in PEOPLE if person.role == Role.PARTNER)
    people = [reader.email]
    for number in range(1, BUYERS + 1):
        structure = _structure(f"CCAS du Mesnil {number}")
        _quotas(structure)
        people.append(_buyer(number, structure))
    _codes()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum would have done by the time of real use
    return [(email, PASSWORD) for email in people]


def _structure(name: str) -> Structure:
    return Structure.objects.create(
        name=name,
        kind=Structure.Kind.CCAS,
        state=Structure.State.ACTIVE,
        address="1 place de la Mairie",
        postcode="76240",
        city="Le Mesnil-Esnard",
    )


def _quotas(structure: Structure) -> None:
    start = timezone.localdate()
    end = start + dt.timedelta(days=300)
    agreement = Agreement.objects.create(
        structure=structure,
        state=Agreement.State.IN_FORCE,
        signed_on=start,
        starts_on=start,
        ends_on=end,
    )
    amendment = Amendment.objects.create(
        agreement=agreement,
        state=Amendment.State.VALIDATED,
        label="Mesure",
        starts_on=start,
        ends_on=end,
    )
    for terms in ProductTerms.objects.filter(product__upc__in=FREE_PRODUCTS):
        FreeQuota.objects.create(
            amendment=amendment,
            structure=structure,
            product_id=terms.pk,
            granted=QUOTA,
            starts_on=start,
            ends_on=end,
        )


def _buyer(number: int, structure: Structure) -> str:
    person = Person(f"acheteur-{number}@bench.example", "Camille", f"Martin {number}", Role.PARTNER)
    member = add_member(by=None, structure=structure, user=load_person(person))
    member.trained_at = timezone.now()
    member.save(update_fields=["trained_at"])
    return person.email


def _codes() -> None:
    """Import a lot as a référent does."""
    referent = load_person(next(person for person in PEOPLE if person.role == Role.REFERENT))
    expiry = timezone.localdate() + dt.timedelta(days=400)
    products = ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE).values_list(
        "product__upc", flat=True
    )
    digits = random.Random(1).sample(range(FIRST_OF_BULK), CODES_PER_PRODUCT * len(products))
    lines = [
        f"{upc};{digits.pop():010d};{expiry:%d/%m/%Y}"
        for upc in products
        for _ in range(CODES_PER_PRODUCT)
    ]
    content = "\n".join(["produit;code;expiration", *lines]).encode()
    draft = upload(by=referent, name="Lot de la mesure", content=content)
    commit(by=referent, draft=draft.uuid)


def a_guide() -> str:
    """Return the address of the first guide that everybody may read."""
    guide = GuidePage.objects.live().public().order_by("path").first()
    if guide is None:
        raise GuidePage.DoesNotExist("The first content holds no guide.")
    return str(guide.get_url())


def engine() -> str:
    """Name the database server, and whether it waits for the disk at a commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'),"
            " current_setting('random_page_cost')"
        )
        version, fsync, cost = cursor.fetchone()
    return f"PostgreSQL {version}, fsync {fsync}, random_page_cost {cost}"
