"""Oscar's models as they are: this fork is class-only."""

from oscar.apps.partner.models import *  # noqa: F403
