"""The link of somebody without an account: it opens their one registration."""

from uuid import UUID

from django.core import signing
from django.urls import reverse

from portal.training.models import Registration

_SALT = "portal.training.links"


def page(registration: Registration) -> str:
    """Return the path of a visitor's registration."""
    token = signing.Signer(salt=_SALT).sign(registration.uuid.hex)
    return reverse("training:visitor", args=[token])


def read(token: str) -> UUID | None:
    """Return the registration that a link stands for; none where it was not made by us."""
    try:
        return UUID(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
