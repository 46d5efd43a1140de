"""The first content's files: TOML that an editor can read, turned into what Wagtail stores.

Only a little of Markdown is known: paragraphs, ``##`` titles, ``-`` lists, ``**bold**`` and
``[links](/address/)``. French typography is set here, so that the files need no special spaces.
"""

import html
import json
import re
import tomllib
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

NONE: Mapping[str, Any] = MappingProxyType({})

_SPACES = (
    (re.compile(r"(?<=\w)'(?=\w|«|\*\*|\[)"), "’"),
    (re.compile(r"« *"), "«\u00a0"),
    (re.compile(r" *»"), "\u00a0»"),
    (re.compile(r" (?=[:;!?])"), "\u00a0"),
    (re.compile(r"(?<=\d) (?=(?:€|%|h|Go|Mo|min)\b|€|%)"), "\u00a0"),
    (re.compile(r"\.\.\."), "…"),
)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


def typeset(text: str) -> str:
    """Return ``text`` with French apostrophes and non-breaking spaces."""
    for pattern, put in _SPACES:
        text = pattern.sub(put, text)
    return text


def rich(text: str) -> str:
    """Return the HTML of a text in the files' small language."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    if block.startswith("## "):
        return f"<h2>{_inline(block[3:])}</h2>"
    if block.startswith("- "):
        items = re.split(r"\n- ", block[2:])
        return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    parts = []
    end = 0
    for link in _LINK.finditer(text):
        parts.append(_bold(text[end : link.start()]))
        parts.append(f'<a href="{html.escape(link[2])}">{_bold(link[1])}</a>')
        end = link.end()
    parts.append(_bold(text[end:]))
    return "".join(parts)


def _bold(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", html.escape(typeset(text), quote=False))


def read(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def set_texts(value: Any, *, keep: frozenset[str] = frozenset({"slug", "theme", "type"})) -> Any:
    """Return ``value`` with every text typeset, but those under the keys of ``keep``."""
    if isinstance(value, str):
        return typeset(value)
    if isinstance(value, list):
        return [set_texts(one, keep=keep) for one in value]
    if isinstance(value, dict):
        return {
            key: one if key in keep else set_texts(one, keep=keep) for key, one in value.items()
        }
    return value


def body(blocks: list[dict[str, Any]], pictures: Mapping[str, Any] = NONE) -> str:
    """Return the JSON of a StreamField of `knowledge.blocks.ContentBlock`.

    Args:
        blocks: as in the file.
        pictures: of the library, by the names that steps give.
    """
    return json.dumps([_stream(block, pictures) for block in blocks])


def _stream(block: dict[str, Any], pictures: Mapping[str, Any]) -> dict[str, Any]:
    kind = block["type"]
    if kind == "text":
        return {"type": kind, "value": rich(block["text"])}
    value = set_texts({key: one for key, one in block.items() if key != "type"})
    if kind == "steps":
        steps = [
            _step(step, raw.get("text", ""), pictures)
            for step, raw in zip(value["steps"], block["steps"], strict=True)
        ]
        value["steps"] = _items(steps)
    if kind == "table":
        value["rows"] = _items(value["rows"])
    return {"type": kind, "value": value or None}


def _step(step: dict[str, Any], text: str, pictures: Mapping[str, Any]) -> dict[str, Any]:
    value = {key: one for key, one in step.items() if key != "picture"} | {"text": rich(text)}
    picture = pictures.get(step.get("picture", ""))
    if picture is not None:
        shown = {"image": picture.pk, "alt_text": picture.description, "decorative": False}
        value["picture"] = shown
    return value


def _items(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Without an identifier Wagtail takes the wrapping for the value.
    return [{"type": "item", "id": str(uuid.uuid4()), "value": value} for value in values]
