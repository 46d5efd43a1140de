"""« Textes et réglages »: référents see what a text becomes, then keep it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from activation.models import ActivationSettings, EmailText, ExchangeFormat, Reason, SmsText
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
INDEX = reverse("activation_words:index")
FRENCH = reverse("activation_words:sms", args=["fr"])
ACTIVATED = reverse("activation_words:email", args=["activated"])
ADD = reverse("activation_words:reason_add")
GOOD = "Votre numéro : {numero}. Solde : {solde}. Recharge : {recharge}."


@pytest.fixture
def referent() -> User:
    return factories.user(Role.REFERENT, first_name="Inès", last_name="Roy")


@pytest.fixture
def client(referent: User) -> Client:
    return logged_in(referent)


def text(answer: object) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REFERENT, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.OPERATOR, 302),
        (Role.EDITOR, 302),
    ],
)
def test_referents_and_administrators_write(role: Role, status: int) -> None:
    client = logged_in(factories.user(role))
    reason = reverse("activation_words:reason", args=[Reason.objects.earliest("pk").pk])
    pages = [INDEX, FRENCH, ACTIVATED, ADD, reason]
    assert [client.get(page).status_code for page in pages] == [status] * 5
    client.post(FRENCH, {"body": GOOD})
    assert (SmsText.objects.get(language="fr").body == GOOD) == (status == 200)
    assert ("/gestion/activations-textes/" in text(client.get("/gestion/account/"))) == (
        status == 200
    )


def test_an_sms_is_shown_as_on_a_phone_before_it_is_kept(client: Client, referent: User) -> None:
    before = SmsText.objects.get(language="fr").body
    shown = client.post(FRENCH, {"body": GOOD, "preview": "1"})
    written = "Votre numéro : 06 12 34 56 78. Solde : 950. Recharge : 952."
    assert (written in text(shown), "pas encore enregistré" in text(shown)) == (True, True)
    assert f"{len(written)} caractères sur 160" in text(shown)
    assert SmsText.objects.get(language="fr").body == before
    assert client.post(FRENCH, {"body": GOOD})["Location"] == INDEX
    assert SmsText.objects.get(language="fr").body == GOOD
    entry = AuditEntry.objects.get(action="activation.smstext_changed")
    assert (entry.by, entry.details) == (referent, {"before": {"body": before}})
    page = text(client.get(FRENCH))
    assert ("Versions remplacées" in page, before in page, "par Inès Roy" in page) == (True,) * 3
    assert "Rien n’a changé." in text(client.post(FRENCH, {"body": GOOD}, follow=True))
    assert AuditEntry.objects.filter(action="activation.smstext_changed").count() == 1


def test_letters_that_sms_lack_are_told_and_replaced_on_request(client: Client) -> None:
    refused = client.post(FRENCH, {"body": "L’essai. " + GOOD})
    assert (refused.status_code, "Remplacer ces caractères" in text(refused)) == (422, True)
    assert "« ’ » n’est pas dans l’alphabet des SMS : écrivez « &#x27; »." in text(refused)
    mended = client.post(FRENCH, {"body": "L’essai. " + GOOD, "replace": "1"})
    assert mended.context["form"]["body"].value() == "L'essai. " + GOOD
    assert (mended.status_code, "Remplacer ces caractères" in text(mended)) == (200, False)
    assert "L'essai" not in SmsText.objects.get(language="fr").body


@pytest.mark.parametrize("body", ["", GOOD + " {nom}", GOOD + "a" * 160])
def test_an_sms_that_would_not_do_is_not_kept(client: Client, body: str) -> None:
    before = SmsText.objects.get(language="fr").body
    for extra in ({}, {"preview": "1"}):
        answer = client.post(FRENCH, {"body": body, **extra})
        assert (answer.status_code, answer.context["preview"]) == (422, {})
    assert SmsText.objects.get(language="fr").body == before


def test_an_email_is_shown_as_it_is_read_before_it_is_kept(client: Client) -> None:
    typed = {"subject": "{reference} est prête", "body": "Pour {structure}.\n\nVoilà."}
    shown = client.post(ACTIVATED, {**typed, "preview": "1"})
    preview = shown.context["preview"]
    assert preview["subject"].strip() == "3F2A-91BC est prête"
    assert "Pour CCAS de Lille." in preview["text"]
    assert "Voilà.</p>" in preview["html"]
    assert "/activation-sim/suivi/exemple/" in preview["html"]
    assert EmailText.objects.get(moment="activated").subject != typed["subject"]
    client.post(ACTIVATED, typed)
    assert EmailText.objects.get(moment="activated").body == typed["body"]
    answer = client.post(ACTIVATED, {**typed, "subject": "{nom}"})
    assert answer.status_code == 422
    assert "{nom} n’est pas une variable : écrivez {reference} ou {structure}." in text(answer)


def test_a_preview_shows_marks_as_they_are_typed(client: Client) -> None:
    typed = {"subject": 'A " <b>', "body": "<script>x</script>", "preview": "1"}
    page = text(client.post(ACTIVATED, typed))
    assert ("<script>x" in page, "<b>" in page, 'A " ' in page) == (False, False, False)
    assert "&amp;lt;script&amp;gt;x" in page  # in the frame: escaped by the e-mail, then as a frame


def test_reasons_are_added_retired_and_put_in_order(client: Client, referent: User) -> None:
    typed = {"kind": "refused", "label": "Carte perdue", "text": "Prenez une autre carte."}
    shown = client.post(ADD, {**typed, "is_active": "on", "preview": "1"})
    assert ("Demande refusée" in text(shown), Reason.objects.count()) == (True, 5)
    client.post(ADD, {**typed, "is_active": "on"})
    added = Reason.objects.get(label="Carte perdue")
    labels = [reason.label for reason in Reason.objects.filter(kind="refused")]
    assert (labels[-1], added.is_active) == ("Carte perdue", True)
    for way in ("monter", "descendre", "monter", "monter", "monter"):
        client.post(reverse("activation_words:reason_shift", args=[added.pk, way]))
    labels = [reason.label for reason in Reason.objects.filter(kind="refused")]
    assert labels == ["Carte perdue", "Carte déjà active", "Portabilité refusée"]
    client.post(reverse("activation_words:reason", args=[added.pk]), typed)
    assert Reason.objects.get(label="Carte perdue").is_active is False
    assert "Retiré" in text(client.get(INDEX))
    again = client.post(ADD, typed)
    assert (again.status_code, "Ce motif existe déjà." in text(again)) == (422, True)
    actions = AuditEntry.objects.filter(by=referent, action__startswith="activation.reason")
    assert [entry.action for entry in actions.order_by("pk")] == [
        "activation.reason_added",
        *["activation.reason_moved"] * 4,  # the fifth had nowhere to go
        "activation.reason_changed",
    ]


def test_each_screen_of_the_menu_is_there_once(client: Client) -> None:
    menu = text(client.get("/gestion/account/"))
    places = ("/gestion/activations-textes/", "/gestion/activations-chiffres/")
    assert [menu.count(f'"{place}"') for place in places] == [1, 1]


def test_the_index_tells_of_an_sms_that_has_grown_too_long(client: Client) -> None:
    assert "deux messages" not in text(client.get(INDEX))
    SmsText.objects.filter(language="es").update(body=GOOD + "a" * 130)
    assert "le SMS part en deux messages" in text(client.get(INDEX))


@pytest.mark.parametrize("count", [1, 9])
def test_the_index_costs_a_constant_number_of_queries(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(INDEX)
    for rank in range(count):
        Reason.objects.create(kind="refused", label=f"Motif {rank}", text="Texte")
    with django_assert_num_queries(20):
        client.get(INDEX)


def settings_page(model: type[ActivationSettings | ExchangeFormat]) -> str:
    args = ["activation", model._meta.model_name, model.load().pk]
    return reverse("wagtailsettings:edit", args=args)


def delays(**changes: str) -> dict[str, str]:
    return {
        "treatment_hours": "24",
        "sms_working_hours": "48",
        "portability_days_min": "3",
        "portability_days_max": "5",
        "retention_days": "90",
        **changes,
    }


def test_the_delays_show_what_they_mean_and_each_change_is_told(
    client: Client, referent: User
) -> None:
    page = settings_page(ActivationSettings)
    assert "serait à traiter avant" in text(client.get(page))
    preview = f"{page}preview/"
    answer = client.post(preview, delays(treatment_hours="12"))
    assert answer.json() == {"is_valid": True, "is_available": True}
    assert "Avec ces délais" in text(client.get(preview, {"mode": ""}))
    client.post(page, delays(retention_days="30"))
    assert ActivationSettings.load().retention_days == 30
    entry = AuditEntry.objects.get(action="activation.activationsettings_changed")
    assert entry.by == referent
    answer = client.post(page, delays(retention_days="731"))
    assert "Les données se gardent de 1 à 730 jours après la clôture." in text(answer)


Rows = dict[str, list[dict[str, str]]]
FIELDS = {
    "columns": ("id", "heading", "source"),
    "answer_columns": ("id", "heading", "target"),
    "answer_words": ("id", "word", "meaning"),
}


def exchange(change: Callable[[Rows], None]) -> dict[str, str]:
    """Return what a browser posts once ``change`` was typed."""
    kept = ExchangeFormat.load()
    rows: Rows = {
        name: [
            {key: str(one[key]) for key in fields} for one in getattr(kept, name).values(*fields)
        ]
        for name, fields in FIELDS.items()
    }
    initial = {name: len(found) for name, found in rows.items()}
    change(rows)
    plain = {"encoding": "utf-8", "separator": ",", "date_format": "%Y-%m-%d"}
    sets = {name: inline_formset(found, initial=initial[name]) for name, found in rows.items()}
    return nested_form_data(plain | sets)


def test_columns_that_contradict_themselves_are_not_kept(client: Client) -> None:
    page = settings_page(ExchangeFormat)
    assert "Le fichier CSV commence ainsi" in text(client.get(page))

    def spoil(rows: Rows) -> None:
        rows["columns"][0]["heading"] = "iccid"
        rows["answer_words"].append({"word": "ok", "meaning": "refused"})

    answer = client.post(page, exchange(spoil))
    assert "Deux colonnes du fichier transmis s’appellent « ICCID »" in text(answer)
    assert "Le mot « ok » a deux sens : gardez-en un." in text(answer)
    assert ExchangeFormat.load().separator == ";"


def test_the_file_is_shown_with_the_columns_as_typed(client: Client) -> None:
    page = settings_page(ExchangeFormat)

    def rename(rows: Rows) -> None:
        rows["columns"][1]["heading"] = "Carte"

    answer = client.post(f"{page}preview/", exchange(rename))
    assert answer.json() == {"is_valid": True, "is_available": True}
    shown = text(client.get(f"{page}preview/", {"mode": ""}))
    assert "Référence,Carte,Civilité" in shown
    assert "Carte" not in ExchangeFormat.load().example()["csv"]


def test_columns_are_kept_and_the_change_is_told(client: Client, referent: User) -> None:
    def shorten(rows: Rows) -> None:
        for row in rows["columns"][2:]:
            row["DELETE"] = "on"

    assert client.post(settings_page(ExchangeFormat), exchange(shorten)).status_code == 302
    found = ExchangeFormat.load()
    assert [found.separator, *(one.heading for one in found.columns.all())] == [
        ",",
        "Référence",
        "ICCID",
    ]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.by, entry.action) == (referent, "activation.exchangeformat_changed")
