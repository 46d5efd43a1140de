"""Facts of the legal pages that the code itself decides: how long, and which cookies.

They are drawn where an editor puts their block, from the settings that the purges and the
sessions really read: the pages cannot say something else than what the platform does.
"""

import datetime as dt
from typing import TypedDict

from django.conf import settings

from activation.models import ActivationSettings
from knowledge import faq_use
from knowledge.reading import services as reading
from portal.training import visitors

#: Where `django.contrib.messages` leaves a sentence for the next page.
MESSAGES_COOKIE = "messages"


class Row(TypedDict):
    """A line of a table of two columns."""

    label: str
    value: str


def lasting(kept: dt.timedelta) -> str:
    """Return a duration of whole days in French; a year is said as one."""
    days = kept.days
    if days % 365 == 0 and days:
        years = days // 365
        return "un an" if years == 1 else f"{years}\u00a0ans"
    return "un jour" if days == 1 else f"{days}\u00a0jours"


def retention() -> list[Row]:
    """Return how long each kind of personal data is kept."""
    closed = dt.timedelta(days=ActivationSettings.load().retention_days)
    connected = dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    found = {
        "Demande d’activation d’une carte SIM": (
            f"{lasting(closed)} après sa clôture, puis anonymisée"
        ),
        "Formulaire d’activation commencé, jamais envoyé": lasting(settings.ACTIVATION_DRAFTS_KEPT),
        "Fichier de demandes ou de réponses d’activation": lasting(settings.ACTIVATION_SHEETS_KEPT),
        "Carnet de remises\u00a0: la référence de la personne": (
            f"{lasting(settings.HANDOVER_REFERENCES_KEPT)}, puis effacée"
        ),
        "Demande d’assistance": (
            f"{lasting(settings.SUPPORT_KEPT)} après sa résolution, puis anonymisée"
        ),
        "Candidature jamais envoyée": lasting(settings.CANDIDATURE_DRAFTS_KEPT),
        "Candidature refusée ou retirée": (
            f"{lasting(settings.CANDIDATURES_KEPT)}, puis anonymisée"
        ),
        "Rendez-vous pris sans compte\u00a0: nom et adresse": (
            f"{lasting(visitors.KEPT)} après la date"
        ),
        "Guides ouverts, connecté": f"{lasting(reading.FORGOTTEN)}, les {reading.KEPT} derniers",
        "Guides mis en favoris": "jusqu’à ce que vous les retiriez",
        "Avis sur une réponse de la FAQ, recherches sans réponse": lasting(faq_use.KEPT),
        "E-mails et SMS envoyés": lasting(settings.JOURNAL_KEPT),
        "Connexion": f"{lasting(connected)} au plus, ou jusqu’à la déconnexion",
        "Journaux techniques, sans nom ni adresse": "un an au plus",
        "Compte d’un professionnel": (
            "tant que sa structure est partenaire\u00a0; fermé à son départ"
        ),
        "Traces des gestes faits sur la plateforme": "tant que le service existe",
        "Conventions, commandes et factures": "10\u00a0ans, obligation comptable",
    }
    return [Row(label=label, value=value) for label, value in found.items()]


def cookies() -> list[Row]:
    """Return every cookie that the site may leave, by its real name."""
    connected = lasting(dt.timedelta(seconds=settings.SESSION_COOKIE_AGE))
    protected = lasting(dt.timedelta(seconds=settings.CSRF_COOKIE_AGE))
    found = {
        settings.SESSION_COOKIE_NAME: (
            f"Garde votre connexion, et la structure choisie. {connected.capitalize()} au plus."
        ),
        settings.CSRF_COOKIE_NAME: (
            "Protège les formulaires contre un envoi fait à votre place. "
            f"{protected.capitalize()} au plus."
        ),
        MESSAGES_COOKIE: (
            "Porte une confirmation jusqu’à la page suivante. Effacé dès qu’elle est affichée."
        ),
    }
    return [Row(label=label, value=value) for label, value in found.items()]
