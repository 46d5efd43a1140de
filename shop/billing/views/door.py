"""Who reads a structure's invoices: its référent, and nobody else of the team."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.structures.access import member_of, member_required
from portal.ui.errors import NotAllowed


class LeadReads(NotAllowed):
    """Members order; their lead reads what it costs."""

    default_message = (
        "Seul le référent de votre structure voit les factures. Demandez-lui ce qu’il vous faut."
    )


def lead_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the lead of the current structure in; see `member_required`.

    Raises:
        PermissionDenied: the visitor belongs to no open structure.
        LeadReads: they are a member of it, and not its lead.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not member_of(request).is_structure_lead:
            raise LeadReads
        return view(request, *args, **kwargs)

    return member_required(wrapped)
