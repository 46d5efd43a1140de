"""Who gets a ticket, what the pages show, and the trace that it leaves."""

import datetime as dt
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import cffi
import pytest
import segno
import time_machine
from django.test import Client

from portal.documents.languages import LANGUAGES
from portal.documents.packages import PACKAGES
from portal.privacy.models import AuditEntry
from portal.structures.models import Membership
from shop.ordering.cancelling import cancel_own_order
from shop.ordering.models import PlacedOrder
from shop.recharges.faulty import report_faulty
from shop.recharges.models import FaultyReport, RechargeCode
from shop.tickets.models import TicketSettings
from tests import factories
from tests.shop.conftest import Counter, counter
from tests.tickets.conftest import SECRET, path

Text = Callable[[Any], str]
SETTINGS = "/mon-compte/recharges/ticket-reglages/"
GROUPED = "09 87 65 43 21"


def shows() -> list[tuple[str, str, str]]:
    """Return who saw which number and where, display by display."""
    trail = AuditEntry.objects.filter(action="recharges.shown").order_by("pk")
    return [(one.by.email, one.target_id, one.details["where"]) for one in trail if one.by]


def qr_matrix(page: str) -> tuple[bytearray, ...]:
    """Return the modules of a page's QR code, read from its drawing."""
    drawn = re.search(r'class="coupon__code">.*?<path stroke="#000" d="([^"]+)"', page)
    box = re.search(r'viewBox="0 0 (\d+) \1" class="coupon__code"', page)
    assert drawn
    assert box
    rows = [bytearray(int(box[1])) for _ in range(int(box[1]))]
    x, y = 0.0, 0.0
    for letter, numbers in re.findall(r"([Mmh])([-\d. ]+)", drawn[1]):
        values = [float(one) for one in numbers.split()]
        if letter == "h":
            for column in range(int(x), int(x + values[0])):
                rows[int(y)][column] = 1
            x += values[0]
        elif letter == "M":
            x, y = values
        else:
            x, y = x + values[0], y + values[1]
    return tuple(row[4:-4] for row in rows[4:-4])


def made(content: str) -> tuple[bytearray, ...]:
    return segno.make_qr(content, error="m").matrix


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_preview_never_shows_the_number(
    partner: Counter, code: RechargeCode, language: str
) -> None:
    answer = partner.get(f"{path(code)}?langue={language}")
    page = answer.content.decode()

    assert answer.status_code == 200
    assert page.count("<span>••</span>") == 5
    assert [digits for digits in (SECRET, GROUPED, "<span>09</span>") if digits in page] == []
    assert qr_matrix(page) == made("tel:952")
    assert (shows(), "no-store" in answer.headers["Cache-Control"]) == ([], True)


def test_the_preview_offers_each_language_by_its_own_name(
    partner: Counter, code: RechargeCode, text: Text
) -> None:
    answer = partner.get(f"{path(code)}?langue=uk")
    page = answer.content.decode()

    assert re.findall(r'href="\?langue=(\w+)"', page) == list(LANGUAGES)
    assert re.findall(r'langue=(\w+)"[^>]*aria-current="true"', page) == ["uk"]
    assert re.findall(r"<bdi>([^<]+)</bdi></a>", page) == [
        *("Français", "English", "العربية", "Українська", "دری", "Español")
    ]
    assert "Поповнення вашого телефону" in text(answer)


@pytest.mark.parametrize(
    ("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("prs", "rtl"), ("uk", "ltr")]
)
def test_the_page_to_print_has_the_number_and_says_its_language(
    partner: Counter, code: RechargeCode, language: str, direction: str, text: Text
) -> None:
    answer = partner.post(path(code), format="print", langue=language)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert re.search(r'class="coupon__digits" dir="ltr">(.+)</p>', page)[1] == " ".join(  # type: ignore[index]
        f"<span>{pair}</span>" for pair in GROUPED.split()
    )
    assert f'<article class="coupon" lang="{language}" dir="{direction}">' in page
    assert '<bdi lang="fr" dir="ltr">Monde</bdi>' in page
    assert qr_matrix(page) == made("tel:952")
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"{path(code)}?langue={language}" in page


def test_the_pdf_is_shown_by_the_browser_and_not_kept(
    partner: Counter, code: RechargeCode, drawing: None
) -> None:
    answer = partner.post(path(code), format="pdf", langue="ar")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="ticket-ar.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content[:5] == b"%PDF-"


def test_each_display_in_clear_is_recorded(
    partner: Counter, colleague: Counter, code: RechargeCode, drawing: None
) -> None:
    partner.post(path(code), format="print")
    partner.post(path(code), format="pdf")
    colleague.post(path(code), format="print", langue="en")

    mine, theirs = partner.member.user.email, colleague.member.user.email
    assert shows() == [(email, str(code.pk), "ticket") for email in (mine, mine, theirs)]
    code.refresh_from_db()
    assert code.first_shown_at is not None


def test_a_stranger_finds_no_ticket(stranger: Counter, code: RechargeCode) -> None:
    answers = [
        stranger.get(path(code)),
        stranger.post(path(code), format="print"),
        stranger.post(path(code), format="pdf"),
        stranger.post(path(code)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert ([SECRET in answer.content.decode() for answer in answers], shows()) == ([False] * 4, [])


def test_a_post_without_a_format_shows_nothing(partner: Counter, code: RechargeCode) -> None:
    answer = partner.post(path(code), format="png", langue="es")

    assert (answer.status_code, answer.url) == (302, f"{path(code)}?langue=es")
    assert shows() == []


def test_a_forged_form_shows_nothing(partner: Counter, code: RechargeCode) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(partner.member.user)

    assert client.post(path(code), {"format": "print"}).status_code == 403
    assert shows() == []


@pytest.mark.parametrize("format", ["", "print", "pdf"])
def test_a_faulty_number_has_no_ticket_any_more(
    partner: Counter, code: RechargeCode, format: str, text: Text
) -> None:
    RechargeCode.objects.update(first_shown_at=dt.datetime.now(tz=dt.UTC))
    symptom = FaultyReport.Symptom.values[0]
    report_faulty(by=partner.member, code=code.uuid, symptom=symptom)

    answer = partner.post(path(code), format=format) if format else partner.get(path(code))

    assert answer.status_code == 409
    assert "Ce numéro n’est plus à donner" in text(answer)
    assert (SECRET in answer.content.decode(), shows()) == (False, [])


def test_a_number_past_its_last_day_has_no_ticket_any_more(
    partner: Counter, code: RechargeCode, text: Text
) -> None:
    with time_machine.travel(dt.datetime.combine(code.expires_on, dt.time(12)), tick=False):
        last_day = counter(partner.member).post(path(code), format="print")
    with time_machine.travel(code.expires_on + dt.timedelta(days=1, hours=12), tick=False):
        after = counter(partner.member).post(path(code), format="print")

    assert (last_day.status_code, after.status_code) == (200, 409)
    assert "Ce numéro n’est plus valable depuis le" in text(after)
    assert len(shows()) == 1


def test_the_number_of_a_cancelled_order_is_nobodys(partner: Counter, code: RechargeCode) -> None:
    cancel_own_order(by=partner.member, order=PlacedOrder.objects.get().uuid)

    assert partner.get(path(code)).status_code == 404
    assert partner.post(path(code), format="print").status_code == 404


def test_no_number_reaches_a_log_an_address_or_the_trail(
    partner: Counter,
    code: RechargeCode,
    drawing: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [partner.post(path(code), format=one, langue="ar") for one in ("print", "pdf")]

    output = capfd.readouterr()
    places = [caplog.text, output.out, output.err, *(str(one.headers) for one in answers)]
    places += [str(one) for one in AuditEntry.objects.values_list("details", flat=True)]
    assert [place for place in places for digits in (SECRET, GROUPED) if digits in place] == []


def test_without_its_libraries_the_pdf_says_what_to_install(
    partner: Counter, code: RechargeCode, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine without Pango: WeasyPrint itself fails, at the moment it is loaded."""

    def not_found(self: cffi.FFI, name: str, flags: int = 0) -> None:
        raise OSError(f"cannot load library '{name}'")

    for module in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(cffi.FFI, "dlopen", not_found)

    answer = partner.post(path(code), format="pdf", langue="es")

    assert (answer.status_code, shows()) == (503, [])
    assert f"apt-get install {' '.join(PACKAGES)}" in text(answer)
    assert 'name="langue" value="es"' in answer.content.decode()
    assert partner.post(path(code), format="print").status_code == 200
    assert len(shows()) == 1


@pytest.fixture
def lead(partner: Counter) -> Counter:
    """The partner, at the head of their structure."""
    Membership.objects.filter(pk=partner.member.pk).update(is_structure_lead=True)
    return partner


def test_the_lead_puts_the_number_into_the_qr_code_and_takes_it_out(
    lead: Counter, code: RechargeCode, text: Text
) -> None:
    matrices = []
    for choice in ("code", "call"):
        assert lead.post(SETTINGS, qr=choice).url == SETTINGS
        printed = lead.post(path(code), format="print").content.decode()
        preview = lead.get(path(code)).content.decode()
        matrices.append((qr_matrix(printed), qr_matrix(preview)))

    plain = made("tel:952")
    assert matrices == [(made(f"tel:952,,{SECRET}"), plain), (plain, plain)]
    trail = AuditEntry.objects.filter(action="tickets.settings_changed").order_by("pk")
    assert [one.details for one in trail] == [{"code_in_qr": True}, {"code_in_qr": False}]


def test_the_choice_is_the_structures_own(
    lead: Counter, colleague: Counter, stranger: Counter, code: RechargeCode
) -> None:
    lead.post(SETTINGS, qr="code")
    factories.lot("monde", ["1111111111"])
    stranger.order(monde=1)
    theirs = RechargeCode.objects.exclude(pk=code.pk).get()

    mine = colleague.post(path(code), format="print").content.decode()
    other = stranger.post(path(theirs), format="print").content.decode()
    assert (qr_matrix(mine), qr_matrix(other)) == (made(f"tel:952,,{SECRET}"), made("tel:952"))


@pytest.mark.parametrize("choice", ["code", "call", ""])
def test_nobody_but_the_lead_changes_it(lead: Counter, colleague: Counter, choice: str) -> None:
    assert colleague.get(SETTINGS).status_code == 403
    assert colleague.post(SETTINGS, qr=choice).status_code == 403
    assert TicketSettings.objects.count() == 0


@pytest.mark.parametrize("choice", ["", "both"])
def test_a_choice_that_is_none_is_refused(lead: Counter, choice: str) -> None:
    answer = lead.post(SETTINGS, qr=choice)

    assert (answer.status_code, TicketSettings.objects.count()) == (422, 0)


def test_only_the_lead_is_shown_the_way_to_the_settings(
    lead: Counter, colleague: Counter, code: RechargeCode
) -> None:
    pages = [one.get(path(code)).content.decode() for one in (lead, colleague)]

    assert [SETTINGS in page for page in pages] == [True, False]
