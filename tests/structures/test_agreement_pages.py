"""The pages: MON COMPTE for the structure, the back office for référents."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.agreements import preparing, signing
from portal.structures.desk import panels
from portal.structures.lifecycle import MoveRefused
from portal.structures.models import (
    Agreement,
    AgreementText,
    Amendment,
    Membership,
    StructureEvent,
)
from shop.quotas.models import FreeQuota
from tests import factories
from tests.structures import agreements as papers

pytestmark = pytest.mark.usefixtures("drawing")
TEXTS = "/gestion/textes-conventions/"


@pytest.fixture
def lead(db: None) -> Membership:
    return papers.candidate(name="CCAS de Lormont")


@pytest.fixture
def by(lead: Membership) -> User:
    return papers.referent(first_name="Rachid", last_name="Benali")


def said(answer: HttpResponse) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.replace("&nbsp;", " ").replace("\u00a0", " ").split())


def act(by: User, paper: Any, name: str, **fields: Any) -> HttpResponse:
    place = "" if isinstance(paper, Agreement) else "avenants/"
    answer: Any = papers.browser(by).post(f"{papers.DESK}{place}{paper.uuid}/{name}/", fields)
    return answer  # type: ignore[no-any-return]


def test_the_whole_way_goes_through_the_pages(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by, monde=10)
    amendment = agreement.amendments.get()
    terms = {
        "label": "Connexion d’urgence",
        "starts_on": amendment.starts_on.isoformat(),
        "ends_on": amendment.ends_on.isoformat(),
        "delivery_mode": "pickup",
        "asked-monde": "30",
        "validated-monde": "25",
        "limit-monde": "2",
    }
    desk, mine = papers.browser(by), papers.browser(lead.user)

    typed = desk.post(f"{papers.DESK}avenants/{amendment.uuid}/modifier/", terms)
    statuses = [typed.status_code]
    for paper, place in ((agreement, ""), (amendment, "avenants/")):
        statuses.append(act(by, paper, "envoyer").status_code)
        sent = mine.post(f"{papers.PAGE}{place}{paper.uuid}/renvoyer/", {"file": papers.upload()})
        statuses.append(sent.status_code)
        last = "contresigner" if isinstance(paper, Agreement) else "valider"
        statuses.append(act(by, paper, last).status_code)

    assert statuses == [302] * 7
    assert list(FreeQuota.objects.values_list("granted", "limit_per_person")) == [(25, 2)]
    assert "Validé" in said(mine.get(papers.PAGE))


def test_a_move_without_its_reason_shows_its_form_again(lead: Membership, by: User) -> None:
    agreement = papers.in_force(lead, by)

    answer = act(by, agreement, "denoncer", reason="")

    assert (answer.status_code, Agreement.objects.get().state) == (422, "in_force")
    assert "Dites pourquoi" in said(answer)


def test_a_refused_file_shows_its_sentence_at_the_desk(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)

    answer = act(by, agreement, "deposer", file=papers.upload(b"<html>", "convention.pdf"))

    assert (answer.status_code, Agreement.objects.get().state) == (422, "to_sign")
    assert "n’est ni un PDF, ni une photo" in said(answer)


def test_a_colleague_who_was_faster_is_told_of(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)

    answer = papers.browser(by).post(f"{papers.DESK}{agreement.uuid}/envoyer/", follow=True)

    assert "Cette convention est dans l’état « à signer »" in said(answer)  # type: ignore[arg-type]


def test_reversed_dates_are_said_beside_what_was_typed(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    typed = {
        "starts_on": "2026-12-01",
        "ends_on": "2026-11-01",
        "public": "Jeunes de 16 à 25 ans",
        "delivery_mode": "shipping",
    }

    answer: Any = papers.browser(by).post(f"{papers.DESK}{agreement.uuid}/modifier/", typed)

    assert (answer.status_code, Agreement.objects.get().public) == (422, "Familles")
    assert "Le dernier jour est avant le premier" in said(answer)
    assert "Jeunes de 16 à 25 ans" in answer.content.decode()


def test_a_quantity_below_what_is_used_is_said_and_keeps_what_was_typed(
    lead: Membership, by: User
) -> None:
    amendment = papers.validated(lead, by, monde=20)
    FreeQuota.objects.update(used=8)
    typed = {
        "label": amendment.label,
        "starts_on": amendment.starts_on.isoformat(),
        "ends_on": amendment.ends_on.isoformat(),
        "delivery_mode": "pickup",
        "validated-monde": "7",
    }
    address = f"{papers.DESK}avenants/{amendment.uuid}/modifier/"

    answer: Any = papers.browser(by).post(address, typed)

    assert (answer.status_code, FreeQuota.objects.get().granted) == (422, 20)
    assert "8 unités sont déjà prises" in said(answer)
    assert 'value="7"' in answer.content.decode()


def test_a_text_is_proofread_then_published(by: User) -> None:
    client, address = papers.browser(by), f"{TEXTS}convention/nouveau/"
    typed = {"title": "Convention 2027", "body": "Pour {{ structure }}."}

    proof = client.post(address, typed | {"preview": "1"})
    before = AgreementText.objects.filter(kind="convention").count()
    published = client.post(address, typed)

    assert (proof["Content-Type"], proof.content[:5], before) == ("application/pdf", b"%PDF-", 1)
    assert published.status_code == 302
    last = AgreementText.objects.filter(kind="convention").first()
    assert last is not None
    assert (last.version, last.title, last.by) == (2, "Convention 2027", by)


def test_a_text_with_an_unknown_field_is_refused_and_kept_on_screen(by: User) -> None:
    typed = {"title": "Convention", "body": "Pour {{ strcture }}, bien à vous."}

    answer: Any = papers.browser(by).post(f"{TEXTS}convention/nouveau/", typed)

    assert (answer.status_code, AgreementText.objects.count()) == (422, 2)
    assert "n’est pas un champ connu" in said(answer)
    assert "bien à vous" in said(answer)


def test_an_administrator_reads_and_changes_nothing(lead: Membership, by: User) -> None:
    admin = factories.UserFactory(role=Role.ADMINISTRATOR)
    agreement = papers.draft(lead, by)

    page: Any = papers.browser(admin).get(f"{papers.DESK}{agreement.uuid}/")
    act(admin, agreement, "envoyer")

    assert (page.status_code, "Envoyer à signer" in said(page)) == (200, False)
    assert Agreement.objects.get().state == "draft"


def test_the_lead_is_asked_to_sign_and_members_are_not(lead: Membership, by: User) -> None:
    colleague = factories.MembershipFactory(structure=lead.structure)
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)

    def tasks(member: Membership) -> list[str]:
        return [task.href for one in panels(member) for task in one.tasks]

    assert papers.PAGE in tasks(lead)
    assert papers.PAGE not in tasks(colleague)


def test_a_member_sees_where_the_papers_stand_without_the_files(lead: Membership, by: User) -> None:
    colleague = factories.MembershipFactory(structure=lead.structure)
    papers.signed(papers.draft(lead, by), lead, by)

    page: Any = papers.browser(colleague.user).get(papers.PAGE)

    assert "À contresigner" in said(page)
    assert "/documents/" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_partners_page_costs_the_same_whatever_it_holds(
    lead: Membership, by: User, count: int, django_assert_num_queries: Any
) -> None:
    agreement = papers.in_force(lead, by)
    for _ in range(count):
        amendment = preparing.draft_amendment(by=by, agreement=agreement)
        papers.grant(amendment, by, monde=5)
        papers.signed(amendment, lead, by)
    client = papers.browser(lead.user)
    client.get(papers.PAGE)

    with django_assert_num_queries(7):
        client.get(papers.PAGE)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_it_holds(
    by: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        factories.AmendmentFactory(state="draft")
    client = papers.browser(by)
    client.get(papers.DESK)

    with django_assert_num_queries(11):
        assert said(client.get(papers.DESK)).count("Structure 0") == count  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_two_referents_who_validate_the_same_avenant_validate_it_once() -> None:
    lead, by = papers.candidate(), papers.referent()
    agreement = papers.in_force(lead, by, monde=20)
    amendment = papers.signed(papers.grant(agreement.amendments.get(), by, monde=20), lead, by)
    referents = [papers.referent() for _ in range(4)]
    ready, answers = threading.Barrier(len(referents)), []

    def validate(one: User) -> None:
        ready.wait()
        try:
            signing.validate(Amendment.objects.get(pk=amendment.pk), by=one)
            answers.append("validated")
        except MoveRefused as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=validate, args=[one]) for one in referents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["move_refused"] * 3 + ["validated"]
    assert list(FreeQuota.objects.values_list("granted", flat=True)) == [20]
    assert StructureEvent.objects.filter(subject="avenant", now="validated").count() == 1
