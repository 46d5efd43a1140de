"""A structure's page: everything in one place, and what a référent does there."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import disable
from portal.outbox.services import deliver_due
from portal.portfolio import services
from portal.portfolio.models import StructureNote
from portal.portfolio.timeline import story, tell
from portal.privacy.models import AuditEntry
from portal.structures import file, lifecycle
from portal.structures.models import Membership, Structure
from tests import factories
from tests.portfolio.conftest import browser
from tests.shop.campaigns import text

FACTS = {"name": "Maison du Lien", "kind": "association", "city": "Bordeaux", "is_listed": "on"}


def address(structure: Structure, end: str = "") -> str:
    return f"/gestion/structures/{structure.uuid}/{end}"


def said(client: Client, structure: Structure, end: str, **typed: object) -> str:
    """Post a form and return the words of the page that follows."""
    return text(client.post(address(structure, end), typed, follow=True))


def acts(structure: Structure) -> list[tuple[str, User | None, str]]:
    return [(act.sentence, act.who, act.reason) for act in tell(list(story(structure)))]


def member(structure: Structure, **fields: Any) -> Membership:
    user = factories.UserFactory(password=factories.PASSWORD)
    made: Membership = factories.MembershipFactory(user=user, structure=structure, **fields)
    return made


class TestState:
    @pytest.mark.parametrize(
        ("was", "to", "done"),
        [
            ("active", "suspended", True),
            ("active", "closed", True),
            ("active", "candidate", False),
            ("suspended", "active", True),
            ("suspended", "closed", True),
            ("candidate", "closed", True),
            ("candidate", "active", False),  # by its convention
            ("candidate", "suspended", False),
            ("closed", "active", False),
            ("closed", "suspended", False),
        ],
    )
    def test_the_moves_that_the_page_offers_pass_and_no_other(
        self, desk: Client, structure: Structure, was: str, to: str, done: bool
    ) -> None:
        Structure.objects.filter(pk=structure.pk).update(state=was)
        desk.post(address(structure, "etat/"), {"to": to, "reason": "Fusion"})

        structure.refresh_from_db()
        assert structure.state == (to if done else was)

    def test_suspending_needs_a_reason(self, desk: Client, structure: Structure) -> None:
        answer = said(desk, structure, "etat/", to="suspended", reason=" ")

        structure.refresh_from_db()
        assert structure.state == "active"
        assert "Dites pourquoi\u00a0: le motif reste dans l’histoire" in answer

    def test_a_suspended_structure_keeps_its_door_and_cannot_order(
        self, desk: Client, structure: Structure
    ) -> None:
        lead = member(structure, is_structure_lead=True)
        said(desk, structure, "etat/", to="suspended", reason="Impayés")

        partner = browser(lead.user)
        page = partner.get("/mon-compte/")
        assert page.status_code == 200
        assert "Le compte de votre structure n’est pas actif" in text(page)

    def test_a_closed_structure_shuts(self, desk: Client, structure: Structure) -> None:
        lead = member(structure, is_structure_lead=True)
        said(desk, structure, "etat/", to="closed", reason="Fin d’activité")

        assert browser(lead.user).get("/mon-compte/commandes/").status_code == 403


class TestFacts:
    def test_a_change_is_saved_and_told(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        typed = FACTS | {"phone": "05 56 00 11 22", "siret": "732 829 320 00074"}
        answer = desk.post(address(structure, "fiche/"), typed)

        structure.refresh_from_db()
        assert (answer.status_code, structure.phone, structure.siret, structure.is_listed) == (
            *(302, "+33556001122", "73282932000074", True),
        )
        assert acts(structure) == [("Fiche modifiée", referent, "")]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"siret": "12345678901234"}, "Ce SIRET n’est pas valide"),
            ({"rna": "X1"}, "Un numéro RNA s’écrit W suivi de 9 chiffres"),
            ({"postcode": "330"}, "Un code postal compte 5 chiffres"),
            ({"phone": "12"}, "n’est pas un numéro français complet"),
            ({"latitude": "44.8"}, "La latitude et la longitude vont ensemble."),
            ({"city": ""}, "Un point d’accueil public a une commune."),
            ({"name": ""}, "Indiquez le nom."),
        ],
    )
    def test_bad_input_is_said_and_changes_nothing(
        self, desk: Client, structure: Structure, typed: dict[str, str], sentence: str
    ) -> None:
        answer = desk.post(address(structure, "fiche/"), FACTS | {"public": "Tous"} | typed)

        structure.refresh_from_db()
        assert (answer.status_code, structure.public) == (422, "")
        assert sentence in text(answer)

    def test_a_siret_that_another_structure_has_is_refused(
        self, desk: Client, structure: Structure
    ) -> None:
        factories.StructureFactory(siret="73282932000074")
        answer = desk.post(address(structure, "fiche/"), FACTS | {"siret": "73282932000074"})

        assert answer.status_code == 422
        assert "Une structure porte déjà ce SIRET." in text(answer)


class TestNotes:
    def test_a_note_is_read_by_the_team(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        answer = said(desk, structure, "note/", text="Rappeler lundi.")

        assert "Rappeler lundi." in answer
        assert acts(structure) == [("Note écrite", referent, "")]

    @pytest.mark.parametrize("typed", ["", "  ", "a" * 2001])
    def test_an_empty_or_endless_note_is_refused(
        self, desk: Client, structure: Structure, typed: str
    ) -> None:
        answer = desk.post(address(structure, "note/"), {"text": typed})

        assert (answer.status_code, StructureNote.objects.count()) == (422, 0)

    def test_no_note_reaches_the_trail(self, desk: Client, structure: Structure) -> None:
        said(desk, structure, "note/", text="Mot secret")

        assert [row.details for row in AuditEntry.objects.filter(action__endswith="note_written")]
        assert not AuditEntry.objects.filter(details__icontains="secret").exists()


class TestPeople:
    def test_the_first_person_invited_leads(self, desk: Client, structure: Structure) -> None:
        for number in range(2):
            email = f"p{number}@lien.example"
            said(desk, structure, "membre/", email=email, first_name="Ali", last_name="B")
        deliver_due()

        made = structure.memberships.order_by("pk")
        assert [one.is_structure_lead for one in made] == [True, False]
        assert [message.to for message in mail.outbox] == [
            ["p0@lien.example"],
            ["p1@lien.example"],
        ]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"email": "nul"}, "Cette adresse n’est pas complète"),
            ({"email": ""}, "Indiquez l’adresse e-mail de la personne."),
            ({"first_name": ""}, "Indiquez son prénom."),
        ],
    )
    def test_what_is_typed_badly_is_said(
        self, desk: Client, structure: Structure, typed: dict[str, str], sentence: str
    ) -> None:
        whole = {"email": "a@b.example", "first_name": "Ali", "last_name": "B"}
        answer = desk.post(address(structure, "membre/"), whole | typed)

        assert (answer.status_code, sentence in text(answer)) == (422, True)
        assert structure.memberships.count() == 0

    def test_nobody_is_invited_twice_nor_into_a_closed_structure(
        self, desk: Client, structure: Structure
    ) -> None:
        there = member(structure)
        typed = {"email": there.user.email, "first_name": "A", "last_name": "B"}
        twice = text(desk.post(address(structure, "membre/"), typed))
        Structure.objects.filter(pk=structure.pk).update(state="closed")
        closed = text(desk.post(address(structure, "membre/"), typed | {"email": "n@b.example"}))

        assert "Cette personne fait déjà partie de l’équipe." in twice
        assert "Cette structure est fermée" in closed

    def test_a_referent_appoints_another_lead_with_a_reason(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        old, new = member(structure, is_structure_lead=True), member(structure)
        said(desk, structure, "lead/", member=new.user.uuid, reason="Départ en retraite")

        leads = structure.memberships.filter(is_structure_lead=True)
        assert [lead.user for lead in leads] == [new.user]
        assert acts(structure)[0] == (
            "Référent de la structure désigné par Emmaüs Connect",
            referent,
            "Départ en retraite",
        )
        assert Membership.objects.get(pk=old.pk).is_active is True

    def test_appointing_needs_a_reason_and_somebody_who_can_log_in(
        self, desk: Client, structure: Structure
    ) -> None:
        old = member(structure, is_structure_lead=True)
        new = member(structure)
        invited = factories.MembershipFactory(structure=structure)
        stranger = member(factories.StructureFactory())

        assert "Dites pourquoi" in said(desk, structure, "lead/", member=new.user.uuid)
        for uuid, words in (
            (invited.user.uuid, "ne s’est pas encore connectée"),
            (old.user.uuid, "est déjà la référente"),
        ):
            assert words in said(desk, structure, "lead/", member=uuid, reason="x")
        answer = desk.post(
            address(structure, "lead/"), {"member": stranger.user.uuid, "reason": "x"}
        )
        assert answer.status_code == 404
        assert structure.memberships.get(is_structure_lead=True) == old

    def test_a_lost_invitation_is_sent_again(self, desk: Client, structure: Structure) -> None:
        typed = {"email": "p@lien.example", "first_name": "Ali", "last_name": "B"}
        said(desk, structure, "membre/", **typed)
        said(desk, structure, "inviter/", member=structure.memberships.get().user.uuid)
        deliver_due()

        assert [message.to for message in mail.outbox] == [["p@lien.example"]] * 2


class TestManager:
    def test_a_structure_is_entrusted_to_another_referent(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        other = factories.UserFactory(role=Role.REFERENT)
        said(desk, structure, "referent/", to=other.uuid)

        structure.refresh_from_db()
        assert structure.account_manager == other
        assert acts(structure) == [("Structure confiée à un référent", referent, "")]

    def test_only_a_referent_who_is_there_is_entrusted_with_one(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        partner = factories.UserFactory(role=Role.PARTNER)
        gone = factories.UserFactory(role=Role.REFERENT)
        disable(by=factories.UserFactory(role=Role.ADMINISTRATOR), user=gone)
        for uuid in (partner.uuid, gone.uuid, "nobody"):
            answer = said(desk, structure, "referent/", to=uuid)
            assert "Choisissez un référent d’Emmaüs Connect." in answer
        with pytest.raises(services.PortfolioRefused):
            services.reassign(by=referent, to=partner, structures=[structure])

        structure.refresh_from_db()
        assert structure.account_manager == referent


class TestStory:
    def test_states_are_told_with_their_reason_newest_first(
        self, structure: Structure, referent: User
    ) -> None:
        lifecycle.move(by=referent, structure=structure, to="suspended", reason="Impayés")
        lifecycle.move(by=referent, structure=structure, to="active", reason="Réglé")

        assert acts(structure) == [
            ("Structure\u00a0: active (avant\u00a0: suspendue)", referent, "Réglé"),
            ("Structure\u00a0: suspendue (avant\u00a0: active)", referent, "Impayés"),
        ]

    def test_another_structures_story_is_its_own(
        self, structure: Structure, referent: User
    ) -> None:
        other = factories.StructureFactory()
        services.write_note(by=referent, structure=other, text="Ailleurs")

        assert acts(structure) == []

    def test_pages_of_the_story_hold_it_whole(
        self, desk: Client, structure: Structure, referent: User
    ) -> None:
        for number in range(60):
            services.write_note(by=referent, structure=structure, text=str(number))

        pages = [desk.get(address(structure, f"histoire/?p={page}")) for page in (1, 2)]
        assert [page.content.decode().count("Note écrite") for page in pages] == [50, 10]

    def test_every_sentence_is_french_and_every_provider_answers(
        self, structure: Structure
    ) -> None:
        assert all(file.SENTENCES.values())
        assert len(file.panels(structure)) >= 6
        assert story(structure).count() == 0


def test_an_unknown_act_does_nothing(desk: Client, structure: Structure) -> None:
    answer = desk.post(address(structure, "detruire/"))

    assert (answer.status_code, answer.url) == (302, address(structure))


@pytest.mark.parametrize(
    "end", ["etat/", "note/", "membre/", "referent/", "lead/", "inviter/", "fiche/", ""]
)
def test_other_roles_of_the_team_change_nothing(structure: Structure, end: str) -> None:
    for role in (Role.EDITOR, Role.MODERATOR, Role.OPERATOR):
        client = browser(factories.UserFactory(role=role))
        answer = client.post(address(structure, end), {"to": "closed", "reason": "x", "text": "x"})
        assert answer.status_code in (302, 405)
    structure.refresh_from_db()
    assert (structure.state, StructureNote.objects.count()) == ("active", 0)
