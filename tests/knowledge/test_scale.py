"""Twenty or two hundred of everything: each page asks the database as often."""

import uuid
from collections.abc import Iterable

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge import site_index
from knowledge.models import FaqQuestion, FaqTheme, GuidePage, ResourceIndexPage
from knowledge.support.models import Subject, SupportRequest
from portal.structures.models import Membership
from tests.assistance.conftest import DESK, browser, referent
from tests.factories import MembershipFactory, StructureFactory
from tests.pages.people import logged_in

FEW, MANY = 20, 200
#: As a partner reads them, nothing kept.
PAGES = (
    *("/", "/ressources/", "/ressources/?theme=techniques", "/ressources/acheter-des-recharges/"),
    *("/ressources/g3/", "/faq/", "/faq/?theme=usage", "/faq/?q=pamplemousse", "/faq/q3/"),
    *("/recherche/?q=pamplemousse", "/recherche/?q=pamplemouse", "/recherche/?q=pa", "/aide/"),
    "/mon-compte/assistance/",
)


def add(first: int, last: int, member: Membership) -> None:
    """Add guides, questions and assistance requests, numbered."""
    index = ResourceIndexPage.objects.get()
    for number in range(first, last):
        page = GuidePage(title=f"Le pamplemousse {number}", slug=f"g{number}", summary="x")
        page.theme = "techniques"
        index.add_child(instance=page)
    while site_index.catch_up():
        pass
    theme = FaqTheme.objects.get(slug="usage")
    FaqQuestion.objects.bulk_create(
        FaqQuestion(theme=theme, question=f"Pamplemousse {n} ?", answer="<p>Oui.</p>", slug=f"q{n}")
        for n in range(first, last)
    )
    SupportRequest.objects.bulk_create(
        SupportRequest(
            key=uuid.uuid4(),
            structure=member.structure,
            created_by=member.user,
            subject=Subject.OTHER,
            title=f"Pamplemousse {n}",
            waiting_since=timezone.now(),
        )
        for n in range(first, last)
    )


def costs(client: Client, addresses: Iterable[str]) -> dict[str, int]:
    """Return how many queries draw each page, once what every request shares is warm."""
    found = {}
    for address in addresses:
        cache.clear()
        client.get(address)
        session = client.session
        cache.clear()
        session.save()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        found[address] = len(queries)
    return found


def test_no_page_asks_more_where_there_is_more(content: int) -> None:
    manager = referent()
    structure = StructureFactory(may_order=True, account_manager=manager)
    member = MembershipFactory(structure=structure)
    partner, desk, seen = logged_in(member.user), browser(manager), []
    for first, last in ((0, FEW), (FEW, MANY)):
        add(first, last, member)
        seen.append(costs(partner, PAGES) | costs(desk, [DESK]))
    assert seen[0] == seen[1]
