"""What each of the partner's pages starts from."""

import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from activation.models import ActivationRequest
from portal.accounts.models import User
from portal.structures.models import Membership


class MemberRequest(HttpRequest):
    """A request that `member_required` let in."""

    user: User
    membership: Membership


def visible(request: MemberRequest, identifier: uuid.UUID) -> ActivationRequest:
    """Return a request of one of the visitor's structures.

    Raises:
        Http404: it is another structure's, or none.
    """
    mine = ActivationRequest.objects.visible_to(request.user)
    return get_object_or_404(mine.select_related("structure", "created_by"), uuid=identifier)
