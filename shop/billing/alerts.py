"""The nightly count of invoices and figures."""

import datetime as dt

from shop.billing.figures.reconcile import gaps
from shop.ordering.alerts import alarm


def count_again(*, night: dt.date) -> dict[str, int]:
    """Count bills and figures again; see `shop.ordering.alerts.alarm`."""
    return alarm("billing", gaps(), night=night)
