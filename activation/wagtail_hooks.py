"""« Activations SIM » in the back office."""

from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from activation.backoffice.exchange.viewset import ExchangeViewSet
from activation.backoffice.figures import FiguresViewSet
from activation.backoffice.privacy import PersonViewSet, ProofViewSet
from activation.backoffice.viewset import ActivationViewSet
from activation.backoffice.words import WordsViewSet


class ActivationGroup(ViewSetGroup):
    menu_label = "Activations SIM"
    menu_icon = "mobile-alt"
    menu_order = 120
    items = (
        ActivationViewSet,
        ExchangeViewSet,
        FiguresViewSet,
        WordsViewSet,
        PersonViewSet,
        ProofViewSet,
    )

    def __init__(self) -> None:
        """Keep each screen in this menu: on its own it would stand in the main one too."""
        super().__init__()
        for screen in self.registerables:
            screen.add_to_admin_menu = False


@hooks.register("register_admin_viewset")
def register_activations() -> ActivationGroup:
    """Add the operators' desk to the back office."""
    return ActivationGroup()
