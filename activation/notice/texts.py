"""The words of the notice: a table for each language, with the same entries in each.

Numbers stand after a colon, so that no language has to agree with them; Western digits everywhere:
they are those of the phone's keypad.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.documents.languages import LANGUAGES

FOLDER = Path(__file__).with_name("texts")
#: From left to right whatever surrounds it: an address, a number.
_VALUE = '<bdi dir="ltr">{}</bdi>'
_ARTICLE = "6.1.f"  # of the RGPD: legitimate interest, to which the person may object


@dataclass(frozen=True)
class Section:
    """A question, and its answer in short sentences that may hold markup for their values."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """The notice in one language.

    Attributes:
        code: BCP 47 tag, which is also the file's name.
        name: the language in the language.
        dir: ``ltr`` or ``rtl``.
        title, law: the head of the page.
        sections: who, what, why, how long, to whom, and the person's rights.
        sms: what the SMS of the activation will say, which may be in another language.
    """

    code: str
    name: str
    dir: str
    title: str
    law: str
    sections: tuple[Section, ...]
    sms: Section


@lru_cache
def _table(code: str) -> Notice:
    table = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    sms = _section(table.pop("sms"))
    sections = tuple(_section(one) for one in table.pop("sections"))
    return Notice(code=code, sms=sms, sections=sections, **table)


def names() -> list[tuple[str, str]]:
    """Return each language's tag and name, in the order of the choice."""
    return [(code, _table(code).name) for code in LANGUAGES]


def notice(code: str, values: Mapping[str, str | int]) -> Notice:
    """Return the notice with its values in place.

    Args:
        code: one of `LANGUAGES`.
        values: ``contact`` (e-mail), ``days`` (of retention), ``balance`` and ``top_up`` (phone
            numbers).
    """
    bare = _table(code)
    told = {**values, "article": _ARTICLE}
    marked = {name: format_html(_VALUE, value) for name, value in told.items()}
    return Notice(
        code=code,
        name=bare.name,
        dir=bare.dir,
        title=bare.title,
        law=bare.law,
        sections=tuple(_filled(one, marked) for one in bare.sections),
        sms=_filled(bare.sms, marked),
    )


def _section(table: Mapping[str, object]) -> Section:
    lines = table["lines"]
    if not isinstance(lines, list):
        raise TypeError("A section's lines are a list.")
    return Section(str(table["heading"]), tuple(lines))


def _filled(section: Section, values: Mapping[str, SafeString]) -> Section:
    return Section(section.heading, tuple(format_html(line, **values) for line in section.lines))
