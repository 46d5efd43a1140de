"""The colours of the design system are legible in both schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import pytest

from portal.ui.tokens import SHAPE_PAIRS, TEXT_PAIRS, contrast, read_tokens

SCHEMES = ("light", "dark")


def test_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_reaches_four_and_a_half_on_every_ground(scheme: str) -> None:
    tokens = read_tokens()[scheme]
    measured = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_borders_and_focus_rings_reach_three(scheme: str) -> None:
    tokens = read_tokens()[scheme]
    measured = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in SHAPE_PAIRS}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < 3} == {}


def test_every_dark_token_completes_a_light_one() -> None:
    schemes = read_tokens()
    assert set(schemes["dark"]) == set(schemes["light"])
