"""The alphabet of SMS (GSM 03.38): 160 characters a message, 70 as soon as one is outside it."""

LIMIT = 160  # septets in one message
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: These take two septets.
EXTENDED = frozenset("\f^{}\\[~]|€")


def foreign(text: str) -> list[str]:
    """Return the characters of ``text`` that would make its SMS short and dear."""
    return sorted(set(text) - BASIC - EXTENDED)


def septets(text: str) -> int:
    """Return the length of ``text`` in septets; its characters are all in the alphabet."""
    return len(text) + sum(character in EXTENDED for character in text)
