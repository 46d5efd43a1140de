"""Keeping robots out without a third party, without JavaScript, without a riddle.

Three things: a field that people do not see and robots fill in; a signed hour of the page, since
nobody reads and types within two seconds; and a limit for each network address, known by its
keyed fingerprint alone.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.cache import cache
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import HttpRequest
from redis.exceptions import RedisError

from portal.privacy.crypto import fingerprint
from portal.ui.errors import DomainError

FASTEST = 2  # seconds between the page and its answer
LONGEST = 24 * 3600  # seconds that a page may stay open
HOUR = 3600  # seconds
#: E-mails that one may have sent in an hour: a whole office may come from one address.
PER_ADDRESS = 20
PER_EMAIL = 5

_signer = TimestampSigner(salt="portal.candidatures.antispam")


class TooMany(DomainError):
    """This address asked too often."""

    default_code = "too_many"
    default_message = (
        "Trop de demandes viennent de votre connexion. Attendez une heure, puis recommencez. "
        "Rien n’a été perdu de ce que vous aviez enregistré."
    )


def stamp() -> str:
    """Return the signed hour of a page."""
    return _signer.sign("page")


class HumanForm(forms.Form):
    """A form that robots do not get through; the page draws its two hidden fields."""

    use_required_attribute = False  # The errors are ours, in the summary.

    #: Named as robots like it; the page hides it from people, screen readers and keyboards.
    website = forms.CharField(
        required=False,
        label="Ne remplissez pas ce champ",
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )
    stamp = forms.CharField(widget=forms.HiddenInput, required=False, initial=stamp)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("website"):
            self._refuse("L’envoi ressemblait à celui d’un robot. Envoyez de nouveau.", website="")
        signed = cleaned.get("stamp", "")
        try:
            _signer.unsign(signed, max_age=LONGEST)
        except SignatureExpired:
            text = "Cette page est restée ouverte longtemps. Envoyez-la de nouveau."
            self._refuse(text, stamp=stamp())
        except BadSignature:
            text = "L’envoi n’a pas pu être vérifié. Envoyez de nouveau."
            self._refuse(text, stamp=stamp())
        else:
            if _is_fresh(signed):
                self._refuse("L’envoi a été trop rapide pour être vérifié. Envoyez de nouveau.")
        return cleaned

    def _refuse(self, sentence: str, **mended: str) -> None:
        """Say what happened; the page that is shown again carries what is needed to pass."""
        self.add_error(None, sentence)
        self.data = {**{name: self.data[name] for name in self.data}, **mended}


def _is_fresh(signed: str) -> bool:
    """Return whether a page was drawn within the last seconds."""
    try:
        _signer.unsign(signed, max_age=FASTEST)
    except SignatureExpired:
        return False
    return True


def check_rate(request: HttpRequest, *, email: str) -> None:
    """Count a request that sends an e-mail.

    Where Redis is away nothing is counted: a candidature matters more than a robot.

    Raises:
        TooMany: the network address, or the e-mail address, had its share within the hour.
    """
    address = get_adapter().get_client_ip(request) or ""
    if not (_counted("ip", address, PER_ADDRESS) and _counted("email", email, PER_EMAIL)):
        raise TooMany


def _counted(kind: str, text: str, limit: int) -> bool:
    key = f"candidatures:{kind}:{fingerprint('candidature', text.strip().lower())}"
    try:
        cache.add(key, 0, timeout=HOUR)
        return int(cache.incr(key)) <= limit
    except (RedisError, OSError, ValueError):  # ValueError: it lapsed between the two
        return True
