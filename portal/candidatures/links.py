"""The link that brings a candidate back: signed, unguessable, and dead after thirty days."""

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse

from portal.candidatures.models import Candidature

_signer = TimestampSigner(salt="portal.candidatures.links")


class Expired(Exception):
    """The link was good and is too old."""


def make(candidature: Candidature) -> str:
    """Return the address that opens this candidature, from now on for as long as links live."""
    path = reverse("candidatures:resume", args=[_signer.sign(candidature.key)])
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"


def read(token: str) -> Candidature | None:
    """Return the candidature that a link opens; none for a forged or unknown one.

    Raises:
        Expired: it opened one, too long ago.
    """
    try:
        key = _signer.unsign(token, max_age=settings.CANDIDATURE_DRAFTS_KEPT)
    except SignatureExpired as error:
        raise Expired from error
    except BadSignature:
        return None
    return Candidature.objects.filter(key=key).first()
