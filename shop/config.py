"""Oscar inside the portal: its models and machinery, none of its pages.

Every page of the shop is ours (`shop.ordering.views`), under French paths and with the few
queries that an old PC can wait for. Oscar's own catalogue, basket, checkout, account and
dashboard views are offered nowhere, so that nothing reaches the ones that change an
address without proof, or that link to an order without a login.

Oscar's app configurations import all those views when Django starts. The ones below load the
models only: half the start-up time, and no page to forget to close. Their signal receivers
(page-view counters, stock alerts, user history) go with them; we use none. Oscar's root app,
which carries only its templates, tags and URLs, is not installed at all.
"""

from oscar.core.application import OscarConfig


class ModelsOnly(OscarConfig):
    """An Oscar app without its URLs and views."""

    def ready(self) -> None:
        """Import no view and connect no receiver."""


class AddressConfig(ModelsOnly):
    name = "oscar.apps.address"
    label = "address"


class BasketConfig(ModelsOnly):
    name = "oscar.apps.basket"
    label = "basket"


class CatalogueConfig(ModelsOnly):
    name = "oscar.apps.catalogue"
    label = "catalogue"


class ReviewsConfig(ModelsOnly):
    name = "oscar.apps.catalogue.reviews"
    label = "reviews"


class CheckoutConfig(ModelsOnly):
    name = "oscar.apps.checkout"
    label = "checkout"


class CommunicationConfig(ModelsOnly):
    name = "oscar.apps.communication"
    label = "communication"


class PaymentConfig(ModelsOnly):
    name = "oscar.apps.payment"
    label = "payment"


class ShippingConfig(ModelsOnly):
    name = "oscar.apps.shipping"
    label = "shipping"


class VoucherConfig(ModelsOnly):
    name = "oscar.apps.voucher"
    label = "voucher"


class AnalyticsConfig(ModelsOnly):
    """A migration of ``customer`` depends on it; its counters stay off."""

    name = "oscar.apps.analytics"
    label = "analytics"


class CustomerConfig(ModelsOnly):
    """``communication``'s first migration depends on it; its login and account stay closed."""

    name = "oscar.apps.customer"
    label = "customer"
