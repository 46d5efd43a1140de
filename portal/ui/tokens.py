"""Reads the design tokens out of the style sheet, for the style guide and the contrast test."""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

# Foreground and background that meet on screen. WCAG 2.2, 1.4.3: text needs 4.5.
TEXT_PAIRS = (
    *(
        ("ink", ground)
        for ground in ("paper", "surface", "surface-sunk", "action-tint", "free-tint")
    ),
    *(("ink", f"{tone}-tint") for tone in ("info", "success", "warning", "danger")),
    *(("ink-soft", ground) for ground in ("paper", "surface", "surface-sunk", "free-tint")),
    *(("action", ground) for ground in ("paper", "surface", "surface-sunk", "action-tint")),
    *(("action-hover", ground) for ground in ("paper", "surface", "action-tint")),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-free", "free"),
    *((tone, "surface") for tone in ("info", "success", "warning", "danger")),
    *((tone, f"{tone}-tint") for tone in ("info", "success", "warning", "danger")),
    ("danger", "paper"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("on-band", "band"),
    ("band-focus", "band"),
    ("paper", "ink"),
)

# Borders of controls, focus rings and bars. WCAG 2.2, 1.4.11: they need 3.
SHAPE_PAIRS = (
    *(("line-strong", ground) for ground in ("paper", "surface", "surface-sunk")),
    *(("focus", ground) for ground in ("paper", "surface", "surface-sunk", "danger-tint")),
    ("action", "surface-sunk"),
    ("band-focus", "band"),
    ("draw-line", "draw-paper"),
)


@lru_cache(maxsize=1)
def read_tokens() -> dict[str, dict[str, str]]:
    """Return the custom properties by scheme, ``light`` and ``dark``; dark completes light.

    Raises:
        FileNotFoundError: the style sheet is not where staticfiles looks.
    """
    found = finders.find("css/tokens.css")
    if not isinstance(found, str):
        raise FileNotFoundError("static/css/tokens.css")
    text = re.sub(r"/\*.*?\*/", "", Path(found).read_text(encoding="utf-8"), flags=re.DOTALL)
    light_text, _, dark_text = text.partition("prefers-color-scheme: dark")
    light, dark = _properties(light_text), _properties(dark_text)
    return {"light": light, "dark": {**light, **dark}}


def _properties(text: str) -> dict[str, str]:
    pairs = re.findall(r"--([\w-]+):\s*([^;]+);", text)
    return {name: " ".join(value.split()) for name, value in pairs}


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two ``#rrggbb`` colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
