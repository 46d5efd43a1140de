"""Settings of production: everything from the environment, refused at start where it lacks."""

from pathlib import Path

from portal.settings import env, keys
from portal.settings.base import *  # noqa: F403
from portal.settings.base import VAR_DIR

env.require(
    "SECRET_KEY",
    "FIELD_KEYS",
    "FINGERPRINT_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
    "BASE_URL",
    "EMAIL_HOST",
)

env.https("SMS_HTTP_URL", "OPERATOR_HTTP_URL")

SECRET_KEY = env.text("SECRET_KEY")
FIELD_KEYS = env.words("FIELD_KEYS")  # the first encrypts, all decrypt
FINGERPRINT_KEY = env.text("FINGERPRINT_KEY")
keys.check(field_keys=FIELD_KEYS, fingerprint_key=FINGERPRINT_KEY, secret_key=SECRET_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
WAGTAILADMIN_BASE_URL = env.text("BASE_URL")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [WAGTAILADMIN_BASE_URL])

DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
REDIS_URL = env.text("REDIS_URL")
CACHES = env.redis_caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10  # seconds

# The visitor's address, for limits by address, is the one that the proxy saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1)

# One proxy in front ends TLS and sets this header; the README says how.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^sante/"]  # the probes come over plain HTTP from inside
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-espace_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-espace_csrf"
