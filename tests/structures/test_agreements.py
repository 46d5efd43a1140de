"""From the draft to the end: every move, what it writes, and who is told."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.core import mail

from portal.accounts.models import User
from portal.outbox.services import deliver_due
from portal.structures.agreements import ending, moves, preparing, signing
from portal.structures.agreements.moves import AVENANT_MOVES, CONVENTION_MOVES
from portal.structures.agreements.preparing import Need, TermsRefused
from portal.structures.lifecycle import MoveRefused
from portal.structures.models import (
    Agreement,
    AgreementDocument,
    Amendment,
    Membership,
    Structure,
    StructureEvent,
)
from portal.ui.errors import DomainError
from shop.quotas.grants import BelowUsed
from shop.quotas.models import FreeQuota
from shop.sims.addresses import delivery_mode
from tests import factories
from tests.structures import agreements as papers

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture
def lead(db: None) -> Membership:
    return papers.candidate(name="CCAS de Lormont")


@pytest.fixture
def by(lead: Membership) -> User:
    return papers.referent(first_name="Rachid", last_name="Benali")


def history(structure: Structure, subject: str) -> list[tuple[str, str, User | None, str]]:
    rows = StructureEvent.objects.filter(structure=structure, subject=subject).order_by("pk")
    return [(row.was, row.now, row.by, row.reason) for row in rows]


def quotas(structure: Structure) -> list[tuple[Any, ...]]:
    rows = FreeQuota.objects.filter(structure=structure).order_by("pk")
    return list(rows.values_list("product__upc", "granted", "limit_per_person", "ends_on"))


def subjects() -> list[tuple[str, list[str]]]:
    while deliver_due():
        pass
    return [(one.subject, one.to) for one in mail.outbox]


def test_a_convention_goes_from_draft_to_force_and_opens_the_account(
    lead: Membership, by: User
) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    signing.deposit(agreement, by=lead.user, file=papers.upload())
    signing.countersign(agreement, by=by, file=papers.upload(papers.picture(), "photo.jpg"))

    agreement.refresh_from_db()
    lead.structure.refresh_from_db()
    assert (agreement.state, agreement.signed_on, agreement.countersigned_by) == (
        "in_force",
        factories.today(),
        by,
    )
    assert lead.structure.state == Structure.State.ACTIVE
    assert history(lead.structure, "convention") == [
        ("", "draft", by, ""),
        ("draft", "to_sign", by, ""),
        ("to_sign", "signed", lead.user, ""),
        ("signed", "in_force", by, ""),
    ]
    assert history(lead.structure, "structure") == [("candidate", "active", by, "")]
    files = AgreementDocument.objects.order_by("pk").values_list("kind", "media_type")
    assert list(files) == [
        ("generated", "application/pdf"),
        ("signed", "application/pdf"),
        ("countersigned", "image/jpeg"),
    ]


def test_activation_sends_each_member_a_one_time_link_and_never_a_password(
    lead: Membership, by: User
) -> None:
    invited = factories.MembershipFactory(structure=lead.structure)
    agreement = papers.signed(papers.draft(lead, by), lead, by)
    subjects()
    mail.outbox.clear()

    signing.countersign(agreement, by=by)

    told = {(one.to[0], "/invitation/" in str(one.body)) for one in mail_after()}
    assert told == {(lead.user.email, False), (invited.user.email, True)}


def mail_after() -> list[Any]:
    subjects()
    return list(mail.outbox)


def test_an_active_structure_that_signs_again_gets_no_new_link(by: User) -> None:
    lead = papers.candidate(state=Structure.State.ACTIVE)
    agreement = papers.signed(papers.draft(lead, by), lead, by)
    subjects()
    mail.outbox.clear()

    signing.countersign(agreement, by=by)

    assert [one.to for one in mail_after()] == [[lead.user.email]]


CONVENTION_DO: dict[tuple[str, str], Any] = {
    ("draft", "to_sign"): lambda one, by: signing.send_to_sign(one, by=by),
    ("to_sign", "draft"): lambda one, by: signing.take_back(one, by=by, reason="Erreur"),
    ("to_sign", "signed"): lambda one, by: signing.deposit(one, by=by, file=papers.upload()),
    ("signed", "to_sign"): lambda one, by: signing.refuse_document(one, by=by, reason="Flou"),
    ("signed", "in_force"): lambda one, by: signing.countersign(one, by=by),
    ("in_force", "denounced"): lambda one, by: ending.denounce(one, by=by, reason="Départ"),
}
AVENANT_DO: dict[tuple[str, str], Any] = {
    **{pair: CONVENTION_DO[pair] for pair in list(CONVENTION_DO)[:4]},
    ("signed", "validated"): lambda one, by: signing.validate(one, by=by),
    ("validated", "ended"): lambda one, by: ending.end_amendment(one, by=by, reason="Fin"),
    ("signed", "refused"): lambda one, by: ending.refuse_amendment(one, by=by, reason="Non"),
}


def passes(table: Any, state: str, done: tuple[str, str]) -> bool:
    """Tell whether an act passes: two acts lead to a signature, each from its own state."""
    return (state, done[1]) in table and (done[1] != "to_sign" or state == done[0])


@pytest.mark.parametrize("state", Agreement.State.values)
@pytest.mark.parametrize("done", list(CONVENTION_DO), ids="-".join)
def test_each_act_on_a_convention_moves_it_or_is_refused(
    lead: Membership, by: User, state: str, done: tuple[str, str]
) -> None:
    agreement = factories.AgreementFactory(structure=lead.structure, state=state)
    to, allowed = done[1], passes(CONVENTION_MOVES, state, done)

    if allowed:
        CONVENTION_DO[done](agreement, by)
    else:
        with pytest.raises(MoveRefused):
            CONVENTION_DO[done](agreement, by)

    agreement.refresh_from_db()
    assert agreement.state == (to if allowed else state)
    assert len(history(lead.structure, "convention")) == int(allowed)


@pytest.mark.parametrize("state", Amendment.State.values)
@pytest.mark.parametrize("done", list(AVENANT_DO), ids="-".join)
def test_each_act_on_an_avenant_moves_it_or_is_refused(
    lead: Membership, by: User, state: str, done: tuple[str, str]
) -> None:
    agreement = factories.AgreementFactory(structure=lead.structure)
    amendment = factories.AmendmentFactory(agreement=agreement, state=state)
    amendment.needs.create(upc=factories.product().upc, title="Monde", asked=5, validated=5)
    to, allowed = done[1], passes(AVENANT_MOVES, state, done)

    if allowed:
        AVENANT_DO[done](amendment, by)
    else:
        with pytest.raises(MoveRefused):
            AVENANT_DO[done](amendment, by)

    amendment.refresh_from_db()
    assert amendment.state == (to if allowed else state)
    assert len(history(lead.structure, "avenant")) == int(allowed)


@pytest.mark.parametrize(
    ("model", "table"), [(Agreement, CONVENTION_MOVES), (Amendment, AVENANT_MOVES)]
)
def test_the_writer_lets_pass_what_the_table_holds_and_nothing_else(
    lead: Membership, by: User, model: Any, table: Any
) -> None:
    agreement = factories.AgreementFactory(structure=lead.structure)
    paper = agreement if model is Agreement else factories.AmendmentFactory(agreement=agreement)
    passed = set()
    for was, to in itertools.product(model.State.values, repeat=2):
        model.objects.filter(pk=paper.pk).update(state=was)
        paper.refresh_from_db()
        try:
            moves.check(paper, to, reason="Parce que")
        except MoveRefused:
            continue
        passed.add((was, to))

    assert passed == set(table)


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_move_that_needs_a_reason_is_refused_without(
    lead: Membership, by: User, reason: str
) -> None:
    agreement = factories.AgreementFactory(structure=lead.structure)

    with pytest.raises(MoveRefused, match="Dites pourquoi"):
        ending.denounce(agreement, by=by, reason=reason)

    assert Agreement.objects.get().state == "in_force"


def test_a_validated_avenant_opens_the_quotas_of_the_shop(lead: Membership, by: User) -> None:
    amendment = papers.validated(lead, by, limit=2, monde=20, carte_sim=5)

    last = amendment.ends_on
    assert quotas(lead.structure) == [("monde", 20, 2, last), ("carte-sim", 5, 2, last)]
    assert history(lead.structure, "avenant")[-1] == ("signed", "validated", by, "")
    assert [one.asked for one in amendment.needs.order_by("pk")] == [60, 15]


def test_sim_cards_travel_as_the_validated_avenant_says(lead: Membership, by: User) -> None:
    amendment = papers.in_force(lead, by, monde=20).amendments.get()
    assert delivery_mode(lead.structure) == "pickup"
    amendment.delivery_mode = "shipping"
    papers.grant(amendment, by, monde=20)
    papers.signed(amendment, lead, by)
    before = delivery_mode(fresh(lead))

    signing.validate(amendment, by=by)

    assert (before, delivery_mode(fresh(lead))) == ("pickup", "shipping")


def fresh(lead: Membership) -> Structure:
    return Structure.objects.get(pk=lead.structure_id)


def test_a_need_that_is_refused_opens_nothing(lead: Membership, by: User) -> None:
    papers.validated(lead, by, monde=20, carte_sim=0)

    assert [row[0] for row in quotas(lead.structure)] == ["monde"]


def test_an_avenant_is_not_sent_before_each_need_is_decided(lead: Membership, by: User) -> None:
    amendment = papers.in_force(lead, by, monde=20).amendments.get()

    with pytest.raises(TermsRefused, match="Décidez de la quantité accordée"):
        signing.send_to_sign(amendment, by=by)

    assert (amendment.state, amendment.documents.count()) == ("draft", 0)


def test_an_avenant_waits_for_its_convention(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by, monde=20)
    amendment = papers.signed(papers.grant(agreement.amendments.get(), by, monde=20), lead, by)

    with pytest.raises(TermsRefused, match="n’est pas en vigueur"):
        signing.validate(amendment, by=by)

    assert (Amendment.objects.get().state, quotas(lead.structure)) == ("signed", [])


def test_quantities_of_a_validated_avenant_change_with_its_quotas(
    lead: Membership, by: User
) -> None:
    amendment = papers.validated(lead, by, monde=20)

    papers.grant(amendment, by, 3, monde=25)

    assert [row[1:3] for row in quotas(lead.structure)] == [(25, 3)]


def test_a_quantity_below_what_is_used_is_refused_whole(lead: Membership, by: User) -> None:
    amendment = papers.validated(lead, by, monde=20, carte_sim=5)
    FreeQuota.objects.filter(product__upc="carte-sim").update(used=4)

    with pytest.raises(BelowUsed, match="4 unités sont déjà prises"):
        papers.grant(amendment, by, monde=50, carte_sim=3)

    assert [row[1] for row in quotas(lead.structure)] == [20, 5]
    assert [need.validated for need in amendment.needs.order_by("pk")] == [20, 5]


def test_a_product_that_left_the_catalogue_refuses_the_whole_validation(
    lead: Membership, by: User
) -> None:
    agreement = papers.in_force(lead, by, monde=20)
    amendment = papers.signed(papers.grant(agreement.amendments.get(), by, monde=20), lead, by)
    amendment.needs.update(upc="disparu")

    with pytest.raises(DomainError, match="n’est plus au catalogue"):
        signing.validate(amendment, by=by)

    assert (Amendment.objects.get().state, quotas(lead.structure)) == ("signed", [])


def test_an_avenant_ended_early_stops_being_free_at_once(lead: Membership, by: User) -> None:
    amendment = papers.validated(lead, by, monde=20)

    ending.end_amendment(amendment, by=by, reason="Plus de besoin")

    yesterday = factories.today() - dt.timedelta(days=1)
    assert [row[3] for row in quotas(lead.structure)] == [yesterday]
    assert history(lead.structure, "avenant")[-1] == ("validated", "ended", by, "Plus de besoin")


def test_a_denounced_convention_binds_to_the_end_of_its_current_year(by: User) -> None:
    start = factories.today() - dt.timedelta(days=500)
    agreement = factories.AgreementFactory(signed_on=start)
    end = agreement.current_period(factories.today()).ends_on

    ending.denounce(agreement, by=by, reason="Fin du partenariat")

    agreement.refresh_from_db()
    after = end + dt.timedelta(days=1)
    assert (agreement.ends_on, agreement.denounced_on) == (end, factories.today())
    assert (agreement.in_force(end), agreement.in_force(after)) == (True, False)


def test_a_second_convention_waits_for_the_end_of_the_first(lead: Membership, by: User) -> None:
    papers.in_force(lead, by)
    second = papers.signed(preparing.draft_agreement(by=by, structure=lead.structure), lead, by)

    with pytest.raises(TermsRefused, match="Une autre convention est en vigueur"):
        signing.countersign(second, by=by)


def test_the_next_convention_is_signed_before_the_last_day_of_one_that_stops(
    lead: Membership, by: User
) -> None:
    first = papers.in_force(lead, by)
    Agreement.objects.update(renews_tacitly=False)
    second = papers.signed(preparing.draft_agreement(by=by, structure=lead.structure), lead, by)

    signing.countersign(second, by=by)

    second.refresh_from_db()
    assert (second.state, second.starts_on) == ("in_force", first.ends_on + dt.timedelta(days=1))


def test_nothing_is_sent_to_a_structure_that_nobody_leads(by: User) -> None:
    agreement = factories.AgreementFactory(state="draft")

    with pytest.raises(TermsRefused, match="n’a pas de référent pour signer"):
        signing.send_to_sign(agreement, by=by)

    assert (Agreement.objects.get().state, AgreementDocument.objects.count()) == ("draft", 0)


def test_a_structure_has_one_convention_under_way(lead: Membership, by: User) -> None:
    papers.draft(lead, by)

    with pytest.raises(TermsRefused, match="déjà en préparation"):
        preparing.draft_agreement(by=by, structure=lead.structure)


def test_a_second_candidature_adds_an_avenant_to_the_convention(lead: Membership, by: User) -> None:
    first = papers.in_force(lead, by, monde=1)
    again = papers.draft(lead, by, monde=2)

    assert (again, Agreement.objects.count()) == (first, 1)
    assert sorted(need.asked for one in again.amendments.all() for need in one.needs.all()) == [
        3,
        6,
    ]


def test_dates_reversed_are_refused_and_change_nothing(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by, monde=1)
    yesterday = factories.today() - dt.timedelta(days=1)

    with pytest.raises(TermsRefused, match="Le dernier jour est avant le premier"):
        preparing.change_agreement(by=by, agreement=agreement, ends_on=yesterday)
    amendment = agreement.amendments.get()
    amendment.ends_on = amendment.starts_on - dt.timedelta(days=2)
    with pytest.raises(TermsRefused, match="Le dernier jour est avant le premier"):
        papers.grant(amendment, by, monde=1)

    assert Agreement.objects.get().ends_on > yesterday
    assert Amendment.objects.get().ends_on > yesterday


def test_what_is_signed_changes_only_in_how_it_is_applied(lead: Membership, by: User) -> None:
    agreement = papers.in_force(lead, by)
    start = agreement.starts_on

    preparing.change_agreement(
        by=by, agreement=agreement, limit_per_person=2, starts_on=start - dt.timedelta(days=9)
    )

    agreement.refresh_from_db()
    assert (agreement.limit_per_person, agreement.starts_on) == (2, start)


@pytest.mark.parametrize("state", ["to_sign", "signed", "ended"])
def test_a_paper_that_is_being_signed_or_over_does_not_change(by: User, state: str) -> None:
    agreement = factories.AgreementFactory(state=state)
    closed = "refused" if state == "ended" else state
    amendment = factories.AmendmentFactory(agreement=agreement, state=closed)

    with pytest.raises(TermsRefused, match="ne change plus"):
        preparing.change_agreement(by=by, agreement=agreement, limit_per_person=1)
    with pytest.raises(TermsRefused, match="ne change plus"):
        preparing.change_amendment(
            by=by,
            amendment=amendment,
            label="Autre",
            starts_on=amendment.starts_on,
            ends_on=amendment.ends_on,
            delivery_mode="pickup",
            needs=[Need("monde", "Monde", 1, 1, None)],
        )


def test_each_step_tells_who_acts_next(lead: Membership, by: User) -> None:
    agreement = papers.draft(lead, by)
    signing.send_to_sign(agreement, by=by)
    signing.deposit(agreement, by=lead.user, file=papers.upload())
    signing.refuse_document(agreement, by=by, reason="La page 2 manque")
    manager = lead.structure.account_manager
    assert manager is not None

    told = subjects()

    assert [to for _, to in told] == [[lead.user.email], [manager.email], [lead.user.email]]
    assert [subject for subject, _ in told] == [
        "L’Espace Recharges : La convention est à signer",
        "L’Espace Recharges : La convention est signée : à vous",
        "L’Espace Recharges : La convention : le document est à renvoyer",
    ]
    assert "La page 2 manque" in mail.outbox[-1].body
