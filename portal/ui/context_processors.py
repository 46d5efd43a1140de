"""What every page knows about the site."""

from django.conf import settings
from django.http import HttpRequest

SITE_NAME = "L’Espace Recharges"


def site(request: HttpRequest) -> dict[str, str]:
    """Return the site's name and the demonstration banner (empty when there is none)."""
    return {
        "site_name": SITE_NAME,
        "demo_banner": getattr(settings, "DEMO_BANNER", "") or "",
    }
