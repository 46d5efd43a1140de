"""Registries: one provider a key."""

import pytest

from portal.ui.registry import keeper


def test_a_provider_is_kept_under_its_key_and_given_back() -> None:
    book: dict[str, str] = {}
    assert (keeper(book, "a")("first"), book) == ("first", {"a": "first"})


def test_a_key_that_is_taken_is_refused_and_stays_as_it_was() -> None:
    book = {"a": "first"}
    with pytest.raises(ValueError, match="Two providers for the panel 'a'"):
        keeper(book, "a", "the panel")("second")
    assert book == {"a": "first"}
