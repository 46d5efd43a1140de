"""What the service is, beginning a candidature, and coming back to one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.candidatures import links, services
from portal.candidatures.antispam import check_rate
from portal.candidatures.forms import EmailForm
from portal.candidatures.presentation import FIGURES, STAGES
from portal.candidatures.views.access import public, remember
from portal.structures.offer import offered
from portal.ui.errors import DomainError


@public
@require_safe
def presentation(request: HttpRequest) -> HttpResponse:
    """Say what the service is, who may join, and how it goes."""
    context = {
        "figures": FIGURES,
        "stages": STAGES,
        "products": offered(),
    }
    return render(request, "candidatures/presentation.html", context)


@public
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the address that the link goes to, and begin."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            check_rate(request, email=email)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            remember(request, services.start(email=email))
            messages.success(
                request,
                "Votre candidature est commencée. Un lien pour y revenir part à l’adresse "
                f"{email}.",
            )
            return redirect("candidatures:candidature")
    return render(request, "candidatures/start.html", {"form": form})


@public
def link(request: HttpRequest) -> HttpResponse:
    """Send the link again; the answer does not say whether the address has a candidature."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            check_rate(request, email=email)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            services.send_links(email=email)
            messages.success(
                request,
                "Si une candidature est en cours à cette adresse, un lien vient d’y être envoyé.",
            )
            return redirect("candidatures:link")
    return render(request, "candidatures/link.html", {"form": form})


@public
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Open the candidature of a link, and leave the link's address."""
    try:
        candidature = links.read(token)
    except links.Expired:
        return _dead(request, "Ce lien a plus de 30 jours, il n’est plus valable.", status=410)
    if candidature is None:
        return _dead(request, "Ce lien n’ouvre aucune candidature.", status=404)
    services.confirm_email(candidature)
    remember(request, candidature)
    return redirect("candidatures:candidature")


def _dead(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    context = {"sentence": sentence, "form": EmailForm()}
    return render(request, "candidatures/dead_link.html", context, status=status)
