"""The checks of the form, on the vectors of the domain rules."""

import datetime as dt
import string

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from activation.rules import birth, delays, gsm7, names, phone, rio
from portal.telecom import iccid

VALID_RIOS = [
    ("01PEROY4P4TR", "0612345678"),
    ("02PABC123OUB", "0612345678"),
    ("02EABC123D69", "0612345678"),
    ("03P1A2B3C6OT", "0755667788"),
    ("02P7PG9G9U+1", "0612345678"),
]
accounts = st.text(string.digits, min_size=13, max_size=13)
numbers = st.from_regex(r"\A(06|07[3-9])[0-9]{8}\Z").map(lambda text: text[:10])
heads = st.from_regex(r"\A[0-9]{2}[PE][A-Z0-9]{6}\Z")


def refusal(rule: object, *arguments: object) -> tuple[str, str]:
    """Return the code and the sentence of a refusal."""
    with pytest.raises(ValidationError) as caught:
        rule(*arguments)  # type: ignore[operator]
    return str(caught.value.code), caught.value.messages[0]


def serial(account: str) -> str:
    return iccid.SFR + account + luhn.calc_check_digit(iccid.SFR + account)


@pytest.mark.parametrize(
    "text",
    [
        "89331059970000209012",
        "8933 1059 9700 0020 9012",
        "8933-1059.9700\u00a00020\u202f9012",
        "89331059970000209012F",
        " 89331059970000209012f ",
    ],
)
def test_iccid_is_cleaned(text: str) -> None:
    assert iccid.check(text) == "89331059970000209012"


def test_second_iccid_vector_is_valid() -> None:
    assert iccid.check("89331012345678901230") == "89331012345678901230"


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [
        ("89331059970000209013", "check_digit", "Un chiffre est faux"),
        ("8933105997000020901", "length", "Il manque 1 chiffre\u00a0:"),
        ("893310599700002", "length", "Il manque 5 chiffres\u00a0:"),
        ("893310599700002090123", "length", "Il y a 1 chiffre de trop\u00a0:"),
        ("89330159970000209012", "issuer", "Cette carte est une carte Orange."),
        ("8933155997000020901", "issuer", "Cette carte est une carte Free."),
        ("89440059970000209012", "prefix", "Le numéro d’une carte SFR commence par 893310."),
        ("8933105997000020901O", "characters", "Le numéro de la carte ne contient que"),
        ("", "length", "Il manque 20 chiffres"),
    ],
)
def test_wrong_iccid_is_explained(text: str, code: str, start: str) -> None:
    found, sentence = refusal(iccid.check, text)
    assert (found, sentence[: len(start)]) == (code, start)


@given(account=accounts, place=st.integers(0, 19), other=st.characters())
def test_every_single_character_error_of_an_iccid_is_caught(
    account: str, place: int, other: str
) -> None:
    right = serial(account)
    wrong = right[:place] + other + right[place + 1 :]
    if wrong == right:
        assert iccid.check(wrong) == right
    else:
        with pytest.raises(ValidationError):
            iccid.check(wrong)


@pytest.mark.parametrize(("text", "number"), VALID_RIOS)
def test_rio_vectors_are_valid(text: str, number: str) -> None:
    assert rio.check(text, phone.check(number)) == text


def test_rio_is_cleaned_and_keeps_its_plus() -> None:
    assert rio.check("02 p 7pg9g9-u+1", "+33612345678") == "02P7PG9G9U+1"


@given(head=heads, number=numbers)
def test_rio_round_trip(head: str, number: str) -> None:
    text = head[:9] + rio.key(head[:9], number)
    spaced = f"{text[:2]} {text[2]} {text[3:9]} {text[9:]}".lower()
    assert rio.check(spaced, f"+33{number[1:]}") == text


@given(head=heads, number=numbers, place=st.integers(0, 9), digit=st.sampled_from(string.digits))
def test_rio_of_another_number_is_caught(head: str, number: str, place: int, digit: str) -> None:
    other = number[:place] + digit + number[place + 1 :]
    assert (rio.key(head[:9], other) == rio.key(head[:9], number)) == (other == number)


@given(head=heads, number=numbers, place=st.integers(0, 11), other=st.characters())
def test_every_single_character_error_of_a_rio_is_caught(
    head: str, number: str, place: int, other: str
) -> None:
    right = head[:9] + rio.key(head[:9], number)
    wrong = right[:place] + other + right[place + 1 :]
    if rio.clean(wrong) == right:
        assert rio.check(wrong, f"+33{number[1:]}") == right
    else:
        with pytest.raises(ValidationError):
            rio.check(wrong, f"+33{number[1:]}")


@pytest.mark.parametrize(
    ("text", "e164", "code"),
    [
        ("01PEROY4P4T", "+33612345678", "length"),
        ("01PEROY4P4TRA", "+33612345678", "length"),
        ("O1PEROY4P4TR", "+33612345678", "shape"),
        ("01FEROY4P4TR", "+33612345678", "fixed_line"),
        ("01PEROY4P4TR", "+33612345679", "key"),
        ("01PEROY4P4TS", "+33612345678", "key"),
        ("", "+33612345678", "rio_missing"),
        ("01PEROY4P4T", "", "length"),
    ],
)
def test_wrong_rio_is_refused(text: str, e164: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:  # its sentence reads the useful numbers
        rio.check(text, e164)
    assert caught.value.code == code


def test_the_key_of_a_rio_waits_for_a_right_number() -> None:
    assert rio.check("01PEROY4P4TS", "") == "01PEROY4P4TS"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "required"), ("0690 12 34 56", "overseas"), ("06 12 34 56 7", "length")],
)
def test_a_number_that_cannot_be_kept_is_explained(text: str, code: str) -> None:
    assert refusal(rio.check_number, text)[0] == code


def test_only_the_rio_of_sfr_warns() -> None:
    assert [bool(rio.warning(text)) for text, _ in VALID_RIOS] == [False, True, True, False, True]


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033755667788", "+33755667788"),
        ("0690 12 34 56", "+590690123456"),
        ("0694123456", "+594694123456"),
        ("0696123456", "+596696123456"),
        ("0692123456", "+262692123456"),
        ("0639012345", "+262639012345"),
        ("+33690123456", "+590690123456"),
    ],
)
def test_mobile_number_is_stored_as_e164(text: str, e164: str) -> None:
    assert phone.check(text) == e164


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("061234567", "length"),
        ("06123456789", "length"),
        ("0123456789", "not_mobile"),
        ("0700123456", "not_mobile"),
        ("+447911123456", "foreign"),
        ("pas de portable", "unreadable"),
    ],
)
def test_wrong_number_is_explained(text: str, code: str) -> None:
    assert refusal(phone.check, text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("59", "59"), ("1", "01"), ("2a", "2A"), ("59 – Nord", "59"), ("nord", "59")),
        *(("cote d'or", "21"), ("Haute-Corse", "2B"), ("974", "974"), ("99", "99")),
        ("né à l’étranger", "99"),
    ],
)
def test_department_is_found_by_code_or_name(text: str, code: str) -> None:
    assert birth.check_department(text) == code


def test_corsica_is_told_apart() -> None:
    code, sentence = refusal(birth.check_department, "20")
    assert (code, "2A" in sentence, "2B" in sentence) == ("corsica", True, True)


@pytest.mark.parametrize("text", ["96", "00", "970", "979", "989", "Atlantide", "", "²"])
def test_unknown_department_is_refused(text: str) -> None:
    assert refusal(birth.check_department, text)[0] == "unknown"


def test_departments_are_those_of_the_rule() -> None:
    expected = {f"{n:02}" for n in range(1, 96) if n != 20} | {"2A", "2B", "99"}
    expected |= {str(n) for n in (*range(971, 979), *range(984, 989))}
    assert set(birth.DEPARTMENTS) == expected


def test_country_is_asked_of_those_born_abroad_only() -> None:
    assert birth.check_country("59", "Mali") == ""
    assert birth.check_country("99", "  Mali ") == "Mali"
    assert refusal(birth.check_country, "99", " ")[0] == "country_missing"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (dt.date(2026, 11, 23), "future"),
        (dt.date(2027, 1, 1), "future"),
        (dt.date(2026, 11, 22), None),
        (dt.date(1906, 11, 23), None),
        (dt.date(1906, 11, 22), "too_old"),
    ],
)
def test_birth_date_is_in_the_past_and_within_120_years(day: dt.date, code: str | None) -> None:
    today = dt.date(2026, 11, 23)
    if code:
        assert refusal(birth.check_date, day, today)[0] == code
    else:
        assert birth.check_date(day, today) == day


def test_names_are_tidied_and_refuse_digits() -> None:
    assert names.check("  D’Ornano   de-la Rue ") == "D’Ornano de-la Rue"
    assert refusal(names.check, "Dup0nt")[0] == "characters"
    assert refusal(names.check, " - ")[0] == "empty"
    assert names.folded("Duré-Noël") == names.folded("DURE NOEL")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 15:00", 48, "2026-11-24 15:00"),  # over a week-end
        ("2026-11-21 10:00", 48, "2026-11-25 00:00"),  # from a Saturday
        ("2026-12-24 12:00", 24, "2026-12-28 12:00"),  # Christmas on a Friday
        ("2026-05-13 09:00", 48, "2026-05-18 09:00"),  # Ascension
        ("2026-10-23 12:00", 24, "2026-10-26 12:00"),  # the clock changes on the Sunday
    ],
)
def test_working_hours_skip_week_ends_and_public_holidays(start: str, hours: int, end: str) -> None:
    moments = [
        dt.datetime.fromisoformat(text).replace(tzinfo=delays.PARIS) for text in (start, end)
    ]
    assert delays.add_working_hours(moments[0], hours) == moments[1]


@given(
    start=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1)),  # noqa: DTZ001
    hours=st.integers(1, 400),
)
def test_working_time_counts_back_what_was_added(start: dt.datetime, hours: int) -> None:
    moment = start.replace(tzinfo=delays.PARIS)
    end = delays.add_working_hours(moment, hours)
    assert delays.working_time(moment, end) == dt.timedelta(hours=hours)
    assert delays.working_time(end, moment) == dt.timedelta()


def test_working_days_skip_public_holidays() -> None:
    start = dt.datetime(2026, 12, 23, 16, tzinfo=delays.PARIS)
    assert delays.add_working_days(start, 5) == dt.datetime(2026, 12, 31, 16, tzinfo=delays.PARIS)


def test_gsm7_counts_the_characters_that_take_two() -> None:
    assert (gsm7.septets("a€"), gsm7.foreign("l’été ê")) == (3, ["ê", "’"])
