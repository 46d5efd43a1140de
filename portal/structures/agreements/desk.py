"""What conventions and avenants ask for on the dashboard of MON COMPTE."""

from django.db.models import Count, Q
from django.urls import reverse

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Agreement, Amendment, Membership


@register("agreements")
def agreements(membership: Membership) -> Panel:
    """Ask the lead to sign what waits for a signature. One query; none for a member."""
    if not membership.is_structure_lead:
        return Panel()
    counts = Agreement.objects.filter(structure=membership.structure_id).aggregate(
        conventions=Count("pk", filter=Q(state=Agreement.State.TO_SIGN), distinct=True),
        avenants=Count(
            "amendments", filter=Q(amendments__state=Amendment.State.TO_SIGN), distinct=True
        ),
    )
    page = reverse("agreements:mine")
    tasks = []
    if counts["conventions"]:
        tasks.append(Task("Convention à signer et à renvoyer", page))
    if counts["avenants"]:
        tasks.append(Task("Avenant à signer et à renvoyer", page))
    return Panel(tasks=tasks)
