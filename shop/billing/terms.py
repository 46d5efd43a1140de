"""How a structure is billed: whether it is a public body, and its own references."""

from django.db import transaction

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.billing.models import BuyerTerms
from shop.billing.rights import check_manager


class TermsRefused(DomainError):
    """These terms make no sense together; the message says what to change."""

    default_code = "terms_refused"
    default_message = (
        "Un code service ou un numéro d’engagement ne servent que sur Chorus Pro\u00a0: cochez "
        "«\u00a0organisme public\u00a0», ou videz-les."
    )


@transaction.atomic
def set_terms(
    *, by: User, structure: Structure, is_public: bool, service_code: str, engagement: str
) -> BuyerTerms:
    """Write how a structure's next invoices are addressed; issued ones keep what they say.

    Args:
        by: a référent or an administrator.
        structure: the buyer.
        is_public: its invoices are deposited on Chorus Pro.
        service_code: of the department that receives them there; may be empty.
        engagement: the number of the commitment or of the order; may be empty.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        TermsRefused: references of Chorus Pro for a body that is not public.
    """
    check_manager(by)
    service_code, engagement = service_code.strip(), engagement.strip()
    if not is_public and (service_code or engagement):
        raise TermsRefused
    values = {"is_public": is_public, "service_code": service_code, "engagement": engagement}
    held = Structure.objects.select_for_update(of=("self",), no_key=True).get(pk=structure.pk)
    known = BuyerTerms.of(held)
    changed = sorted(name for name, value in values.items() if getattr(known, name) != value)
    terms, created = BuyerTerms.objects.update_or_create(structure=held, defaults=values)
    if changed or created:
        record(by=by, action="billing.terms_changed", target=held, fields=changed)
    return terms
