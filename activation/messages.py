"""The words of the messages that are not templates."""

from portal.ui.text import format_phone


def sms_text(line_number: str) -> str:
    """Return the SMS of an activated line: one message, in the GSM-7 alphabet.

    Args:
        line_number: E.164.
    """
    # The typographic spaces and apostrophe of the site are outside the alphabet of SMS.
    number = format_phone(line_number).replace("\u00a0", " ")
    return (
        f"Votre ligne SFR est activée. Votre numéro : {number}. "
        "Pour voir votre solde, appelez le 950. Pour recharger, appelez le 952."
    )
