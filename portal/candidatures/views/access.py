"""The candidature that a visitor has open: their session holds it, a link puts it there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from portal.candidatures.models import Candidature

SESSION_KEY = "candidature"


class CandidateRequest(HttpRequest):
    """A request of somebody who has a candidature open."""

    candidature: Candidature


def remember(request: HttpRequest, candidature: Candidature) -> None:
    """Open ``candidature`` for the rest of this session."""
    request.session[SESSION_KEY] = str(candidature.uuid)


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let everybody in, and keep the answer out of every cache."""
    return login_not_required(never_cache(view))


def with_candidature(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in whoever has a candidature open; the others are shown how to open one."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.session.get(SESSION_KEY)
        found = Candidature.objects.filter(uuid=key).first() if key else None
        if found is None:
            return _lost(request)
        request.candidature = found  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return public(wrapped)


def _lost(request: HttpRequest) -> HttpResponse:
    messages.info(request, "Pour ouvrir votre candidature, suivez le lien reçu par e-mail.")
    return redirect("candidatures:link")
