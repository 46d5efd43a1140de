"""Campaigns: their list, their page, and granting many quotas at once."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.backoffice import page, permission_required
from shop.quotas import bulk
from shop.quotas.backoffice.forms import CampaignForm, EveryoneForm, GrantForm, TableForm
from shop.quotas.backoffice.listing import paginated, quota_page
from shop.quotas.campaigns import change_campaign, end_campaign, open_campaign
from shop.quotas.grants import Change, GrantsChanged, Plan, below_used, grant, plan
from shop.quotas.models import Campaign

TITLE = "Campagnes"
ICON = "calendar-alt"
SHOWN = 200  # rows of a preview; the counts tell the rest
_WORDS = {
    Change.CREATED: "créée",
    Change.RAISED: "augmentée",
    Change.LOWERED: "diminuée",
    Change.SAME: "inchangée",
}


def _parents(campaign: Campaign | None = None) -> list[tuple[str, str]]:
    parents = [(reverse("campagnes:index"), TITLE)]
    if campaign:
        parents.append((reverse("campagnes:detail", args=[campaign.uuid]), campaign.name))
    return parents


def _with_totals() -> QuerySet[Campaign]:
    return Campaign.objects.annotate(
        granted=Sum("free_quotas__granted", default=0),
        used=Sum("free_quotas__used", default=0),
        structures=Count("free_quotas__structure", distinct=True),
    )


@permission_required("quotas.view_campaign")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """List the campaigns, the last to begin first."""
    found = _with_totals().order_by("-starts_on", "-pk")
    return page(
        request,
        "shop/admin/campaigns.html",
        title=TITLE,
        icon=ICON,
        parents=[],
        context=paginated(request, found),
    )


@permission_required("quotas.view_campaign")
@require_safe
def detail(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show a campaign and its quotas."""
    campaign = get_object_or_404(_with_totals().prefetch_related("products"), uuid=uuid)
    context = {"campaign": campaign, **quota_page(request, campaign.free_quotas.all())}
    return page(
        request,
        "shop/admin/campaign.html",
        title=campaign.name,
        icon=ICON,
        parents=_parents(),
        context=context,
    )


@permission_required("quotas.add_campaign")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Open a campaign."""
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = open_campaign(by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"«\u00a0{campaign.name}\u00a0» est ouverte.")
            return redirect("campagnes:detail", campaign.uuid)
    return _form(request, form, title="Nouvelle campagne", parents=_parents())


@permission_required("quotas.change_campaign")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Change name, dates and products."""
    campaign = get_object_or_404(Campaign, uuid=uuid)
    form = CampaignForm(request.POST or None, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            change_campaign(by=request.user, campaign=campaign, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "La campagne est enregistrée.")
            return redirect("campagnes:detail", uuid)
    return _form(request, form, title="Modifier la campagne", parents=_parents(campaign))


def _form(
    request: StaffRequest, form: CampaignForm, *, title: str, parents: list[tuple[str, str]]
) -> HttpResponse:
    return page(
        request,
        "shop/admin/one_form.html",
        title=title,
        icon=ICON,
        parents=parents,
        context={"form": form, "button": "Enregistrer"},
        status=422 if form.errors else 200,
    )


@permission_required("quotas.change_campaign")
@require_http_methods(["GET", "POST"])
def end(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Say what ending means; a POST ends the campaign."""
    campaign = get_object_or_404(Campaign, uuid=uuid)
    if request.method == "POST":
        try:
            end_campaign(by=request.user, campaign=campaign)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"«\u00a0{campaign.name}\u00a0» est terminée.")
        return redirect("campagnes:detail", uuid)
    return page(
        request,
        "shop/admin/campaign_end.html",
        title="Terminer la campagne",
        icon=ICON,
        parents=_parents(campaign),
        context={"campaign": campaign},
    )


@permission_required("quotas.change_campaign")
@require_http_methods(["GET", "POST"])
def grants(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask who gets how much, show what it changes, then write it whole."""
    campaign = get_object_or_404(Campaign, uuid=uuid)
    step = request.POST.get("step", "")
    table = TableForm(campaign=campaign)
    everyone = EveryoneForm(campaign=campaign)
    form: GrantForm | None = None
    if step == "everyone":
        form = everyone = EveryoneForm(request.POST, campaign=campaign)
    elif request.method == "POST":
        form = table = TableForm(request.POST, request.FILES, campaign=campaign)
    if form and form.is_valid():
        if step == "confirm" and not form.table.problems:
            return _confirm(request, campaign, form)
        return _preview(request, campaign, form)
    return page(
        request,
        "shop/admin/grants.html",
        title="Accorder des dotations",
        icon=ICON,
        parents=_parents(campaign),
        context={"campaign": campaign, "table": table, "everyone": everyone},
        status=422 if form else 200,
    )


def _preview(request: StaffRequest, campaign: Campaign, form: GrantForm) -> HttpResponse:
    """Show what would change, and what stands in the way."""
    table, made = form.table, plan(campaign, form.table.wanted)
    problems = [
        *table.problems,
        *(
            bulk.Problem(
                table.lines.get((one.structure_id, one.product_id), 0), below_used(one.used)
            )
            for one in made.grants
            if one.too_low
        ),
    ]
    context = {
        "campaign": campaign,
        "plan": made,
        "counts": [_counted(made, change) for change in Change],
        "rows": _rows(campaign, made),
        "hidden_rows": max(0, len(made.grants) - SHOWN),
        "problems": sorted(problems, key=lambda one: one.line)[:SHOWN],
        "hidden_problems": max(0, len(problems) - SHOWN),
        "text": bulk.as_text(table.wanted, campaign.products.all()),
        "limit": form.cleaned_data["limit_per_person"] or "",
    }
    return page(
        request,
        "shop/admin/grants_preview.html",
        title="Aperçu des dotations",
        icon=ICON,
        parents=_parents(campaign),
        context=context,
        status=422 if problems else 200,
    )


def _counted(made: Plan, change: Change) -> tuple[str, int]:
    """Return a word for a change, in the plural from two on, and how many quotas it befalls."""
    count = made.counts[change]
    return (f"{_WORDS[change]}s" if count > 1 else _WORDS[change], count)


def _rows(campaign: Campaign, made: Plan) -> list[dict[str, Any]]:
    shown = made.grants[:SHOWN]
    structures = Structure.objects.in_bulk({one.structure_id for one in shown})
    products = {product.pk: product for product in campaign.products.all()}
    return [
        {
            "structure": structures[one.structure_id],
            "product": products[one.product_id],
            "grant": one,
            "change": _WORDS[one.change],
        }
        for one in shown
    ]


def _confirm(request: StaffRequest, campaign: Campaign, form: GrantForm) -> HttpResponse:
    """Write what was shown; where it changed meanwhile, show it again."""
    try:
        made = grant(
            by=request.user,
            campaign=campaign,
            wanted=form.table.wanted,
            seen=request.POST.get("seen", ""),
            limit_per_person=form.cleaned_data["limit_per_person"],
        )
    except GrantsChanged as error:
        messages.warning(request, error.message)
        return _preview(request, campaign, form)
    except DomainError as error:
        messages.error(request, error.message)
        return _preview(request, campaign, form)
    counts = ", ".join(f"{count} {word}" for word, count in (_counted(made, one) for one in Change))
    messages.success(request, f"Dotations\u00a0: {counts}.")
    return redirect("campagnes:detail", campaign.uuid)
