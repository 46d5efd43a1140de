"""« Délais et volumes »: who reads them, what the page and the files say."""

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from activation import moves
from activation.backoffice.figures_shown import charts, duration, share
from activation.figures import Figures, Kind, Report, Share
from activation.models import ActivationSettings
from activation.rules import delays
from activation.states import State
from portal.accounts.roles import Role
from portal.structures.models import Structure
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db
PAGE = reverse("activation_figures:index")
EXPORT = reverse("activation_figures:export")
NOW = dt.datetime(2026, 11, 18, 15, tzinfo=delays.PARIS)


def plain(*words: str) -> tuple[str, ...]:
    """Return texts with ordinary spaces."""
    return tuple(one.replace("\u00a0", " ") for one in words)


def text(answer: object) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined, no-any-return]


def sent_and_activated(within: Structure, *, after: float, **fields: str) -> None:
    """Send a request a week ago, and activate it ``after`` hours."""
    start = NOW - dt.timedelta(days=7)
    operator = factories.operator()
    with time_machine.travel(start, tick=False):
        made = factories.request(within=within, **fields)
    with time_machine.travel(start + dt.timedelta(hours=after), tick=False):
        moves.move(made, State.IN_PROGRESS, by=operator)
        line = {"line_number": "+33755667788"}
        moves.move(made, State.ACTIVATED, by=operator, changes=line)


@pytest.fixture
def client() -> Client:
    return logged_in(factories.user(Role.REFERENT))


@pytest.fixture
def lille() -> Structure:
    return factories.structure(name="CCAS de Lille")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REFERENT, 200),
        (Role.OPERATOR, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.EDITOR, 302),
        (Role.MODERATOR, 302),
    ],
)
def test_referents_operators_and_administrators_read_the_figures(role: Role, status: int) -> None:
    client = logged_in(factories.user(role))
    assert [client.get(page).status_code for page in (PAGE, EXPORT)] == [status] * 2
    menu = text(client.get("/gestion/account/"))
    assert ("/gestion/activations-chiffres/" in menu) == (status == 200)


def test_the_page_tells_delays_and_shares_by_week_and_structure(
    client: Client, lille: Structure
) -> None:
    for hours in (2, 4, 30):
        sent_and_activated(lille, after=hours)
    sent_and_activated(lille, after=70, rio=factories.rio_of("0612345678"))
    with time_machine.travel(NOW, tick=False):
        answer = client.get(PAGE)
    context = answer.context
    new, kept = context["totals"]
    assert (new.figures.sent, *plain(new.median, new.slowest)) == (3, "4 h 00", "27 h 24")
    assert plain(new.treated, new.active) == ("66,7 % (2 sur 3)", "100 % (3 sur 3)")
    assert plain(kept.treated, kept.active) == ("0 % (0 sur 1)", "100 % (1 sur 1)")
    weeks = {week.label: week.figures.sent for week in context["weeks"]}
    assert (len(weeks), weeks["9 novembre 2026"], sum(weeks.values())) == (12, 3, 3)
    assert [row.label for row in context["structures"]] == ["CCAS de Lille"]
    page = text(answer)
    assert "du <strong>lundi 31 août 2026</strong> au <strong>dimanche 22 novembre 2026" in page
    assert 'aria-label="Délai d’activation, par semaine. Le plus haut : 27 h 24.' in page


def test_the_figures_are_those_of_the_dates_structure_and_kind_asked_for(
    client: Client, lille: Structure
) -> None:
    sent_and_activated(lille, after=2)
    sent_and_activated(factories.structure(), after=4)
    sent_and_activated(factories.structure(), after=6, rio=factories.rio_of("0612345678"))
    asked = {"du": "2026-11-09", "au": "2026-11-15", "structure": str(lille.pk)}
    with time_machine.travel(NOW, tick=False):
        context = client.get(PAGE, asked).context
        others = client.get(PAGE, {**asked, "structure": "", "demandes": "garde"}).context
        none = client.get(PAGE, {**asked, "du": "2026-11-02", "au": "2026-11-08"})
    assert plain(*(week.median for week in context["weeks"])) == ("2 h 00",)
    assert context["structures"] is None
    assert plain(*(week.median for week in others["weeks"])) == ("6 h 00",)
    assert (none.status_code, none.context["charts"]) == (200, [])
    assert "Aucune demande de cette sorte sur cette période" in text(none)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"du": "2026-11-09", "au": "2026-10-01"}, "La période finit avant de commencer"),
        ({"du": "2024-11-09", "au": "2026-10-01"}, "La période dépasse un an"),
        ({"du": "9 novembre"}, "Indiquez une date, par exemple 31/12/2026."),
        ({"structure": "0"}, "Cette structure n’existe pas. Choisissez-en une autre."),
        ({"demandes": "x"}, "Choisissez l’une des deux sortes de demandes."),
    ],
)
def test_what_cannot_be_asked_is_told(client: Client, asked: dict[str, str], sentence: str) -> None:
    for page in (PAGE, EXPORT):
        answer = client.get(page, asked)
        assert (answer.status_code, sentence in text(answer)) == (400, True)


def test_the_file_holds_both_kinds_whole_by_week_and_by_structure(
    client: Client, lille: Structure
) -> None:
    sent_and_activated(lille, after=2.5)
    asked = {"du": "2026-11-09", "au": "2026-11-15", "format": "csv"}
    with time_machine.travel(NOW, tick=False):
        answer = client.get(EXPORT, asked)
        sheet = client.get(EXPORT, {**asked, "format": "xlsx"})
    name = 'attachment; filename="activations-2026-11-09-2026-11-15'
    assert (answer["Content-Disposition"], sheet["Content-Disposition"]) == (
        f'{name}.csv"',
        f'{name}.xlsx"',
    )
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    found = list(csv.reader(io.StringIO(content), delimiter=";"))[1:]
    figures = ["1", "1", "1", "1", "0", "2,5", "2,5", "1", "1"]
    empty = ["0", "0", "0", "0", "0", "", "", "0", "0"]
    assert found == [
        ["Nouveau numéro", "Ensemble", "", *figures],
        ["Nouveau numéro", "Semaine", "09/11/2026", *figures],
        ["Nouveau numéro", "Structure", "CCAS de Lille", *figures],
        ["Numéro gardé (portabilité)", "Ensemble", "", *empty],
        ["Numéro gardé (portabilité)", "Semaine", "09/11/2026", *empty],
    ]
    assert load_workbook(io.BytesIO(sheet.content)).active.max_row == 6  # type: ignore[union-attr]


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_costs_a_constant_number_of_queries(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        factories.request()
    client.get(PAGE)
    with django_assert_num_queries(12):
        client.get(PAGE)


def test_structures_are_shown_by_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activation.backoffice.figures.PER_PAGE", 2)
    for _ in range(3):
        factories.request()
    assert len(client.get(PAGE).context["structures"]) == 2
    second = client.get(PAGE, {"demandes": "nouveau", "page": "2"})
    assert len(second.context["structures"]) == 1
    assert "?demandes=nouveau&amp;page=1#structures" in text(second)


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(None, "–"), (42, "42 min"), (312, "5 h 12"), (47 * 60 + 59, "47 h 59"), (4500, "3 j 3 h")],
)
def test_delays_are_written_as_people_say_them(minutes: int | None, written: str) -> None:
    span = None if minutes is None else dt.timedelta(minutes=minutes)
    assert duration(span).replace("\u00a0", " ") == written


def test_shares_are_written_with_what_they_are_of() -> None:
    assert share(Share()) == "–"
    assert share(Share(27, 28)).replace("\u00a0", " ") == "96,4 % (27 sur 28)"


def test_the_bars_are_as_high_as_the_figures() -> None:
    monday = dt.date(2026, 11, 9)
    found = Figures(
        sent=4,
        median=dt.timedelta(hours=10),
        slowest=dt.timedelta(hours=40),
        treated=Share(1, 2),
    )
    report = Report(total=found, weeks={monday: found, monday + dt.timedelta(7): Figures()})
    spans, shares = charts(report, ActivationSettings.load(), Kind.NEW)
    assert [(bar.rank, bar.x, bar.y, bar.height) for bar in spans.bars] == [
        (0, 3, 75, 25),
        (1, 10, 0, 100),
    ]
    assert [(bar.rank, bar.height) for bar in shares.bars] == [(0, 50)]
    assert (spans.width, spans.labels) == (40, ["9 nov.", "16 nov."])
