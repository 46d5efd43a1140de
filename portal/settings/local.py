"""Settings of ``make run``: everything on this machine, the demo's banner, no real messages.

``DEBUG=1`` brings Django's own error pages; without it one sees what partners see.
"""

import hashlib

from portal import embedded
from portal.settings import env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import BASE_DIR, INSTALLED_APPS

DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "portal.demo"]

# Keys of the demo, derived from its place: they protect nothing but this machine's demo data.
_seed = hashlib.sha256(f"demo:{BASE_DIR}".encode()).hexdigest()
SECRET_KEY = env.text("SECRET_KEY", _seed)
FIELD_KEYS = env.words("FIELD_KEYS", ["ZGVtby1rZXktb2YtbC1lc3BhY2UtcmVjaGFyZ2VzLTE="])
FINGERPRINT_KEY = env.text("FINGERPRINT_KEY", _seed)

DATABASE_URL = env.text("DATABASE_URL") or embedded.database_url()
REDIS_URL = env.text("REDIS_URL") or embedded.redis_url()
DATABASES = {"default": env.database(DATABASE_URL)}
CACHES = env.redis_caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

STAFF_SECOND_FACTOR_REQUIRED = env.flag("STAFF_SECOND_FACTOR_REQUIRED", default=False)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
DEMO_BANNER = (
    "Démonstration : les données sont inventées, aucun message ne part et la double "
    "authentification n’est pas demandée."
)
STYLEGUIDE = True
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
SMS_BACKEND = "portal.outbox.sms.ConsoleSmsBackend"
OUTBOX_JOURNAL_KEEPS_TEXT = True

# Files straight from the sources: no collectstatic to run after an edit.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
