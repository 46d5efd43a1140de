"""The languages of what is handed to a beneficiary on paper."""

#: BCP 47 tags, in the order of the choice; the first one is for whoever did not choose.
LANGUAGES = ("fr", "en", "ar", "uk", "prs", "es")


def chosen(code: str | None) -> str:
    """Return the language that a person asked for, the first one where there is no such."""
    return code if code in LANGUAGES else LANGUAGES[0]
