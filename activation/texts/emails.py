"""The e-mail to the partner: an edited text in a frame, with nothing of the beneficiary."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from activation.texts import variables

#: No variable stands for anything of the beneficiary: an e-mail is read by anybody.
VARIABLES = {
    "reference": "la référence de la demande",
    "structure": "le nom de la structure",
}
TEMPLATE = "activation/state_changed"
EXAMPLE = {"reference": "3F2A-91BC", "structure": "CCAS de Lille"}
EXAMPLE_PATH = "/activation-sim/suivi/exemple/"


def clean(text: str) -> str:
    """Return ``text`` as it is kept.

    Raises:
        ValidationError: each sentence says what is wrong and how to mend it.
    """
    wrong = variables.problems(text, VARIABLES)
    if wrong:
        raise ValidationError(wrong)
    return text.replace("\r\n", "\n").strip()


def context(
    subject: str, body: str, *, reference: str, structure: str, path: str
) -> dict[str, Any]:
    """Return what the frame shows.

    Args:
        subject: with its variables.
        body: with its variables; empty lines separate paragraphs.
        reference: of the request.
        structure: its name.
        path: of the request's page.
    """
    values = {"reference": reference, "structure": structure}
    return {
        "subject": variables.fill(subject, values),
        "paragraphs": [
            variables.fill(part.strip(), values) for part in re.split(r"\n\s*\n", body.strip())
        ],
        "path": path,
    }


def example(subject: str, body: str, *, base_url: str) -> dict[str, str]:
    """Return the e-mail of an invented request: its subject, and its two forms."""
    shown = context(subject, body, path=EXAMPLE_PATH, **EXAMPLE)
    return {
        name: render_to_string(f"email/{TEMPLATE}{ending}", {"base_url": base_url, **shown})
        for name, ending in (("subject", ".subject.txt"), ("html", ".html"), ("text", ".txt"))
    }
