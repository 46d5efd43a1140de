"""Words and headings as files are read: what people and programs write alike is alike."""

import unicodedata


def folded(text: str) -> str:
    """Return a heading or a word for comparison: accents, case and signs are forgiven."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())
