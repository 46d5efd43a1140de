"""Settings that every environment shares. What differs stands in local, test and production."""

from datetime import timedelta
from pathlib import Path

from portal import logs
from portal.settings import env
from portal.settings.login import *  # noqa: F403  (allauth, passwords, second factor)
from portal.settings.promises import *  # noqa: F403  (what the service promises and limits)
from portal.settings.providers import *  # noqa: F403  (who sends SMS, and who activates lines)
from portal.settings.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401  (Celery reads it here)
from portal.settings.shop import *  # noqa: F403  (Oscar's settings, see that module)
from portal.settings.wagtail import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.text("ESPACE_VAR", str(BASE_DIR / "var")))

DEBUG = False
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "portal.ui",
    "portal.privacy",
    "portal.outbox",
    "portal.accounts",
    "portal.structures",
    "portal.candidatures",
    "portal.training",
    "portal.portfolio",
    "shop.products",
    "shop.quotas",
    "shop.recharges",
    "shop.ordering",
    "shop.billing",
    "shop.sims",
    "shop.handovers",
    "shop.tickets",
    "activation",
    "knowledge",
    "knowledge.support",
    "knowledge.estimator",
    "knowledge.reading",
    "portal.pages",
    # Wagtail
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "portal.accounts.apps.UsersAppConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    # Login
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    # Oscar: the apps whose models our shop stands on, models only (`shop.config` says why).
    "shop.config.AddressConfig",
    "shop.config.AnalyticsConfig",
    "shop.config.BasketConfig",
    "shop.config.CatalogueConfig",
    "shop.config.ReviewsConfig",
    "shop.config.CheckoutConfig",
    "shop.config.CommunicationConfig",
    "shop.config.CustomerConfig",
    "shop.config.PaymentConfig",
    "shop.config.ShippingConfig",
    "shop.config.VoucherConfig",
    "shop.partner.apps.PartnerConfig",
    "shop.offer.apps.OfferConfig",
    "shop.order.apps.OrderConfig",
    "treebeard",
    # Django
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.forms",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.sitemaps",
    "django.contrib.flatpages",  # only for a migration of Oscar's
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "heroicons",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # static files: no log line each
    "portal.logs.RequestIdMiddleware",
    "portal.ui.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.ui.middleware.BackOfficePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.StaffSessionMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "portal.pages.middleware.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.pages.middleware.EditorialDoorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.ui.middleware.DomainErrorMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context_processors.site",
            ],
            "builtins": ["portal.ui.templatetags.french"],
            "libraries": {"telecom": "portal.telecom.templatetags.telecom"},
        },
    },
]
FORM_RENDERER = "portal.ui.forms.FormRenderer"

# Language, time, numbers
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page editor sends thousands of fields.

DEMO_BANNER = ""

# Sessions and caches
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "espace_session"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.ui.views.csrf_failure"

# Security headers. Wagtail's admin carries inline scripts: `portal.ui.middleware` gives it
# a policy of its own, every other page has this one.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # Wagtail's previews, framed by its editor, say SAMEORIGIN themselves.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
    }
}

SITE_ID = 1

# Celery: the outbox's relay and its sweep; see `portal.outbox`.
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    # A page that wakes the relay must not wait for a broker that is away: one try, no pause.
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Messages
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", "L’Espace Recharges <relaisnumeriques@emmaus-connect.org>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The journal of messages keeps recipients and texts (encrypted) only where they go nowhere else:
# an e-mail may carry a one-time link.
OUTBOX_JOURNAL_KEEPS_TEXT = False

LOGGING_CONFIG = None
logs.configure(json=True)
