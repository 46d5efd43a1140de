"""Settings of the tests: as production where it matters, fast where it does not."""

from pathlib import Path

from portal import embedded
from portal.settings import env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import BASE_DIR, INSTALLED_APPS

VAR_DIR = Path(env.text("ESPACE_VAR", str(BASE_DIR / "var" / "test")))
SECRET_KEY = "tests-only-" + "0123456789" * 5
FIELD_KEYS = ["dGVzdHMtb25seS1maWVsZC1rZXktb2YtdGhlLXN1aXQ="]
FINGERPRINT_KEY = "tests-only-fingerprint-key"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "portal.demo"]
STYLEGUIDE = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
OUTBOX_JOURNAL_KEEPS_TEXT = True

DATABASE_URL = env.text("DATABASE_URL") or embedded.database_url()
REDIS_URL = env.text("REDIS_URL") or embedded.redis_url()
DATABASES = {"default": env.database(DATABASE_URL)}
CACHES = env.redis_caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ALWAYS_EAGER = env.flag("CELERY_TASK_ALWAYS_EAGER", default=True)
CELERY_TASK_EAGER_PROPAGATES = True

STAFF_SECOND_FACTOR_REQUIRED = env.flag("STAFF_SECOND_FACTOR_REQUIRED", default=False)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
