"""The structure's pages: the FAQ first, then send, follow, answer, close."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.support import faq as likely_answers
from knowledge.support.models import FoundAnswer, SupportAttachment, SupportRequest
from knowledge.support.numbers import has_long_number, masked
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures import about
from portal.structures.desk import panels
from portal.structures.models import Membership
from tests import factories
from tests.activation import factories as activations
from tests.assistance.conftest import (
    ASK,
    MINE,
    SECRET,
    answer,
    ask,
    browser,
    faq,
    pdf,
    picture,
    said,
    typed,
    upload,
)
from tests.handovers.conftest import order


@pytest.fixture
def mine(member: Membership) -> Client:
    return browser(member.user)


def test_a_question_is_read_again_beside_the_faq_then_sent(mine: Client) -> None:
    faq("Ma carte SIM n’est pas reconnue, que faire ?")
    form = typed()

    look = mine.post(ASK, form)
    before = SupportRequest.objects.count()
    sent = mine.post(ASK, form | {"etape": "envoyer", "attached": [upload(picture())]})

    assert (look.status_code, before, sent.status_code) == (200, 0, 302)
    assert "Ma carte SIM n’est pas reconnue, que faire ?" in said(look)
    one = SupportRequest.objects.get()
    assert sent["Location"] == f"{MINE}{one.uuid}/"
    page = said(mine.get(sent["Location"]))
    assert (SECRET in page, "Pièce jointe 1 (Photo" in page) == (True, True)
    assert one.reference in said(mine.get(MINE))


def test_a_double_click_sends_once(mine: Client) -> None:
    form = typed(etape="envoyer")
    places = {mine.post(ASK, form)["Location"] for _ in range(2)}

    assert (len(places), SupportRequest.objects.count()) == (1, 1)


def test_what_was_typed_comes_back_to_be_changed(mine: Client) -> None:
    page = mine.post(ASK, typed(etape="modifier"))

    assert (page.status_code, SECRET in said(page)) == (200, True)
    assert SupportRequest.objects.count() == 0


def test_a_form_with_faults_says_what_is_wrong(mine: Client) -> None:
    page = mine.post(ASK, typed(subject="", title="", body=""))

    assert page.status_code == 422
    assert "Choisissez ce que votre demande concerne." in said(page)
    assert "Écrivez votre message." in said(page)


@pytest.mark.parametrize("role", [Role.PARTNER, Role.REFERENT])
def test_who_is_no_member_is_shown_the_phone_numbers(role: Role, db: None) -> None:
    answer = browser(factories.UserFactory(role=role)).get(ASK)

    assert (answer.status_code, answer["Location"]) == (302, "/aide/")


def test_the_answers_follow_the_typing(mine: Client) -> None:
    made = faq("Ma carte SIM n’est pas reconnue, que faire ?")

    page = mine.post(f"{ASK}reponses/", {"title": "", "body": "Bonjour, carte pas reconue"})
    nothing = mine.post(f"{ASK}reponses/", {"title": "", "body": "Bonjour, 0612345678"})

    assert f"/faq/{made.slug}/" in page.content.decode()
    assert said(nothing) == ""


def test_an_answer_found_in_the_faq_is_counted_and_nothing_sent(mine: Client) -> None:
    made = faq("Comment lire le solde ?")

    answer = mine.post(f"{ASK}trouvee/{made.pk}/")

    assert answer["Location"] == f"/faq/{made.slug}/"
    assert (FoundAnswer.objects.count(), SupportRequest.objects.count()) == (1, 0)


def test_a_draft_of_the_faq_is_no_answer(mine: Client) -> None:
    made = faq("Comment lire le solde ?")
    type(made).objects.update(live=False)

    assert mine.post(f"{ASK}trouvee/{made.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Le numéro 0123456789 est refusé", True),
        ("06 12 34 56 78", True),
        ("06.12.34.56.78", True),
        ("06/12/34/56/78", True),
        ("06  12 34 56 78", True),
        ("(06) 12 34 56 78", True),
        ("+33 6 12 34 56 78", True),
        ("+33 (0)6 12 34 56 78", True),
        ("+33612345678", True),
        ("0033612345678.", True),
        ("WhatsApp +221 77 123 45 67", True),
        ("commande 12 0612345678", True),
        ("carte 8933 1000 0000 0000 0012", True),
        ("89331000000000000012", True),
        ("Commande 100012 du 12/10/2026", False),
        ("SIRET 12345678901234", False),
        ("avenant du 16/09/2020 au 31/12/2020", False),
        ("8 + 12 + 34 recharges", False),
        ("Rien", False),
    ],
)
def test_a_recharge_number_a_card_or_a_phone_is_noticed(text: str, found: bool) -> None:
    assert has_long_number(text) is found
    assert ("[numéro]" in masked(text)) is found


def test_a_long_number_is_asked_about_before_sending(mine: Client) -> None:
    form = typed(body="Le numéro 01 23 45 67 89 est refusé")

    look = mine.post(ASK, form)
    refused = mine.post(ASK, form | {"etape": "envoyer"})
    count = SupportRequest.objects.count()
    sent = mine.post(ASK, form | {"etape": "envoyer", "sure": "on"})

    assert ["Un long numéro est écrit" in said(one) for one in (look, refused)] == [True, True]
    assert (refused.status_code, count, sent.status_code) == (422, 0, 302)


def test_what_is_changed_after_sending_is_not_lost_without_a_word(mine: Client) -> None:
    form = typed(etape="envoyer")
    sent = mine.post(ASK, form)
    twice = mine.post(ASK, form, follow=True)
    changed = mine.post(ASK, form | {"body": "En fait, c’est le téléphone."}, follow=True)

    assert SupportRequest.objects.count() == 1
    assert [one.request["PATH_INFO"] for one in (twice, changed)] == [sent["Location"]] * 2
    warned = "ce que vous avez changé depuis ne l’est pas"
    assert [warned in said(one) for one in (twice, changed)] == [False, True]


def test_a_form_that_served_another_structure_says_so(member: Membership, mine: Client) -> None:
    form = typed(etape="envoyer")
    mine.post(ASK, form)
    SupportRequest.objects.update(structure=factories.StructureFactory())

    answer = mine.post(ASK, form)

    assert (answer.status_code, SupportRequest.objects.count()) == (422, 1)
    assert "Ce formulaire a déjà servi pour une autre structure" in said(answer)


def test_a_request_points_at_an_order_a_number_or_an_activation(
    member: Membership, mine: Client
) -> None:
    (code,) = order(member, quantity=1)
    activation = activations.request(by=member.user, within=member.structure)
    groups = {kind: things for kind, _, things in about.choices(member)}
    assert sorted(groups) == ["activation", "code", "order"]
    digits = code.secret

    page = mine.get(ASK)
    labels = [one.label for things in groups.values() for one in things]
    assert [label for label in labels if digits in label or activation.last_name in label] == []
    assert digits not in page.content.decode()
    for kind, things in groups.items():
        sent = mine.post(ASK, typed(etape="envoyer", about=f"{kind}:{things[0].uuid}"))
        assert things[0].path in mine.get(sent["Location"]).content.decode()


def test_an_orders_page_leads_to_a_request_that_points_at_it(
    member: Membership, mine: Client
) -> None:
    order(member, quantity=1)
    ((_, _, (thing,)), *_) = [one for one in about.choices(member) if one[0] == "order"]
    wanted = f"order:{thing.uuid}"

    link = f"{ASK}?sur={wanted}"

    assert f'href="{link}"' in mine.get(thing.path).content.decode()
    assert f'<option value="{wanted}" selected>' in mine.get(link).content.decode()


def test_another_structures_order_cannot_be_pointed_at(
    member: Membership, stranger: Membership, mine: Client
) -> None:
    order(stranger, quantity=1)
    ((_, _, things), *_) = [one for one in about.choices(stranger) if one[0] == "order"]

    answer = mine.post(ASK, typed(etape="envoyer", about=f"order:{things[0].uuid}"))

    assert (answer.status_code, SupportRequest.objects.count()) == (422, 0)


@pytest.mark.parametrize("wanted", ["order", "order:", "x:y", f"lot:{uuid.uuid4()}", "é" * 60])
def test_a_thing_that_does_not_exist_is_refused(mine: Client, wanted: str) -> None:
    answer = mine.post(ASK, typed(etape="envoyer", about=wanted))

    assert (answer.status_code, SupportRequest.objects.count()) == (422, 0)
    assert mine.get(ASK, {"sur": wanted}).status_code == 200


def test_a_thread_goes_on_is_closed_and_opened_again(
    member: Membership, manager: User, mine: Client
) -> None:
    one = ask(member)
    answer(manager, one)
    place = f"{MINE}{one.uuid}/"
    page = said(mine.get(place))

    replied = mine.post(
        place, {"key": str(uuid.uuid4()), "body": "Merci", "attached": [upload(pdf())]}
    )
    states = []
    for act in ("resolue", "rouvrir"):
        mine.post(f"{place}{act}/")
        one.refresh_from_db()
        states.append(one.state)

    assert "Éteignez le téléphone." in page
    assert (replied.status_code, states) == (302, ["solved", "in_progress"])
    assert SupportAttachment.objects.get().media_type == "application/pdf"


def test_a_long_number_is_asked_about_in_a_reply(member: Membership, mine: Client) -> None:
    one = ask(member)
    form: dict[str, Any] = {"key": str(uuid.uuid4()), "body": "Essayez 0123456789"}

    refused = mine.post(f"{MINE}{one.uuid}/", form)
    sent = mine.post(f"{MINE}{one.uuid}/", form | {"sure": "on"})

    assert (refused.status_code, sent.status_code, one.messages.count()) == (422, 302, 2)


def test_a_colleague_follows_the_thread_and_a_stranger_does_not(
    member: Membership, stranger: Membership
) -> None:
    one = ask(member)
    colleague = factories.MembershipFactory(structure=member.structure)
    place = f"{MINE}{one.uuid}/"

    assert browser(colleague.user).get(place).status_code == 200
    other = browser(stranger.user)
    answers = [other.get(place), other.post(place, {"body": "x"})]
    answers += [other.post(f"{place}{act}/") for act in ("resolue", "rouvrir")]
    assert [one.status_code for one in answers] == [404] * 4
    assert one.reference not in said(other.get(MINE))


def test_the_dashboard_says_that_an_answer_is_there(member: Membership, manager: User) -> None:
    one = ask(member)
    before = [task.text for panel in panels(member) for task in panel.tasks]
    answer(manager, one)
    after = [task.text for panel in panels(member) for task in panel.tasks]

    wanted = "1 demande d’assistance avec une réponse à lire"
    assert (wanted in before, wanted in after) == (False, True)
    page = said(browser(member.user).get("/mon-compte/"))
    assert "1 demande avec une réponse à lire. Suivre" in page


def test_the_list_costs_the_same_whatever_its_length(member: Membership, mine: Client) -> None:
    counts = []
    for length in (1, 2):
        for _ in range(length):
            ask(member)
        with CaptureQueriesContext(connection) as queries:
            mine.get(MINE)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_politeness_and_numbers_are_not_searched_for() -> None:
    text = "Bonjour, pouvez-vous me dire comment débloquer la carte SIM 0123456789 ? Merci"

    assert likely_answers.keywords(text) == "débloquer carte SIM"
