"""The queue of requests: what runs out first on top, live, and taken from there."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from wagtail.admin import messages

from activation import operators
from activation.backoffice import asked, listing, pulse
from activation.models import ActivationRequest
from activation.states import OPEN, State
from portal.accounts.backoffice import StaffPage, StaffRequest

#: Of requests ticked at once: a page of the list.
MOST_TAKEN = listing.PER_PAGE


class QueueBase(StaffPage):
    """What the page and its live part have in common."""

    any_permission_required = ("view",)
    template_name = "activation/gestion/queue.html"
    header_icon = "mobile-alt"
    page_title = "Activations SIM"

    def queue(self, since: int | None = None) -> dict[str, Any]:
        """Return what the live part shows.

        Args:
            since: the last event that the visitor's page knows of.
        """
        wanted = asked.Asked.of(self.request.GET, self.request.user)
        paginator = listing.CappedPaginator(wanted)
        page = paginator.get_page(self.request.GET.get("p"))
        now = pulse.take(since)
        return {
            "asked": wanted,
            "page": page,
            "pages": pages(wanted, page),
            "rows": listing.rows_of(list(page.object_list)),
            "pulse": now,
            "arrived": arrived(now.arrived),
            "chips": chips(wanted, now),
            "tasks": listing.open_tasks() if now.tasks else [],
            "may_process": self.user_has_permission("process"),
            "here": wanted.query(p=page.number if page.number > 1 else ""),
            "title": " – ".join(filter(None, [now.title, self.page_title])),
        }

    def live(
        self, *, since: int | None = None, said: str = "", wrong: bool = False
    ) -> HttpResponse:
        """Draw the live part alone, for a script.

        Args:
            since: as `queue`.
            said: what has just been done.
            wrong: whether it was refused.
        """
        context = {**self.queue(since), "said": said, "wrong": wrong, "alone": True}
        return render(self.request, "activation/gestion/queue_live.html", context)


class QueueView(QueueBase):
    """The page."""

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the queue."""
        return self.show(**self.queue(), portability=asked.PORTABILITY, taken=asked.TAKEN)


class LiveView(QueueBase):
    """What an open page asks for every few seconds; it does not prolong the session."""

    def get(self, request: StaffRequest) -> HttpResponse:
        """Draw the live part anew."""
        since = request.GET.get("depuis", "")
        return self.live(since=int(since) if since.isdecimal() and len(since) < 19 else None)


class TakeView(QueueBase):
    """Take a request from the list, or those that are ticked, and stay there."""

    permission_required = "process"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Lead somebody who reloads back to the list."""
        return redirect("activations:index")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Take what was chosen; what somebody else took meanwhile is said."""
        chosen = request.POST.getlist("seule") or request.POST.getlist("demande")
        said, wrong = taken(chosen[:MOST_TAKEN], request)
        if request.headers.get("HX-Request"):
            return self.live(said=said, wrong=wrong)
        (messages.error if wrong else messages.success)(request, said)
        return redirect(reverse("activations:index") + here(request))


class NextView(QueueBase):
    """Take the most urgent free request among those of the filters."""

    permission_required = "process"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Lead somebody who reloads back to the list."""
        return redirect("activations:index")

    def post(self, request: StaffRequest) -> HttpResponse:
        """Take it and lead to it."""
        wanted = asked.Asked.of(request.GET, request.user)
        found = operators.take_next(by=request.user, among=wanted.among())
        if found is None:
            messages.warning(request, "Aucune demande n’est libre pour le moment.")
            return redirect(reverse("activations:index") + here(request))
        messages.success(request, f"Vous avez pris la demande {found.reference}.")
        return redirect(reverse("activations:detail", args=[found.uuid]) + here(request))


def pages(wanted: asked.Asked, page: Page[ActivationRequest]) -> list[dict[str, str]]:
    """Return the links to other pages of the list."""
    last = page.paginator.num_pages
    found = [
        ("Première page", 1, page.number > 2),
        ("Page précédente", page.number - 1, page.has_previous()),
        ("Page suivante", page.number + 1, page.has_next()),
        ("Dernière page", last, page.number < last - 1),
    ]
    return [
        {"label": label, "href": wanted.query(p=number if number > 1 else "") or "?"}
        for label, number, leads in found
        if leads
    ]


def here(request: StaffRequest) -> str:
    """Return the filters and the page of the list, as its address writes them."""
    wanted = asked.Asked.of(request.GET, request.user)
    number = request.GET.get("p", "")
    return wanted.query(p=number if number.isdecimal() else "")


def taken(chosen: list[str], request: StaffRequest) -> tuple[str, bool]:
    """Take these requests; return what to say of it, and whether something was refused.

    Args:
        chosen: their public identifiers, as the form sent them.
        request: whose user takes them.
    """
    wanted = list(
        ActivationRequest.objects.filter(
            uuid__in=listing.identifiers(chosen)
        ).without_personal_data()
    )
    if not wanted:
        return "Cochez d’abord les demandes à prendre.", True
    outcome = operators.take_each(wanted, by=request.user)
    moved, refused = outcome.moved, list(outcome.refused.values())
    if len(wanted) == 1:
        return (
            (f"Vous avez pris la demande {wanted[0].reference}.", False)
            if moved
            else (
                refused[0].message,
                True,
            )
        )
    said = f"Vous avez pris {counted(len(moved))}."
    if refused:
        gone = "n’étaient plus libres" if len(refused) > 1 else "n’était plus libre"
        said += f" {counted(len(refused))} {gone}."
    return said, bool(refused)


def counted(number: int) -> str:
    """Return « 1 demande », « 3 demandes »."""
    return f"{number} demande{'s' if number > 1 else ''}"


def arrived(number: int) -> str:
    """Return what a page says of requests that came while it was open."""
    if not number:
        return ""
    plural = "s" if number > 1 else ""
    more = " ou plus" if number == pulse.MOST_NEW else ""
    return f"{number}{more} nouvelle{plural} demande{plural}"


def chips(wanted: asked.Asked, now: pulse.Pulse) -> list[dict[str, Any]]:
    """Return the states as links that keep the other filters, with what waits in each.

    Closed requests pile up for years: their counts would cost and tell nothing.
    """

    def chip(label: str, state: str, count: str | None) -> dict[str, Any]:
        return {
            "label": label,
            "count": count,
            "href": wanted.query(state=state) or "?",
            "current": wanted.state == state,
        }

    total = pulse.told(pulse.CEILING + 1 if now.is_capped else now.to_do)
    return [
        chip("À traiter", "", total),
        *(
            chip(state.label, state.value, pulse.told(now.states[state]) if state in OPEN else None)
            for state in State
        ),
    ]
