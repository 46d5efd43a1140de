"""The password rule."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from portal.accounts.models import User

JEANNE = User(email="jeanne.martin@ccas-lille.fr", first_name="Jeanne", last_name="Martin")


def refusals(password: str, user: User | None = JEANNE) -> list[str]:
    """Return the codes of what is wrong with ``password``."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return sorted(str(one.code) for one in error.error_list)
    return []


@pytest.mark.parametrize(
    "password",
    [
        "lapin vert tombe midi",
        "correct cheval batterie agrafe",
        "il pleut à Lille ce matin",
        "kX9vQ2mZ7tR4wB1",
        "849302716558203",
        "🐇🌳🚲🎈🍋🌧️🎻🧦🕯️🐌🪁🧭🍄🛶🦔",
        "jeanne aime les fraises",
    ],
)
def test_any_kind_of_long_password_is_accepted(password: str) -> None:
    assert refusals(password) == []


@pytest.mark.parametrize("size", [64, 200])
def test_very_long_passwords_are_accepted(size: int) -> None:
    sentence = ("le facteur passe souvent trop tard quand dehors brille un soleil " * 4)[:size]
    assert (len(sentence), refusals(sentence)) == (size, [])


def test_fourteen_characters_are_too_few() -> None:
    assert refusals("lapin vert mid") == ["password_too_short"]


@pytest.mark.parametrize(
    "password",
    [
        "password1234567",
        "motdepasse123456",
        "P@ssword!!!!!!!",
        "123456789012345",
        "987654321987654321",
        "aaaaaaaaaaaaaaa",
        "éééééééééééééééé",
        "azertyuiopqsdfgh",
        "abcabcabcabcabcabc",
        "bonjourbonjour1",
        "soleil soleil soleil",
        "marseille2026!!",
        "LEspaceRecharges2026",
        "Emmaüs-Connect-2026",
        "jeannemartin1980",
        "martin.jeanne.59000",
    ],
)
def test_long_passwords_that_are_easy_to_guess_are_refused(password: str) -> None:
    assert "password_guessable" in refusals(password)


def test_common_long_passwords_are_refused() -> None:
    assert refusals("1q2w3e4r5t6y7u8i") == ["password_too_common"]


def test_ones_own_name_matters_only_for_oneself() -> None:
    assert "password_guessable" not in refusals("jeannemartin1980", User(email="paul@ccas.fr"))
