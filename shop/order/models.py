"""Oscar's models as they are: this fork is class-only."""

from oscar.apps.order.models import *  # noqa: F403
