"""Production's settings over plain HTTP: no TLS ends in front of the server that is measured."""

from portal.settings.production import *  # noqa: F403
from portal.settings.production import CACHES

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
# Browsers refuse ``__Host-`` without TLS.
SESSION_COOKIE_NAME = "bench_session"
CSRF_COOKIE_NAME = "bench_csrf"
# A Redis that the environment names may serve others: nothing here goes by their names.
CACHES["default"]["KEY_PREFIX"] = "bench"
CELERY_TASK_DEFAULT_QUEUE = "bench"
