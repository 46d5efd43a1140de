"""The small language of the first content's files."""

import pytest

from knowledge.writing import body, rich, typeset


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("L'offre d'ici", "L’offre d’ici"),
        ("Tant qu'**aucun** d'[eux](/)", "Tant qu’**aucun** d’[eux](/)"),
        ("Une question ?", "Une question\u00a0?"),
        ("« Mes recharges » : ici", "«\u00a0Mes recharges\u00a0»\u00a0: ici"),
        ("2,00 € et 8 Go", "2,00\u00a0€ et 8\u00a0Go"),
    ],
)
def test_french_typography(written: str, shown: str) -> None:
    assert typeset(written) == shown


def test_paragraphs_titles_lists_bold_and_links() -> None:
    html = rich("## Titre\n\nUn **mot** et [un lien](/faq/).\n\n- un\n- deux")
    assert html == (
        '<h2>Titre</h2><p>Un <b>mot</b> et <a href="/faq/">un lien</a>.</p>'
        "<ul><li>un</li><li>deux</li></ul>"
    )


def test_markup_is_text() -> None:
    assert rich("a < b & c") == "<p>a &lt; b &amp; c</p>"


def test_an_unknown_kind_is_kept_as_it_is() -> None:
    assert body([{"type": "publisher"}]) == '[{"type": "publisher", "value": null}]'
