"""Noting, correcting and removing a hand-over: the rules, and the trace that each leaves."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from portal.structures.models import Membership
from shop.handovers import services
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused, ReferenceRefused
from shop.handovers.services import DayRefused, RemovalReason
from shop.handovers.units import AmountRefused, PayerRefused
from shop.recharges.faulty import report_faulty
from shop.recharges.models import RechargeCode
from tests import factories
from tests.handovers.conftest import Payer, note, order, sold, trail


def test_a_hand_over_says_to_whom_when_by_whom_and_how_much(member: Membership) -> None:
    (code,) = order(member)

    made = sold(member, code, "  Dossier  12 ", "4.50")

    row = HandOver.objects.get()
    assert row == made
    assert (row.code, row.structure, row.by) == (code, member.structure, member.user)
    assert (row.reference, row.handed_on) == ("Dossier 12", factories.today())
    assert (row.paid_by, row.amount, row.quota) == (Payer.BENEFICIARY, Decimal("4.50"), None)
    assert trail("noted") == [
        {
            "code": str(code.uuid),
            "handed_on": factories.today().isoformat(),
            "paid_by": "beneficiary",
            "amount": "4.50",
        }
    ]


def test_the_price_is_the_amount_where_none_is_said(member: Membership) -> None:
    (code,) = order(member)

    assert note(member, code, paid_by=Payer.STRUCTURE).amount == Decimal("5.00")


def test_the_reference_is_unreadable_in_the_database_and_absent_from_the_trail(
    member: Membership,
) -> None:
    first, second = order(member, quantity=2)
    sold(member, first, "Dossier secret")
    sold(member, second, "Dossier secret")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference FROM handovers_handover")
        stored = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT string_agg(a::text, ' ') FROM privacy_auditentry a")
        written = cursor.fetchone()[0]

    assert (len(stored), [text for text in stored if "secret" in text]) == (2, [])
    assert "secret" not in written
    assert HandOver.objects.values("reference_fingerprint").distinct().count() == 1
    assert HandOver.objects.all()[0].reference_fingerprint not in written


REFUSED = [
    ("", "Indiquez la référence"),
    (" \u200b\n ", "Indiquez la référence"),
    ("x" * 61, "60 caractères"),
    ("06 12 34 56 78", "numéro de téléphone"),
    ("Mme 06.12.34.56.78", "numéro de téléphone"),
    ("0712345678", "numéro de téléphone"),
    ("+33 6 12 34 56 78", "numéro de téléphone"),
    ("0033612345678", "numéro de téléphone"),
    ("nadia@exemple.fr", "adresse e-mail"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_says_who_the_person_is_is_no_reference(
    member: Membership, text: str, sentence: str
) -> None:
    (code,) = order(member)

    with pytest.raises(ReferenceRefused, match=sentence):
        sold(member, code, text)
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("text", ["2026-0612345678", "0123456789", "A@12", "Été 2026/4", "x" * 60])
def test_a_number_of_a_file_is_a_reference(member: Membership, text: str) -> None:
    (code,) = order(member)

    assert sold(member, code, text).reference == text


def test_the_day_is_not_in_the_future_nor_before_the_number_was_there(member: Membership) -> None:
    (code,) = order(member)
    tomorrow = factories.today() + dt.timedelta(days=1)

    with pytest.raises(DayRefused, match="dans le futur"):
        sold(member, code, handed_on=tomorrow)
    with pytest.raises(DayRefused, match="Vous avez reçu ce numéro le"):
        sold(member, code, handed_on=factories.today() - dt.timedelta(days=1))
    with time_machine.travel(tomorrow, tick=False):
        assert sold(member, code, handed_on=tomorrow).handed_on == tomorrow


@pytest.mark.parametrize("amount", ["5.01", "999.99"])
def test_nobody_pays_more_than_the_price(member: Membership, amount: str) -> None:
    (code,) = order(member)

    with pytest.raises(AmountRefused, match="coûte 5,00\u00a0€"):
        sold(member, code, amount=amount)


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_somebody_who_pays_pays_something(member: Membership, amount: str) -> None:
    (code,) = order(member)

    with pytest.raises(AmountRefused, match="Indiquez le montant payé"):
        sold(member, code, amount=amount)


def test_a_free_number_costs_nothing_and_nobody_pays_it(member: Membership) -> None:
    quota = factories.quota(member.structure, "monde", 1)
    (code,) = order(member)

    with pytest.raises(PayerRefused, match="vient de votre dotation gratuite"):
        sold(member, code, amount="0.01")
    with pytest.raises(AmountRefused, match="coûte 0,00\u00a0€"):
        note(member, code, amount=Decimal("1.00"))
    row = note(member, code)
    assert (row.paid_by, row.amount, row.quota) == (Payer.NOBODY, Decimal("0.00"), quota)


def test_a_paid_number_is_not_free(member: Membership) -> None:
    (code,) = order(member)

    with pytest.raises(PayerRefused, match="Indiquez qui a payé"):
        note(member, code)


def test_a_line_gives_as_many_free_and_paid_units_as_it_had(member: Membership) -> None:
    quota = factories.quota(member.structure, "monde", 2)
    codes = order(member, quantity=3)

    assert [note(member, code).quota for code in codes[1:]] == [quota, quota]
    with pytest.raises(PayerRefused, match="déjà notées"):
        note(member, codes[0])
    assert sold(member, codes[0]).quota is None


def test_paid_units_of_a_mixed_line_run_out_too(member: Membership) -> None:
    factories.quota(member.structure, "monde", 1)
    codes = order(member, quantity=2)
    sold(member, codes[0])

    with pytest.raises(PayerRefused, match="dotation gratuite"):
        sold(member, codes[1])


def test_several_numbers_go_to_one_person_the_free_ones_first(member: Membership) -> None:
    factories.quota(member.structure, "monde", 1)
    codes = order(member, quantity=3)

    rows = services.hand_over_together(
        by=member,
        codes=codes,
        reference="A1",
        handed_on=factories.today(),
        paid_by=Payer.STRUCTURE,
    )

    assert [(row.code, row.paid_by, row.amount) for row in rows] == [
        (codes[0], Payer.NOBODY, Decimal("0.00")),
        (codes[1], Payer.STRUCTURE, Decimal("5.00")),
        (codes[2], Payer.STRUCTURE, Decimal("5.00")),
    ]


def test_several_numbers_are_noted_all_or_none(member: Membership) -> None:
    codes = order(member, quantity=2)
    sold(member, codes[1])

    with pytest.raises(HandOverRefused, match="d’être notée par un collègue"):
        services.hand_over_together(
            by=member,
            codes=codes,
            reference="A1",
            handed_on=factories.today(),
            paid_by=Payer.STRUCTURE,
        )
    assert HandOver.objects.count() == 1


def test_a_number_is_noted_once(member: Membership, colleague: Membership) -> None:
    (code,) = order(member)
    sold(member, code)

    with pytest.raises(HandOverRefused, match="d’être notée par un collègue"):
        sold(colleague, code, "Autre")
    assert HandOver.objects.get().by == member.user


def test_only_the_structures_own_shown_numbers_are_noted(
    member: Membership, stranger: Membership
) -> None:
    (code,) = order(member)
    with pytest.raises(HandOverRefused, match="n’est plus à noter"):
        sold(stranger, code)
    RechargeCode.objects.filter(pk=code.pk).update(first_shown_at=None)
    with pytest.raises(HandOverRefused, match="n’a encore été montré à personne"):
        sold(member, code)
    report_less = RechargeCode.objects.filter(pk=code.pk)
    report_less.update(state=RechargeCode.State.QUARANTINED)
    with pytest.raises(HandOverRefused, match="n’est plus à noter"):
        sold(member, code)


def test_a_correction_follows_the_same_rules_and_leaves_both_versions(
    member: Membership, colleague: Membership
) -> None:
    (code,) = order(member)
    row = sold(member, code)
    fields: dict[str, Any] = {"reference": "Dossier 13", "handed_on": factories.today()}

    with pytest.raises(AmountRefused):
        services.correct(
            by=colleague, row=row, paid_by=Payer.BENEFICIARY, amount=Decimal(6), **fields
        )
    services.correct(by=colleague, row=row, paid_by=Payer.STRUCTURE, amount=Decimal(3), **fields)

    now = HandOver.objects.get()
    assert (now.reference, now.paid_by, now.amount) == ("Dossier 13", "structure", Decimal(3))
    assert now.by == member.user
    assert trail("corrected") == [
        {
            "changed": {
                "paid_by": ["beneficiary", "structure"],
                "amount": ["5.00", "3"],
                "reference": ["…", "…"],
            }
        }
    ]


def test_another_structures_hand_over_is_neither_corrected_nor_removed(
    member: Membership, stranger: Membership
) -> None:
    (code,) = order(member)
    row = sold(member, code)

    with pytest.raises(HandOverRefused, match="n’est plus dans votre carnet"):
        services.correct(
            by=stranger,
            row=row,
            reference="A",
            handed_on=factories.today(),
            paid_by=Payer.BENEFICIARY,
        )
    with pytest.raises(HandOverRefused, match="n’est plus dans votre carnet"):
        services.remove(by=stranger, row=row, reason=RemovalReason.OTHER)
    assert HandOver.objects.get().reference == "Dossier 12"


def test_what_is_removed_leaves_its_trace_and_can_be_noted_again(member: Membership) -> None:
    (code,) = order(member)
    row = sold(member, code)

    services.remove(by=member, row=row, reason=RemovalReason.NOT_TAKEN)

    assert HandOver.objects.count() == 0
    assert [(one["reason"], one["amount"]) for one in trail("removed")] == [("not_taken", "5.00")]
    assert list(services.to_note(member)) == [code]
    assert sold(member, code, "Autre").reference == "Autre"


def test_a_hand_over_follows_a_faulty_number_to_its_replacement(member: Membership) -> None:
    (code,) = order(member)
    sold(member, code)
    factories.lot("monde", factories.codes(1, start=900))
    report = report_faulty(by=member, code=UUID(str(code.uuid)), symptom="used")
    assert report.replacement is not None
    if not HandOver.objects.filter(code=report.replacement).exists():
        services.move(by=member.user, old=code, new=report.replacement)

    assert HandOver.objects.get().code == report.replacement
    assert trail("moved") == [{"old": str(code.uuid), "new": str(report.replacement.uuid)}]


def test_a_number_without_hand_over_has_nothing_to_move(member: Membership) -> None:
    old, new = order(member, quantity=2)
    services.move(by=member.user, old=old, new=new)

    assert (HandOver.objects.count(), trail("moved")) == (0, [])


def test_the_numbers_to_note_are_those_that_somebody_saw(
    member: Membership, stranger: Membership
) -> None:
    first, second, third = order(member, quantity=3)
    sold(member, first)
    RechargeCode.objects.filter(pk=second.pk).update(first_shown_at=None)

    assert list(services.to_note(member)) == [third]
    assert list(services.to_note(stranger)) == []


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"amount": 1, "paid_by": "nobody"}, "handovers_paid_by_somebody"),
        ({"amount": 0, "paid_by": "structure"}, "handovers_paid_by_somebody"),
        ({"amount": -1, "paid_by": "structure"}, "handovers_paid_by_somebody"),
        ({"amount": 1, "paid_by": "pirate"}, "handovers_paid_by_somebody"),
    ],
)
def test_the_database_refuses_an_amount_without_payer(
    member: Membership, fields: dict[str, Any], constraint: str
) -> None:
    (code,) = order(member)
    row = sold(member, code)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        HandOver.objects.filter(pk=row.pk).update(**fields)


def test_the_database_refuses_a_free_unit_that_cost_something(member: Membership) -> None:
    quota = factories.quota(member.structure, "monde", 1)
    (code,) = order(member)
    note(member, code)

    with pytest.raises(IntegrityError, match="handovers_free_costs_nothing"), transaction.atomic():
        HandOver.objects.filter(quota=quota).update(amount=1, paid_by="structure")
