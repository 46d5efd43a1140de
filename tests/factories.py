"""People, structures, quotas, stock: what several packages' tests build on, by the real rules."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import factory
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import add_roles
from portal.structures.models import Agreement, Amendment, Membership, Structure
from portal.structures.services import add_member
from shop.products.catalogue import load_catalogue
from shop.quotas.models import FreeQuota
from shop.recharges.imports import commit, upload
from shop.recharges.models import CodeLot

Product = get_model("catalogue", "Product")

PASSWORD = "quatre mots bien longs"
YEAR = dt.timedelta(days=365)


def today() -> dt.date:
    """Return today's date in Paris."""
    return timezone.localdate()


class UserFactory(factory.django.DjangoModelFactory):
    """A person; ``role=Role.REFERENT`` puts them in a group, ``password=PASSWORD`` lets them in."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@structure.example")
    first_name = "Nadia"
    last_name = factory.Sequence(lambda n: f"Personne {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return User.objects.create_user(**fields)

    @factory.post_generation
    def role(self: User, create: bool, role: Role | None, **kwargs: Any) -> None:
        """Give the role, which makes staff of whom it makes staff."""
        if role:
            add_roles(user=self, roles=[role])


class StructureFactory(factory.django.DjangoModelFactory):
    """An active structure; with ``may_order=True`` it has a convention in force."""

    class Meta:
        model = Structure
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Structure {n:04d}")
    state = Structure.State.ACTIVE
    address = "12 rue de l’Exemple"
    postcode = "33000"
    city = "Bordeaux"

    class Params:
        may_order = factory.Trait(
            convention=factory.RelatedFactory(
                "tests.factories.AgreementFactory", factory_related_name="structure"
            )
        )


class AgreementFactory(factory.django.DjangoModelFactory):
    """A convention of one year, begun a month ago."""

    class Meta:
        model = Agreement

    structure = factory.SubFactory(StructureFactory)
    state = Agreement.State.IN_FORCE
    signed_on = factory.LazyFunction(lambda: today() - dt.timedelta(days=30))
    starts_on = factory.SelfAttribute("signed_on")
    ends_on = factory.LazyAttribute(lambda agreement: agreement.starts_on + YEAR)


class AmendmentFactory(factory.django.DjangoModelFactory):
    """An avenant of six months, begun with its convention."""

    class Meta:
        model = Amendment

    agreement = factory.SubFactory(AgreementFactory)
    state = Amendment.State.VALIDATED
    label = "Connexion d’urgence"
    starts_on = factory.SelfAttribute("agreement.starts_on")
    ends_on = factory.LazyAttribute(lambda one: one.starts_on + dt.timedelta(days=180))


class MembershipFactory(factory.django.DjangoModelFactory):
    """A trained partner in a structure that may order."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    structure = factory.SubFactory(StructureFactory, may_order=True)
    trained_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: type[Membership], *args: Any, **fields: Any) -> Membership:
        trained_at = fields.pop("trained_at")
        member = add_member(by=None, **fields)
        member.trained_at = trained_at
        member.save(update_fields=["trained_at"])
        return member


def product(upc: str = "monde") -> Any:
    """Return a product of the deck's catalogue, which is loaded where it is missing."""
    load_catalogue()
    return Product.objects.get(upc=upc)


def quota(structure: Structure, upc: str, granted: int, **fields: Any) -> FreeQuota:
    """Grant free units of a product to a structure, through an amendment of their own.

    Args:
        structure: it has a convention already, or gets one.
        upc: of the deck's catalogue.
        granted: units.
        fields: of `FreeQuota`, such as ``ends_on`` or ``used``.
    """
    agreement = structure.agreements.first() or AgreementFactory(structure=structure)
    amendment = AmendmentFactory(agreement=agreement)
    dates = {"starts_on": amendment.starts_on, "ends_on": amendment.ends_on}
    return FreeQuota.objects.create(
        structure=structure,
        amendment=amendment,
        product=product(upc),
        granted=granted,
        **(dates | fields),
    )


def lot_file(upc: str, codes: Iterable[str], *, expires_on: dt.date | None = None) -> bytes:
    """Return a file of codes as SFR's are."""
    expiry = expires_on or today() + YEAR
    rows = [f"{upc};{code};{expiry:%d/%m/%Y}" for code in codes]
    return "\r\n".join(["produit;code;expiration", *rows]).encode()


def lot(upc: str, codes: Iterable[str], *, expires_on: dt.date | None = None) -> CodeLot:
    """Import codes of a product through the real import, by a référent of their own.

    Args:
        upc: of the deck's catalogue.
        codes: ten digits each.
        expires_on: last day; a year from now by default.
    """
    product(upc)
    by = UserFactory(role=Role.REFERENT)
    content = lot_file(upc, codes, expires_on=expires_on)
    return commit(by=by, draft=upload(by=by, name="Lot", content=content).uuid)


def codes(count: int, *, start: int = 0) -> list[str]:
    """Return ``count`` different codes, zeros first, from ``start`` on."""
    return [f"{number:010d}" for number in range(start, start + count)]
