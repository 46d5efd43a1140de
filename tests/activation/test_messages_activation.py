"""What leaves when a request moves: the texts that référents keep, filled in."""

import pytest
from django.core import mail

from activation.languages import Language
from activation.messages import sms_text
from activation.models import EmailText, SmsText
from activation.rules import gsm7, phone
from activation.states import State
from activation.texts import sms
from knowledge.models import UsefulNumber
from portal.outbox.models import JournalEntry
from portal.outbox.services import deliver_due
from tests.activation import factories

pytestmark = pytest.mark.django_db
LINES = ["+33612345678", "+262692123456", "+590690123456"]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", Language.values)
def test_each_first_sms_is_one_message_of_gsm7_with_its_three_numbers(
    language: str, line: str
) -> None:
    text = sms_text(line, language)
    assert gsm7.foreign(text) == []
    assert gsm7.septets(text) <= gsm7.LIMIT
    assert ["950" in text, "952" in text] == [True, True]
    number = next(part for part in text.split(". ") if part.startswith(("Votre n", "Your n", "Le")))
    assert phone.check("".join(one for one in number if one.isdigit())) == line


def test_no_line_is_longer_than_the_one_that_the_limit_is_checked_with() -> None:
    lengths = [len(sms.values(line)["numero"]) for line in LINES]
    assert max(lengths) == len(sms.values(sms.LONGEST)["numero"])


def test_every_language_and_every_announced_state_has_its_words() -> None:
    assert sorted(SmsText.objects.values_list("language", flat=True)) == sorted(Language.values)
    assert sorted(EmailText.objects.values_list("moment", flat=True)) == sorted(
        EmailText.Moment.values
    )
    for row in (*SmsText.objects.all(), *EmailText.objects.all()):
        row.full_clean()


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Votre ligne"), ("en", "Your SFR line"), ("es", "Su tarjeta")],
)
def test_the_sms_is_in_the_language_of_the_form(language: str, words: str) -> None:
    factories.request(State.ACTIVATED, language=language)
    deliver_due()
    sent = JournalEntry.objects.get(channel=JournalEntry.Channel.SMS)
    assert (sent.text.startswith(words), "07 55 66 77 88" in sent.text) == (True, True)


def test_the_sms_follows_the_editors_numbers(content: int) -> None:
    UsefulNumber.objects.filter(number="950").update(number="01 44 55 66 77")
    UsefulNumber.objects.filter(number="952").update(live=False)
    assert sms_text("+33612345678", "fr") == (
        "Votre ligne SFR est activée. Votre numéro : 06 12 34 56 78. Pour voir votre solde, "
        "appelez le 01 44 55 66 77. Pour recharger, appelez le 952."
    )


def test_the_email_is_the_edited_text_in_its_frame() -> None:
    EmailText.objects.filter(moment="porting").update(
        subject="{reference} : {structure} attend",
        body="Un <transfert> est en cours.\n\nIl prend\nquelques jours pour {structure}.",
    )
    structure = factories.structure(name="L’Escale & Cie")
    request = factories.request(State.PORTING, within=structure, rio=factories.rio_of("0612345678"))
    deliver_due()
    sent = mail.outbox[0]
    html = str(sent.alternatives[0][0])
    assert sent.to == [request.created_by.email]
    assert sent.subject == f"{request.reference} : L’Escale & Cie attend"
    assert "Il prend\nquelques jours pour L’Escale & Cie." in sent.body
    assert f"/activation-sim/suivi/{request.uuid}/" in sent.body
    assert "Un &lt;transfert&gt; est en cours.</p>" in html
    assert "Il prend<br>quelques jours pour L’Escale &amp; Cie.</p>" in html


@pytest.mark.parametrize("state", EmailText.Moment.values)
def test_no_email_holds_anything_of_the_beneficiary(state: str) -> None:
    request = factories.request(State(state), rio=factories.rio_of("0612345678"))
    deliver_due()
    sent = mail.outbox[0]
    whole = f"{sent.subject} {sent.body} {sent.alternatives[0][0]}"
    personal = ("Zébulonne", "Clémence", "12 34 56 78", "55 66 77 88", request.iccid, request.rio)
    assert [one for one in personal if one in whole] == []
