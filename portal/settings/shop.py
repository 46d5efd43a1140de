"""Oscar's settings: the only star import of its defaults, and what differs for us."""

from oscar.defaults import *  # noqa: F403  (Oscar reads these names from the settings module)

OSCAR_SHOP_NAME = "L’Espace Recharges"
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_CURRENCY_FORMAT = {"EUR": {"currency_digits": True, "format_type": "standard"}}
OSCAR_HOMEPAGE = "/offre-solidaire/"
# Orders: `shop.ordering.cancelling` makes the one move; Oscar's pipelines allow it.
OSCAR_INITIAL_ORDER_STATUS = "placed"
OSCAR_INITIAL_LINE_STATUS = "placed"
OSCAR_ORDER_STATUS_PIPELINE = {"placed": ("cancelled",), "cancelled": ()}
OSCAR_LINE_STATUS_PIPELINE = {"placed": ("cancelled",), "cancelled": ()}
OSCAR_OFFERS_INCL_TAX = True
OSCAR_MAX_BASKET_QUANTITY_THRESHOLD = 200
OSCAR_ALLOW_ANON_CHECKOUT = False
OSCAR_SEND_REGISTRATION_EMAIL = False
OSCAR_EAGER_ALERTS = False
OSCAR_SLUG_ALLOW_UNICODE = False
OSCAR_URL_SCHEMA = "https"
# Forks are class-only: their models are Oscar's, so their migrations stay Oscar's too.
MIGRATION_MODULES = {
    "partner": "oscar.apps.partner.migrations",
    "order": "oscar.apps.order.migrations",
    "offer": "oscar.apps.offer.migrations",
}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
