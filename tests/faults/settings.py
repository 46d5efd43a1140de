"""The tests' settings with real messages, a real queue and a page for each kind of failure."""

from portal.settings import env
from portal.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.faults.urls"
CELERY_TASK_ALWAYS_EAGER = False
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
SMS_BACKEND = "tests.faults.providers.RefusingSms"
OUTBOX_JOURNAL_KEEPS_TEXT = False  # as in production
