"""CARTES SIM: what is on its way, what is here, and what is still to be activated."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.structures import cards as port
from portal.structures.access import member_of, member_required
from portal.ui.errors import DomainError
from shop.sims.models import Delivery, SimCard
from shop.sims.services import mark_received

DELIVERIES_PER_PAGE = 5
CARDS_PER_PAGE = 25
#: « Toutes les cartes » in the query string; without it those that nobody has used yet.
ALL = "toutes"


@require_safe
@never_cache
@member_required
def cards(request: HttpRequest) -> HttpResponse:
    """List the structure's deliveries, and the cards it has received with their activation."""
    member = member_of(request)
    deliveries = Delivery.objects.visible_to(member).select_related("placed__order", "received_by")
    shown = Paginator(deliveries, DELIVERIES_PER_PAGE).get_page(request.GET.get("livraisons"))
    every = request.GET.get("cartes") == ALL
    received = SimCard.objects.received_by(member).select_related("delivery__placed__order")
    if not every:
        received = received.exclude(iccid_fingerprint__in=port.activations.ask.held())
    page = Paginator(received.order_by("delivery", "pk"), CARDS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    progress = port.activations.ask.progress([one.iccid_fingerprint for one in page])
    rows = [{"card": one, "progress": progress.get(one.iccid_fingerprint)} for one in page]
    context = {"deliveries": shown, "page": page, "rows": rows, "every": every, "all": ALL}
    return render(request, "shop/sims/cards.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def receive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note that the cards are here; a GET (someone types the address) goes to the list."""
    member = member_of(request)
    delivery = get_object_or_404(Delivery.objects.visible_to(member), uuid=uuid)
    if request.method == "POST":
        try:
            mark_received(by=member, delivery=delivery)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, "C’est noté. Vous pouvez activer ces cartes, une par bénéficiaire."
            )
    return redirect("sims:cards")
