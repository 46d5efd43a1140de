"""The draft of the form: kept, or thrown away, by its author."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from activation import drafts
from activation.views.scope import MemberRequest
from portal.structures.access import member_required


@member_required
@never_cache
@sensitive_post_parameters()
@require_POST
def save_draft(request: MemberRequest) -> HttpResponse:
    """Keep the form as it stands, whatever is wrong in it."""
    if drafts.save(request.POST.dict(), of=request.membership):
        messages.success(
            request,
            "Brouillon enregistré. Vous seul pouvez le lire\u00a0; il est gardé "
            f"{settings.ACTIVATION_DRAFTS_KEPT.days}\u00a0jours.",
        )
    else:
        messages.info(request, "Rien n’est enregistré\u00a0: le formulaire est vide.")
    return redirect("activation:new")


@member_required
@never_cache
@require_POST
def discard_draft(request: MemberRequest) -> HttpResponse:
    """Forget what was begun, and show an empty form."""
    drafts.discard(of=request.membership)
    messages.success(request, "Votre saisie est effacée.")
    return redirect("activation:new")
