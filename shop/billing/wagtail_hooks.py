"""« Facturation » in the back office: one entry, its pages inside."""

from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from shop.billing.backoffice.chorus import ChorusViewSet
from shop.billing.backoffice.figures import AccountingViewSet, FiguresViewSet
from shop.billing.backoffice.payments import PaymentViewSet
from shop.billing.backoffice.payments_statements import StatementViewSet
from shop.billing.backoffice.runs import RunViewSet
from shop.billing.backoffice.viewset import InvoiceViewSet


class BillingGroup(ViewSetGroup):
    """A line for each part; they derive from `shop.billing.backoffice.base.BillingViewSet`."""

    menu_label = "Facturation"
    menu_icon = "doc-full"
    menu_order = 315
    items = (
        RunViewSet,
        InvoiceViewSet,
        PaymentViewSet,
        StatementViewSet,
        ChorusViewSet,
        FiguresViewSet,
        AccountingViewSet,
    )


@hooks.register("register_admin_viewset")
def register_billing() -> BillingGroup:
    """Add the invoices to the back office."""
    return BillingGroup()
