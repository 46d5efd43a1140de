"""Birth: the date, and the département (or the country) as identity papers give them."""

import datetime as dt
import unicodedata

from django.core.exceptions import ValidationError

from activation.rules.departments import ABROAD, DEPARTMENTS

OLDEST = 120  # years


def _folded(text: str) -> str:
    """Return letters and digits alone, without accents nor case."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if c.isalnum())


_BY_NAME = {_folded(name): code for code, name in DEPARTMENTS.items()}


def label(code: str) -> str:
    """Return a département as lists show it: ``59 – Nord``."""
    return f"{code} – {DEPARTMENTS[code]}"


def check_department(text: str) -> str:
    """Return the code of a département typed as a code, a name or « 59 – Nord ».

    Raises:
        ValidationError: no such département; 20 is told apart, since Corsica has two.
    """
    typed = text.strip()
    head = typed.split(maxsplit=1)[0].upper() if typed else ""
    code = f"0{head}" if len(head) == 1 and head.isascii() and head.isdigit() else head
    if code in DEPARTMENTS:
        return code
    if code == "20":
        raise ValidationError(
            "La Corse a deux départements\u00a0: 2A (Corse-du-Sud) ou 2B (Haute-Corse).",
            code="corsica",
        )
    by_name = _BY_NAME.get(_folded(typed))
    if by_name:
        return by_name
    raise ValidationError(
        "Ce département n’existe pas. Tapez son numéro ou son nom, par exemple 59 ou Nord\u00a0; "
        "pour une naissance à l’étranger, 99.",
        code="unknown",
    )


def check_country(department: str, text: str) -> str:
    """Return the country of birth of someone born abroad, and nothing for anyone else.

    Raises:
        ValidationError: born abroad and no country given.
    """
    if department != ABROAD:
        return ""
    country = " ".join(text.split())
    if not country:
        raise ValidationError("Indiquez le pays de naissance.", code="country_missing")
    return country


def check_date(day: dt.date, today: dt.date) -> dt.date:
    """Return ``day`` when somebody alive may be born on it.

    Args:
        day: the date of birth.
        today: in Europe/Paris.

    Raises:
        ValidationError: not in the past, or over 120 years ago.
    """
    if day >= today:
        raise ValidationError(
            "La date de naissance doit être passée. Vérifiez l’année.", code="future"
        )
    if (today.year - day.year, today.timetuple()[1:3]) > (OLDEST, day.timetuple()[1:3]):
        raise ValidationError(
            f"Cette date de naissance remonte à plus de {OLDEST} ans. Vérifiez l’année.",
            code="too_old",
        )
    return day
