"""What a text may say: its variables, its letters, its length; and what the columns may be."""

import pytest
from django.core.exceptions import ValidationError

from activation.models import EmailText, ExchangeFormat, Reason, SmsText
from activation.rules import gsm7
from activation.texts import columns, emails, sms, variables

pytestmark = pytest.mark.django_db
NUMBERS = "Appelez {numero}, {solde}, {recharge}"


def refused(clean: object, text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        clean(text)  # type: ignore[operator]
    return [message.replace("\u00a0", " ") for message in caught.value.messages]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "Appelez {solde} ou {recharge}.",
            ["Il manque {numero} : le numéro de la ligne."],
        ),
        (
            NUMBERS + " {nom}",
            ["{nom} n’est pas une variable : écrivez {numero}, {solde} ou {recharge}."],
        ),
        (
            NUMBERS + " {",
            [
                "Une accolade est seule : une variable s’écrit entre deux accolades, par exemple "
                "{numero}."
            ],
        ),
        (
            NUMBERS + " l’été où",
            ["« ’ » n’est pas dans l’alphabet des SMS : écrivez « ' »."],
        ),
        (
            NUMBERS + " être",
            ["« ê » n’est pas dans l’alphabet des SMS : écrivez « e »."],
        ),
        (
            NUMBERS + " ☎",
            ["« ☎ » n’est pas dans l’alphabet des SMS : retirez-le."],
        ),
        (
            NUMBERS + "\u00a0!",
            [
                "« espace insécable » n’est pas dans l’alphabet des SMS : mettez une espace "
                "ordinaire."
            ],
        ),
    ],
)
def test_an_sms_says_what_is_wrong_and_how_to_mend_it(text: str, wrong: list[str]) -> None:
    assert refused(sms.clean, text) == wrong


def test_an_sms_fits_in_160_septets_with_the_longest_number() -> None:
    # 14 signs for the line, three for each of 950 and 952.
    room = gsm7.LIMIT - len("Appelez , , ") - 14 - 3 - 3
    fits = NUMBERS + "a" * room
    assert (sms.clean(fits), sms.length(fits)) == (fits, 160)
    assert refused(sms.clean, fits + "b") == [
        "Le SMS compte 1 caractère de trop : 160 au plus, numéros compris. Raccourcissez le texte."
    ]
    # The euro takes two.
    assert refused(sms.clean, fits[:-1] + "€€") == [
        "Le SMS compte 3 caractères de trop : 160 au plus, numéros compris. Raccourcissez le texte."
    ]


def test_the_letters_that_sms_lack_are_replaced_by_the_nearest() -> None:
    text = sms.replaced("« L’œuvre »\u00a0: ça… où, être, él — 3\u202f€ ☎ Ünïé")
    assert text == '" L\'oeuvre ": ca... où, etre, él - 3 €  Ünié'.replace('": ', '" : ')
    assert gsm7.foreign(text) == []


def test_an_email_has_two_variables_and_none_of_the_beneficiary() -> None:
    assert emails.clean("  {reference} {structure}\r\nsuite ") == "{reference} {structure}\nsuite"
    assert refused(emails.clean, "Bonjour {nom}") == [
        "{nom} n’est pas une variable : écrivez {reference} ou {structure}."
    ]


def test_a_value_that_looks_like_a_variable_stays_a_value() -> None:
    values = {"structure": "{reference}", "reference": "R"}
    assert variables.fill("{structure} {reference} {x}", values) == "{reference} R {x}"


def test_a_reason_takes_no_variable() -> None:
    row = Reason(kind="refused", label="Carte {x}", text="Rien } à faire")
    with pytest.raises(ValidationError) as caught:
        row.clean()
    assert caught.value.message_dict == {
        "label": ["Retirez {x}\u00a0: ce texte n’a pas de variable."],
        "text": ["Retirez les accolades\u00a0: ce texte n’a pas de variable."],
    }


def test_the_models_keep_nothing_that_would_not_do() -> None:
    for row, fields in (
        (SmsText(language="fr", body="Bonjour"), {"body"}),
        (EmailText(moment="refused", subject="{a}", body="{b}"), {"subject", "body"}),
    ):
        with pytest.raises(ValidationError) as caught:
            row.clean()
        assert set(caught.value.message_dict) == fields


GOOD = {
    "columns": [("ICCID", "iccid"), ("Nom", "last_name")],
    "answers": [("ICCID", "iccid"), ("Statut", "status")],
    "words": [("OK", "activated"), ("KO", "refused")],
}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"words": [("OK", "activated"), (" ok ", "activated")]}, []),
        (
            {"columns": [("ICCID", "iccid"), ("Prénom", "first_name"), ("PRENOM", "last_name")]},
            ["Deux colonnes du fichier transmis s’appellent « PRENOM » : changez un titre."],
        ),
        (
            {"columns": [("Nom", "last_name")]},
            [
                "Il manque la colonne ICCID dans le fichier transmis : ajoutez-la, les réponses de "
                "SFR se reconnaissent à elle."
            ],
        ),
        (
            {"columns": [("ICCID ☎", "iccid")]},
            [
                "« ICCID ☎ » ne s’écrit pas dans l’encodage choisi : changez le titre, ou prenez "
                "UTF-8."
            ],
        ),
        (
            {"answers": [("Statut", "status"), ("statut", "reason")]},
            [
                "Il manque la colonne ICCID dans les réponses : sans elle, une réponse n’est à "
                "personne.",
                "Deux colonnes des réponses s’appellent « statut » : retirez-en une.",
            ],
        ),
        (
            {"answers": [("ICCID", "iccid")]},
            [
                "Il manque la colonne Statut dans les réponses : sans elle, on ne sait pas ce que "
                "SFR répond."
            ],
        ),
        (
            {"words": [("Activée", "activated"), ("ACTIVEE", "refused")]},
            ["Le mot « ACTIVEE » a deux sens : gardez-en un."],
        ),
        (
            {"words": [("O.K.", "activated"), ("OK", "refused"), ("…", "refused")]},
            [
                "« … » n’a ni lettre ni chiffre : il ne se reconnaît pas. Changez-le.",
                "Le mot « OK » a deux sens : gardez-en un.",
            ],
        ),
    ],
)
def test_columns_that_contradict_themselves_are_refused(
    changed: dict[str, list[tuple[str, str]]], wrong: list[str]
) -> None:
    found = columns.problems(**(GOOD | changed), encoding="cp1252")
    assert [sentence.replace("\u00a0", " ") for sentence in found] == wrong


def test_the_preview_of_the_file_is_what_the_settings_make_it() -> None:
    kept = ExchangeFormat.load()
    kept.separator, kept.date_format = "\t", "%Y-%m-%d"
    head, line, end = kept.example()["csv"].split("\r\n")
    assert head.split("\t")[:3] == ["Référence", "ICCID", "Civilité"]
    assert ("1985-12-31" in line.split("\t"), end) == (True, "")
    assert {len(head.split("\t")), len(line.split("\t"))} == {len(kept.columns.all())}
    kept.columns.add(kept.columns.model(source="rio", heading="RIO ☎"))
    kept.encoding = "cp1252"
    assert "Un titre de colonne contient «\u00a0☎\u00a0»" in kept.example()["problem"]
