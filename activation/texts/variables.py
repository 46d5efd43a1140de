"""Variables of an edited text: ``{name}``, known by name, checked before the text is kept."""

import re
from collections.abc import Iterable, Mapping

_FIELD = re.compile(r"\{([^{}]*)\}")


def problems(text: str, known: Mapping[str, str], *, required: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the variables of ``text``, a sentence each.

    Args:
        text: as it was typed.
        known: what each variable stands for, by name; none where the text takes no variable.
        required: the names that must be there.
    """
    found = _FIELD.findall(text)
    wrong = [_unknown(name, known) for name in dict.fromkeys(found) if name not in known]
    if {"{", "}"} & set(_FIELD.sub("", text)):
        wrong.append(
            "Une accolade est seule\u00a0: une variable s’écrit entre deux accolades, par exemple "
            f"{written(next(iter(known)))}."
            if known
            else "Retirez les accolades\u00a0: ce texte n’a pas de variable."
        )
    missing = [name for name in required if name not in found]
    wrong += [f"Il manque {written(name)}\u00a0: {known[name]}." for name in missing]
    return list(dict.fromkeys(wrong))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its variables replaced; one without a value stays as it is written."""
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), text)


def written(name: str) -> str:
    """Return a variable as one types it."""
    return f"{{{name}}}"


def _unknown(name: str, known: Mapping[str, str]) -> str:
    if not known:
        return f"Retirez {written(name)}\u00a0: ce texte n’a pas de variable."
    *first, last = [written(one) for one in known]
    offered = f"{', '.join(first)} ou {last}" if first else last
    return f"{written(name)} n’est pas une variable\u00a0: écrivez {offered}."
