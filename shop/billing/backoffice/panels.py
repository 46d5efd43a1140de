"""What other parts of the billing show on an invoice's page, without the page knowing them.

A part that has something to say calls `register` from its own ``backoffice`` module, which
``shop.billing.wagtail_hooks`` imports.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.accounts.models import User
from portal.ui.registry import keeper
from shop.billing.models import Invoice


@dataclass(frozen=True)
class Panel:
    """A section of an invoice's page.

    Attributes:
        title: its heading.
        template: drawn with ``invoice``, ``panel`` (the context) and a token for its forms.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


#: Nothing where there is nothing to show of this invoice.
Provider = Callable[[Invoice, User], Panel | None]
_providers: dict[str, Provider] = {}
#: What the audit trail's actions are called on an invoice's page.
SENTENCES: dict[str, str] = {
    "billing.issued": "Émise",
    "billing.credit_drafted": "Avoir préparé",
}


def register(key: str) -> Callable[[Provider], Provider]:
    """Register a panel under ``key``; panels come in the order of their keys.

    Raises:
        ValueError: the key is taken.
    """
    return keeper(_providers, key, "the panel")


def panels(invoice: Invoice, by: User) -> list[Panel]:
    """Return what every part has to say of an invoice."""
    found = [_providers[key](invoice, by) for key in sorted(_providers)]
    return [one for one in found if one]
