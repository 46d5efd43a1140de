"""The languages that a beneficiary's SMS is written in."""

from django.db import models


class Language(models.TextChoices):
    """Those that the alphabet of SMS (GSM-7) can write: any other makes a message short and dear.

    The notice to print speaks to the readers of other languages.
    """

    FRENCH = "fr", "Français"
    ENGLISH = "en", "English"
    SPANISH = "es", "Español"
