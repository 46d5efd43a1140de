"""MON COMPTE → Adresses: written, changed, chosen, removed; one default, and nobody else's."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.privacy.models import AuditEntry
from portal.structures.models import Agreement
from shop.sims import addresses
from shop.sims.models import DeliveryAddress
from tests.shop.conftest import Counter, counter
from tests.sims.conftest import buyer, delivery, text_of

PAGE = "/mon-compte/adresses/"
GOOD = {
    "label": "Accueil de jour",
    "recipient": "Secrétariat",
    "street": "4 place de l’Exemple",
    "complement": "",
    "postcode": "33000",
    "city": "Bordeaux",
    "phone": "05 56 00 00 00",
    "instructions": "",
}


@pytest.fixture
def partner(db: None) -> Counter:
    """Return a partner, logged in."""
    return counter(buyer())


def kept(partner: Counter) -> list[tuple[str, bool]]:
    rows = partner.member.structure.delivery_addresses.order_by("pk")
    return list(rows.values_list("label", "is_default"))


def add(partner: Counter, label: str = "Nord") -> DeliveryAddress:
    partner.post(f"{PAGE}ajouter/", **{**GOOD, "label": label})
    made: DeliveryAddress = partner.member.structure.delivery_addresses.latest("pk")
    return made


def test_without_any_the_structures_own_is_shown(partner: Counter) -> None:
    page = text_of(partner.get(PAGE))

    assert ("Adresse de votre structure" in page, "12 rue de l’Exemple" in page) == (True, True)


def test_without_even_its_own_the_structure_is_warned(partner: Counter) -> None:
    type(partner.member.structure).objects.update(city="")

    assert "nous ne savons pas encore où les envoyer" in text_of(partner.get(PAGE))


def test_a_structure_that_collects_its_cards_is_told(partner: Counter) -> None:
    partner.member.structure.agreements.update(delivery_mode=Agreement.Delivery.PICKUP)

    assert "vous retirez vos cartes SIM auprès d’Emmaüs Connect" in text_of(partner.get(PAGE))


def test_the_first_address_is_the_default(partner: Counter) -> None:
    answer = partner.post(f"{PAGE}ajouter/", **GOOD)
    add(partner, "Antenne")

    assert answer.url == PAGE
    assert kept(partner) == [("Accueil de jour", True), ("Antenne", False)]
    first = DeliveryAddress.objects.earliest("pk")
    assert (first.phone, first.city) == ("+33556000000", "Bordeaux")
    assert "05\u00a056\u00a000\u00a000\u00a000" in text_of(partner.get(PAGE))


def test_an_address_is_changed_and_parcels_keep_theirs(partner: Counter) -> None:
    made = add(partner)
    parcel = delivery(partner.member)
    assert "05\u00a056\u00a000\u00a000\u00a000" in text_of(partner.get(f"{PAGE}{made.uuid}/"))

    partner.post(f"{PAGE}{made.uuid}/", **{**GOOD, "street": "9 rue Neuve"})

    made.refresh_from_db()
    parcel.refresh_from_db()
    assert (made.street, made.is_default) == ("9 rue Neuve", True)
    assert "4 place de l’Exemple" in parcel.address


def test_another_default_is_chosen(partner: Counter) -> None:
    add(partner, "Nord")
    south = add(partner, "Sud")

    partner.post(f"{PAGE}{south.uuid}/par-defaut/")

    assert kept(partner) == [("Nord", False), ("Sud", True)]


def test_removing_the_default_leaves_the_oldest_as_default(partner: Counter) -> None:
    north = add(partner, "Nord")
    add(partner, "Est")
    add(partner, "Sud")
    assert "Retirer l’adresse «\u00a0Nord\u00a0»" in text_of(
        partner.get(f"{PAGE}{north.uuid}/retirer/")
    )

    partner.post(f"{PAGE}{north.uuid}/retirer/")

    assert kept(partner) == [("Est", True), ("Sud", False)]


def test_each_act_leaves_a_trace_without_the_address(partner: Counter) -> None:
    made = add(partner)
    partner.post(f"{PAGE}{made.uuid}/par-defaut/")
    partner.post(f"{PAGE}{made.uuid}/retirer/")

    rows = AuditEntry.objects.filter(action__startswith="sims.").order_by("pk")
    assert list(rows.values_list("action", "details")) == [
        ("sims.address_saved", {}),
        ("sims.address_default", {}),
        ("sims.address_removed", {}),
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("label", "", "Donnez un nom à cette adresse, par exemple le lieu."),
        ("recipient", "", "Indiquez qui reçoit le colis."),
        ("street", "  ", "Indiquez le numéro et la rue."),
        ("city", "", "Indiquez la commune."),
        ("postcode", "", "Indiquez le code postal, 5 chiffres."),
        ("postcode", "3300", "Le code postal compte 5 chiffres, par exemple 33000."),
        ("postcode", "330000", "Le code postal compte 5 chiffres, par exemple 33000."),
        ("postcode", "33 00", "Le code postal compte 5 chiffres, par exemple 33000."),
        ("postcode", "٣٣٠٠٠", "Le code postal compte 5 chiffres, par exemple 33000."),
        ("phone", "12", "Ce numéro de téléphone n’est pas un numéro français."),
        ("phone", "bonjour", "Ce numéro de téléphone n’est pas un numéro français."),
        ("phone", "+1 202 555 0100", "Ce numéro de téléphone n’est pas un numéro français."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    partner: Counter, field: str, value: str, sentence: str
) -> None:
    answer = partner.post(f"{PAGE}ajouter/", **{**GOOD, field: value})

    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert kept(partner) == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0556000000", "+33556000000"),
        ("06 12 34 56 78", "+33612345678"),
        ("0590 12 34 56", "+590590123456"),
        ("+262 692 12 34 56", "+262692123456"),
    ],
)
def test_numbers_of_the_whole_country_are_kept(typed: str, stored: str) -> None:
    assert addresses.check_phone(typed) == stored


@pytest.mark.parametrize("action", ["", "par-defaut/", "retirer/"])
def test_another_structures_address_is_not_found(partner: Counter, action: str) -> None:
    theirs = add(counter(buyer()))
    path = f"{PAGE}{theirs.uuid}/{action}"

    assert (partner.get(path).status_code, partner.post(path).status_code) == (404, 404)
    theirs.refresh_from_db()
    assert (theirs.label, theirs.is_default) == ("Nord", True)


def test_the_database_keeps_one_default_and_five_digits(partner: Counter) -> None:
    made = add(partner)
    for wrong in ({"pk": None, "uuid": None}, {"postcode": "3300A"}):
        copy = DeliveryAddress.objects.get(pk=made.pk)
        for name, value in wrong.items():
            setattr(copy, name, value if name != "uuid" else "6f2b8d0e-7a5e-4d5c-9d39-2f6d3c1b7a10")
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()


@pytest.mark.django_db(transaction=True)
def test_two_first_addresses_at_once_leave_one_default() -> None:
    member = buyer()
    start = threading.Barrier(2)
    values = {name: GOOD[name] for name in ("recipient", "street", "postcode", "city")}

    def one(label: str) -> None:
        start.wait(10)
        try:
            addresses.save(by=member, address=DeliveryAddress(), values={"label": label, **values})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, ("Nord", "Sud")))

    rows = member.structure.delivery_addresses.order_by("pk")
    assert list(rows.values_list("is_default", flat=True)) == [True, False]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_it_lists(
    partner: Counter, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        add(partner, f"Adresse {number}")
    partner.get(PAGE)

    with django_assert_num_queries(6):
        partner.get(PAGE)
