"""What a partner asks for, and what is known of the same card or person."""

from dataclasses import dataclass, fields
from typing import Any

from activation.languages import Language
from activation.models import ActivationRequest
from activation.rules import names
from activation.states import CARD_FREED
from portal.privacy.crypto import fingerprint


@dataclass(frozen=True, repr=False)
class Application:
    """What a partner asks for, checked by the form. No ``repr``: it would show a person's data.

    ``birth_date`` is ISO text, numbers are E.164; ``current_number`` and ``rio`` are empty unless
    the number is kept, ``contact_phone`` unless the SMS is to go elsewhere than to the line.
    """

    iccid: str
    civility: str
    last_name: str
    first_name: str
    birth_date: str
    birth_department: str
    birth_country: str
    identity_checked: bool
    contact_phone: str = ""
    current_number: str = ""
    rio: str = ""
    language: str = Language.FRENCH
    iccid_insisted: bool = False

    def columns(self) -> dict[str, Any]:
        """Return the columns of `ActivationRequest` that this fills."""
        typed = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            **typed,
            "portability": bool(self.rio),
            "iccid_fingerprint": fingerprint("iccid", self.iccid),
            "person_fingerprint": person_fingerprint(
                self.last_name, self.first_name, self.birth_date
            ),
        }


def person_fingerprint(last_name: str, first_name: str, birth_date: str) -> str:
    """Return the mark of a person, the same however the name is written.

    Args:
        last_name: as the form leaves it.
        first_name: as the form leaves it.
        birth_date: ISO.
    """
    person = "|".join((names.folded(last_name), names.folded(first_name), birth_date))
    return fingerprint("person", person)


def is_card_used(iccid: str, *, besides: ActivationRequest | None = None) -> bool:
    """Return whether a request other than ``besides`` holds the card (clean, 20 digits)."""
    holders = ActivationRequest.objects.filter(iccid_fingerprint=fingerprint("iccid", iccid))
    holders = holders.exclude(state__in=CARD_FREED)
    return holders.exclude(pk=besides.pk if besides else 0).exists()
