"""The site's addresses, and three that fail in the way real code does."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.accounts.models import User
from portal.celery import app
from portal.urls import urlpatterns as site


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    """Fail with an error, raised from another, that quotes all that was typed."""
    typed = " ".join(request.POST.values())
    try:
        return HttpResponse({}[typed])
    except KeyError as error:
        raise RuntimeError(f"Nothing known of {typed}") from error


@login_not_required
def duplicate(request: HttpRequest) -> HttpResponse:
    """Make PostgreSQL quote a row."""
    User.objects.create(email=request.POST["email"])
    return HttpResponse()


@login_not_required
def suspicious(request: HttpRequest) -> HttpResponse:
    """Refuse, quoting all that was typed."""
    raise SuspiciousOperation(" ".join(request.POST.values()))


@login_not_required
def after_commit(request: HttpRequest) -> HttpResponse:
    """Fail once all is saved, where Django logs the error and goes on."""
    typed = " ".join(request.POST.values())

    def fail() -> None:
        raise OSError(f"Nobody answers {typed}")

    with transaction.atomic():
        transaction.on_commit(fail, robust=True)
    return HttpResponse()


@login_not_required
def task(request: HttpRequest) -> HttpResponse:
    """Send a task that fails with PostgreSQL's sentence."""
    app.send_task("tests.faults.clumsy", args=[User.objects.get(email=request.POST["email"]).pk])
    return HttpResponse()


@app.task(name="tests.faults.clumsy")
def clumsy(pk: int) -> None:
    """Create a person who is there already."""
    User.objects.create(email=User.objects.get(pk=pk).email)


urlpatterns = [
    path("panne/", crash),
    path("doublon/", duplicate),
    path("suspect/", suspicious),
    path("apres/", after_commit),
    path("tache/", task),
    *site,
]
