"""One delivery: scan its cards, print its slip, send it."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages

from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.privacy.services import record
from portal.structures.models import Agreement
from portal.ui.errors import DomainError
from shop.sims import services
from shop.sims.backoffice.queue import title
from shop.sims.models import Delivery
from shop.sims.preparing import CardsRefused, Problem, prepare
from shop.sims.states import State


class CardsForm(forms.Form):
    """What the barcode scanner types, or what is pasted from a spreadsheet."""

    use_required_attribute = False

    cards = forms.CharField(
        label="Numéros de série des cartes (ICCID)",
        help_text="Un numéro par ligne. Scannez les cartes l’une après l’autre, ou collez une "
        "colonne d’un tableur.",
        widget=forms.Textarea(
            {
                "rows": 10,
                "autocomplete": "off",
                "spellcheck": "false",
                "data-scanned": "",
                "class": "sim-scan",
            }
        ),
        max_length=100_000,
        error_messages={
            "required": "Scannez ou collez les numéros des cartes.",
            "max_length": "Ce texte est trop long pour être une liste de cartes.",
        },
    )


class SentForm(forms.Form):
    """The parcel's number, where there is one."""

    tracking = forms.CharField(
        label="Numéro de suivi",
        required=False,
        max_length=60,
        help_text="Facultatif. La structure le lira dans l’e-mail.",
        error_messages={"max_length": "Un numéro de suivi compte 60 caractères au plus."},
    )


@method_decorator(sensitive_post_parameters(), name="dispatch")
class DeliveryPage(StaffPage):
    """Show a delivery, with what can be done with it now."""

    any_permission_required = ("view",)
    template_name = "shop/sims/gestion/detail.html"
    header_icon = "doc-full"
    parents = (("sim_deliveries:index", [], "Cartes SIM"),)

    def page(
        self,
        found: Delivery,
        *,
        cards_form: forms.Form | None = None,
        sent_form: forms.Form | None = None,
        problems: list[Problem] | None = None,
    ) -> HttpResponse:
        """Render the page, with the form that was refused."""
        self.found = found
        cards = list(found.cards.all())
        context = {
            "delivery": found,
            "cards": cards,
            "missing": found.units - len(cards),
            "may_prepare": self.user_has_permission("prepare"),
            "waits": found.state == State.TO_PREPARE,
            "pickup": found.mode == Agreement.Delivery.PICKUP,
            "cards_form": cards_form or CardsForm(),
            "sent_form": sent_form or SentForm(),
            "problems": problems or [],
        }
        refused = any(form is not None for form in (cards_form, sent_form))
        return self.show(status=422 if refused else 200, **context)

    def get_page_title(self) -> str:
        return f"Cartes SIM, commande {title(self.found)}"


class DetailView(DeliveryPage):
    """Read a delivery."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        return self.page(find(uuid))


class SlipView(DeliveryPage):
    """The sheet that goes into the parcel."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the address and the cards, to be printed; that the numbers were seen is kept."""
        found = find(uuid)
        record(by=request.user, action="sims.slip_shown", target=found)
        context = {"delivery": found, "cards": found.cards.all()}
        return render(request, "shop/sims/gestion/slip.html", context)


class ActionView(DeliveryPage):
    """Do one of the things that the page offers."""

    permission_required = "prepare"

    def get(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Lead somebody who reloads back to the delivery."""
        return redirect("sim_deliveries:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
        """Run the action, or show its form again with what is wrong."""
        action = {
            "preparer": self.prepare,
            "retirer": self.remove,
            "envoyer": self.send,
            "prete": self.ready,
        }.get(name)
        if action is None:
            raise Http404
        found = find(uuid)
        try:
            return action(found)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("sim_deliveries:detail", uuid)

    def prepare(self, found: Delivery) -> HttpResponse:
        """Keep the cards that were scanned, all of them or none."""
        form = CardsForm(self.request.POST)
        if not form.is_valid():
            return self.page(found, cards_form=form)
        try:
            prepare(by=self.request.user, delivery=found, typed=form.cleaned_data["cards"])
        except CardsRefused as error:
            form.add_error(None, error.message)
            return self.page(found, cards_form=form, problems=error.problems)
        return self.done(found, "Les cartes sont enregistrées. Il reste à les livrer.")

    def remove(self, found: Delivery) -> HttpResponse:
        """Put a card back on the shelf."""
        try:
            card = UUID(self.request.POST.get("card", ""))
        except ValueError as error:
            raise Http404 from error
        services.remove_card(by=self.request.user, delivery=found, card=card)
        return self.done(
            found, "La carte est retirée\u00a0: elle peut aller dans une autre livraison."
        )

    def send(self, found: Delivery) -> HttpResponse:
        """Note that the parcel left."""
        form = SentForm(self.request.POST)
        if not form.is_valid():
            return self.page(found, sent_form=form)
        tracking = form.cleaned_data["tracking"]
        services.mark_sent(by=self.request.user, delivery=found, tracking=tracking)
        return self.done(found, "La livraison est notée envoyée\u00a0: l’e-mail part.")

    def ready(self, found: Delivery) -> HttpResponse:
        """Note that the cards can be collected."""
        services.mark_ready(by=self.request.user, delivery=found)
        return self.done(found, "La livraison est notée prête\u00a0: l’e-mail part.")

    def done(self, found: Delivery, sentence: str) -> HttpResponse:
        """Say it on the delivery's page."""
        messages.success(self.request, sentence)
        return redirect("sim_deliveries:detail", found.uuid)


def find(uuid: UUID) -> Delivery:
    """Return a delivery with all that its page shows of its order."""
    rows = Delivery.objects.select_related(
        "placed__order__user", "placed__structure", "prepared_by", "received_by"
    )
    return get_object_or_404(rows, uuid=uuid)
