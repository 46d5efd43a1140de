"""Wagtail's pages, their pictures, and the choice of a structure."""

import uuid
from pathlib import PurePosixPath

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve as serve_file
from wagtail.views import serve

from portal.pages.cache import cached
from portal.structures.access import choose_structure

AFTER_CHOICE = "/offre-solidaire/"
PICTURES = "images"
PICTURE_AGE = 7 * 24 * 3600  # seconds; a changed picture has another name

#: Wagtail's ``serve``: public pages are open to all, restricted ones keep their login.
page = login_not_required(cached(serve))


@login_not_required
@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve the renditions of images, and nothing else that was uploaded.

    Documents go through Wagtail's view, which obeys the privacy of their collection.

    Raises:
        Http404: the path is not one of a rendition.
    """
    if ".." in PurePosixPath(path).parts:
        raise Http404("No such picture.")
    answer = serve_file(request, f"{PICTURES}/{path}", document_root=str(settings.MEDIA_ROOT))
    answer.headers["Cache-Control"] = f"public, max-age={PICTURE_AGE}"
    return answer


@require_POST
def switch_structure(request: HttpRequest) -> HttpResponse:
    """Make another of the visitor's structures the current one.

    Raises:
        Http404: the structure does not exist, or the visitor is no member of it.
    """
    try:
        structure = uuid.UUID(request.POST.get("structure", ""))
    except ValueError as error:
        raise Http404("No such structure.") from error
    if not choose_structure(request, structure):
        raise Http404("No such structure.")
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else AFTER_CHOICE)
