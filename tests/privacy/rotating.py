"""The tests' settings with the keys of the environment, for a real process that rotates them."""

from portal.settings import env
from portal.settings.test import *  # noqa: F403

FIELD_KEYS = env.words("FIELD_KEYS")
