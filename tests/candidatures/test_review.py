"""What a référent does: take, have completed, refuse, accept, attach to a known structure."""

import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import AccountDisabled
from portal.candidatures import review, services
from portal.candidatures.models import Candidature, State
from portal.candidatures.states import MoveRefused
from portal.outbox.services import deliver_due
from portal.structures.models import Membership, Structure, StructureEvent
from portal.structures.services import add_member
from tests import factories
from tests.candidatures.conftest import EMAIL, SIRET, filled, staff, submitted, words

pytestmark = pytest.mark.django_db


def mails() -> list[tuple[str, str]]:
    """Deliver what waits; return whom it went to and its subject."""
    mail.outbox.clear()
    deliver_due()
    return [(message.to[0], message.subject) for message in mail.outbox]


def accept(by: User, candidature: Candidature | None = None, **fields: Any) -> Structure:
    one = candidature or submitted()
    made = review.accept(one, by=by, account_manager=by, **fields).structure
    assert made is not None
    return made


def test_accepting_makes_a_structure_with_its_account_manager(referent: User) -> None:
    made = accept(referent)

    assert (made.name, made.siret, made.state) == ("Maison des familles", SIRET, "candidate")
    assert (made.kind, made.public, made.city) == ("association", "Familles", "Bordeaux")
    assert made.account_manager == referent


def test_accepting_hands_the_needs_to_a_first_avenant(referent: User) -> None:
    agreement = accept(referent).agreements.get()
    amendment = agreement.amendments.get()

    needs = [(need.upc, need.asked, need.validated) for need in amendment.needs.order_by("upc")]
    assert needs == [("carte-sim", 30, None), ("monde", 30, None)]
    assert (agreement.state, amendment.state) == ("draft", "draft")
    assert (agreement.delivery_mode, agreement.public) == ("pickup", "Familles")


def test_the_lead_gets_a_link_at_once_and_the_others_when_the_account_opens(referent: User) -> None:
    candidature = submitted()
    mails()

    made = accept(referent, candidature)

    team = made.memberships.order_by("pk").values_list("user__email", "is_structure_lead")
    assert list(team) == [(EMAIL, True), ("omar@maison.example", False)]
    assert [to for to, _ in mails()] == [EMAIL, EMAIL]


def test_accepting_is_in_the_structures_story(referent: User) -> None:
    made = accept(referent)

    rows = StructureEvent.objects.filter(structure=made, subject__in=["structure", "candidature"])
    assert [(row.subject, row.was, row.now, row.by) for row in rows] == [
        ("structure", "", "candidate", referent),
        ("candidature", "submitted", "accepted", referent),
    ]


@pytest.mark.parametrize("state", ["candidate", "active", "suspended"])
def test_a_known_structure_is_completed_never_overwritten(referent: User, state: str) -> None:
    known = factories.StructureFactory(siret=SIRET, name="Maison (siège)", state=state, public="")

    made = accept(referent, structure=known)

    assert made == known
    assert Structure.objects.count() == 1
    assert (made.name, made.address, made.public) == (
        "Maison (siège)",
        "12 rue de l’Exemple",
        "Familles",
    )
    assert (made.state, made.account_manager) == (state, referent)


def test_a_known_structure_that_is_open_lets_its_new_members_in_at_once(referent: User) -> None:
    known = factories.StructureFactory(siret=SIRET)
    lead = factories.MembershipFactory(structure=known, is_structure_lead=True)
    candidature = submitted()
    mails()

    accept(referent, candidature, structure=known)

    assert sorted(to for to, _ in mails()) == [EMAIL, EMAIL, "omar@maison.example"]
    assert list(known.memberships.filter(is_structure_lead=True)) == [lead]


def test_a_number_that_is_known_makes_no_second_structure(referent: User) -> None:
    factories.StructureFactory(siret=SIRET, name="Maison connue")

    with pytest.raises(review.WrongStructure, match="Maison connue"):
        accept(referent)

    assert (Structure.objects.count(), Candidature.objects.get().state) == (1, State.SUBMITTED)


def test_nothing_is_attached_to_a_closed_structure(referent: User) -> None:
    known = factories.StructureFactory(siret=SIRET, state="closed")

    with pytest.raises(review.WrongStructure, match="est fermée"):
        accept(referent, structure=known)


def test_a_candidature_whose_two_numbers_are_two_structures_is_told_so(referent: User) -> None:
    known = factories.StructureFactory(siret=SIRET)
    factories.StructureFactory(rna="W332001234")
    candidature = submitted(structure={"rna": "W332001234"})

    with pytest.raises(review.WrongStructure, match="est déjà celui d’une autre structure"):
        accept(referent, candidature, structure=known)

    assert Candidature.objects.get().state == State.SUBMITTED


def test_an_imported_place_with_no_number_is_proposed_by_its_name_and_postcode() -> None:
    alike = factories.StructureFactory(name="Maison des Familles de Bordeaux", siret="")
    factories.StructureFactory(name="Maison des Familles de Bordeaux", postcode="35000")
    factories.StructureFactory(name="Mission locale")

    found = review.known_structures(submitted())

    assert (found.same, found.alike) == (None, [alike])


def test_a_disabled_account_stops_the_acceptance_whole(referent: User) -> None:
    factories.UserFactory(email="omar@maison.example", is_active=False)

    with pytest.raises(AccountDisabled):
        accept(referent)

    assert (Structure.objects.count(), Membership.objects.count()) == (0, 0)
    assert Candidature.objects.get().state == State.SUBMITTED


def test_somebody_who_has_a_login_is_told_of_one_structure_more(referent: User) -> None:
    user = factories.UserFactory(email=EMAIL, password=factories.PASSWORD)
    add_member(by=None, structure=factories.StructureFactory(), user=user)
    candidature = submitted()
    mails()

    accept(referent, candidature)

    assert mails() == [
        (EMAIL, "L’Espace Recharges : vous avez accès à une structure de plus"),
        (EMAIL, "Votre candidature à L’Espace Recharges est acceptée"),
    ]


def test_what_is_to_be_completed_comes_by_e_mail_with_the_link(referent: User) -> None:
    candidature = submitted()
    mails()
    review.ask_to_complete(candidature, by=referent, reason="Précisez le public accueilli.")

    assert mails() == [(EMAIL, "Votre candidature à L’Espace Recharges est à compléter")]
    body = str(mail.outbox[0].body)
    assert "Précisez le public accueilli." in body
    assert "/devenir-relais/reprendre/" in body


def test_a_refusal_comes_by_e_mail_with_its_reason(referent: User) -> None:
    candidature = submitted()
    mails()
    review.refuse(candidature, by=referent, reason="Votre structure est hors de France.")

    assert [to for to, _ in mails()] == [EMAIL]
    assert "hors de France" in str(mail.outbox[0].body)


def test_whoever_takes_a_candidature_looks_after_it(referent: User) -> None:
    assert review.take(submitted(), by=referent).account_manager == referent


def test_nobody_takes_what_is_decided(referent: User) -> None:
    refused = review.refuse(submitted(), by=referent, reason="Non.")

    with pytest.raises(review.NotRunning):
        review.take(refused, by=referent)


@pytest.mark.django_db(transaction=True)
def test_of_two_referents_who_accept_at_once_one_wins(referent: User) -> None:
    candidature = submitted()
    people = [referent, factories.UserFactory(role=Role.REFERENT)]
    outcomes: list[User | None] = []
    gate = threading.Barrier(len(people))

    def run(by: User) -> None:
        try:
            gate.wait(timeout=30)
            review.accept(Candidature.objects.get(), by=by, account_manager=by)
            outcomes.append(by)
        except MoveRefused:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    winners = [one for one in outcomes if one]
    assert (len(outcomes), len(winners)) == (2, 1)
    assert [one.account_manager for one in Structure.objects.all()] == winners
    assert candidature.events.filter(now=State.ACCEPTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_candidatures_of_one_siret_sent_at_once_one_passes() -> None:
    both = [filled("ana@maison.example"), filled("omar@maison.example")]
    outcomes: list[str] = []
    gate = threading.Barrier(len(both))

    def run(one: Candidature) -> None:
        try:
            gate.wait(timeout=30)
            services.submit(one)
            outcomes.append("sent")
        except services.AlreadyThere:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == ["refused", "sent"]
    assert Candidature.objects.filter(state=State.SUBMITTED).count() == 1


def test_the_page_shows_what_was_said_and_accepts(referent: User) -> None:
    candidature = submitted()
    browser, page = staff(referent), f"/gestion/candidatures/{candidature.uuid}/"
    shown = words(browser.get(page))

    answer = browser.post(
        f"{page}accepter/", {"account_manager": referent.pk, "structure": "nouvelle"}
    )

    assert [text in shown for text in (SIRET, "Ana Costa", "2 ordinateurs", "10 par mois")] == [
        True
    ] * 4
    assert (answer.status_code, Candidature.objects.get().state) == (302, State.ACCEPTED)


@pytest.mark.parametrize("name", ["completer", "refuser"])
def test_a_reason_that_is_missing_is_asked_for_on_the_page(referent: User, name: str) -> None:
    candidature = submitted()

    answer = staff(referent).post(
        f"/gestion/candidatures/{candidature.uuid}/{name}/", {"reason": " "}
    )

    assert "Dites pourquoi\u00a0: la structure lira ce motif." in answer.content.decode()
    assert Candidature.objects.get().state == State.SUBMITTED


def test_a_draft_is_its_authors_alone(referent: User) -> None:
    browser, made = staff(referent), filled()

    assert browser.get(f"/gestion/candidatures/{made.uuid}/").status_code == 404
    assert "Maison des familles" not in words(browser.get("/gestion/candidatures/toutes/"))


def test_the_page_of_a_structure_shows_its_candidature_and_steps(referent: User) -> None:
    candidature = submitted()
    made = accept(referent, candidature)

    page = staff(referent).get(f"/gestion/structures/{made.uuid}/").content.decode()

    assert f"/gestion/candidatures/{candidature.uuid}/" in page
    assert "1. Candidature, convention et avenant" in page
    assert "Candidature acceptée" in page
