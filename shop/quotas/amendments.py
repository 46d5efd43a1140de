"""A validated avenant gives its structure free units: its needs become quotas, in one move."""

from typing import Any

from django.dispatch import receiver
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Amendment, AmendmentNeed
from portal.structures.signals import amendment_validated
from portal.ui.errors import DomainError
from shop.quotas.grants import BelowUsed, below_used
from shop.quotas.models import FreeQuota

Product = get_model("catalogue", "Product")


class UnknownProduct(DomainError):
    """A need names a product that the shop does not have."""

    default_code = "unknown_product"


@receiver(amendment_validated, dispatch_uid="quotas.amendments")
def give(sender: Any, *, amendment: Amendment, by: User, **kwargs: Any) -> None:
    """Create or change the quotas of an avenant, in the transaction that validates it.

    Its quotas are locked in the order of their keys, as orders lock them. Those that have no
    need (older than this register) only take the dates.

    Raises:
        UnknownProduct: a need names none of ours.
        BelowUsed: more was taken already than a need would grant.
    """
    quotas = {quota.product_id: quota for quota in _locked(amendment)}
    for quota in quotas.values():
        quota.starts_on, quota.ends_on = amendment.starts_on, amendment.ends_on
    for need in amendment.needs.all():
        product = Product.objects.filter(upc=need.upc).first()
        if product is None:
            raise UnknownProduct(
                f"«\u00a0{need.title}\u00a0» n’est plus au catalogue\u00a0: retirez ce produit de "
                "l’avenant. Rien n’a été enregistré."
            )
        if product.pk not in quotas and need.validated:
            quotas[product.pk] = _new(amendment, product)
        if product.pk in quotas:
            _grant(quotas[product.pk], need)
    for quota in quotas.values():
        quota.save()
    granted = {quota.product_id: quota.granted for quota in quotas.values()}
    record(by=by, action="quotas.given_by_amendment", target=amendment, granted=granted)


def _locked(amendment: Amendment) -> list[FreeQuota]:
    rows = FreeQuota.objects.filter(amendment=amendment).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _new(amendment: Amendment, product: Any) -> FreeQuota:
    return FreeQuota(
        structure=amendment.agreement.structure,
        amendment=amendment,
        product=product,
        starts_on=amendment.starts_on,
        ends_on=amendment.ends_on,
    )


def _grant(quota: FreeQuota, need: AmendmentNeed) -> None:
    granted = need.validated or 0
    if granted < quota.used:
        raise BelowUsed(f"{need.title}\u00a0: {below_used(quota.used)} Rien n’a été enregistré.")
    quota.granted, quota.limit_per_person = granted, need.per_beneficiary
