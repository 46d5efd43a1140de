"""What the FAQ learns from its readers: openings, « utile ? », searches that found nothing."""

import datetime as dt
import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge import faq_use, search, tasks
from knowledge.models import FaqFile, FaqOpening, FaqQuestion, FaqTheme, FaqVote, MissedSearch
from portal.accounts.roles import Role
from tests.factories import MembershipFactory, UserFactory

SOLDE = "comment-connaitre-le-solde-de-la-ligne"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> None:
    cache.clear()


def member() -> Client:
    client = Client()
    client.force_login(MembershipFactory().user)
    return client


def openings() -> list[tuple[str, int]]:
    return list(FaqOpening.objects.order_by("pk").values_list("question__slug", "count"))


def test_an_opening_counts_once_a_session_and_by_day(content: int) -> None:
    client, other = member(), member()
    answers = [one.post(f"/faq/{SOLDE}/ouverte/") for one in (client, client, other)]
    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert openings() == [(SOLDE, 2)]


def test_strangers_and_robots_count_for_nothing_and_get_no_cookie(content: int) -> None:
    client = Client()
    assert client.post(f"/faq/{SOLDE}/ouverte/").status_code == 204
    assert client.post("/faq/sans-reponse/?q=xylophone").status_code == 204
    assert (openings(), MissedSearch.objects.count(), client.cookies.keys()) == ([], 0, set())


def test_reading_a_page_counts_nothing_by_itself(content: int) -> None:
    client = member()
    client.get(f"/faq/{SOLDE}/")
    client.get("/faq/")
    assert openings() == []
    assert client.get(f"/faq/{SOLDE}/ouverte/").status_code == 405
    assert client.post("/faq/rien/ouverte/").status_code == 404


def test_answers_that_people_open_come_first_among_those_that_fit_as_well(db: None) -> None:
    theme = FaqTheme.objects.create(name="Usage", slug="usage")
    first, second, other = [
        FaqQuestion.objects.create(theme=theme, question=words, answer=text, slug=slug)
        for slug, words, text in (
            ("a", "La girafe du matin", "<p>Oui.</p>"),
            ("b", "La girafe du soir", "<p>Oui.</p>"),
            ("c", "Autre chose", "<p>Une girafe.</p>"),
        )
    ]

    def order() -> list[str]:
        return [result.question.slug for result in search.find("girafe", limit=9)]

    before = order()
    today = timezone.localdate()
    FaqOpening.objects.create(question=second, day=today, count=40)
    FaqOpening.objects.create(question=other, day=today, count=9_000)
    by_use = order()
    FaqOpening.objects.update(day=today - dt.timedelta(days=91))
    assert (before, by_use, order()) == (["a", "b", "c"], ["b", "a", "c"], ["a", "b", "c"])
    assert first.openings.count() == 0


def feedback(client: Client, **data: str) -> int:
    return client.post(f"/faq/{SOLDE}/avis/", data).status_code


def votes() -> list[tuple[bool, str]]:
    return [(one.useful, one.why) for one in FaqVote.objects.order_by("pk")]


def test_somebody_says_whether_an_answer_helped_once_a_session_and_why(content: int) -> None:
    client, other = member(), Client()
    assert feedback(client, useful="no") == 200
    assert feedback(client, useful="no", why="Il manque les horaires") == 302
    assert feedback(client, useful="yes") == 200
    assert feedback(other, useful="yes") == 200
    assert votes() == [(True, "Il manque les horaires"), (True, "")]


def test_why_is_encrypted_in_the_database(content: int) -> None:
    feedback(member(), useful="no", why="Il manque les horaires")
    with connection.cursor() as cursor:
        cursor.execute("SELECT why FROM knowledge_faqvote")
        assert "horaires" not in cursor.fetchone()[0]


def test_a_wrong_answer_is_refused_and_keeps_nothing(content: int) -> None:
    client = member()
    assert feedback(client) == feedback(client, useful="perhaps") == 422
    assert feedback(client, useful="no", why="x" * 501) == 422
    assert feedback(client, useful="no", why="a\0b") == 422
    asked_again = client.post(f"/faq/{SOLDE}/avis/", {"useful": '"><script>'}).content.decode()
    assert 'name="useful" value="yes"' in asked_again
    assert votes() == []


def test_why_is_said_to_be_optional_once(content: int) -> None:
    page = member().post(f"/faq/{SOLDE}/avis/", {"useful": "no"}).content.decode()
    assert page.count("(facultatif)") == 1


def test_an_address_has_its_share_of_answers(content: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faq_use, "VOTES_AN_HOUR", 1)
    assert [feedback(Client(), useful="yes") for _ in range(2)] == [200, 429]


def test_the_question_needs_a_token_and_the_kept_page_holds_none(content: int) -> None:
    client = Client(enforce_csrf_checks=True)
    assert feedback(client, useful="yes") == 403
    page = client.get(f"/faq/{SOLDE}/").content.decode()
    assert "csrfmiddlewaretoken" not in page
    assert f'data-hx-get="/faq/{SOLDE}/avis/"' in page
    part = client.get(f"/faq/{SOLDE}/avis/", headers={"HX-Request": "true"}).content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', part)[0]
    assert "<html" not in part
    assert feedback(client, useful="yes", csrfmiddlewaretoken=token) == 200


def test_without_javascript_the_question_has_a_page(content: int) -> None:
    html = Client().get(f"/faq/{SOLDE}/avis/").content.decode()
    assert "<h1>Votre avis sur une réponse</h1>" in html
    assert 'name="useful" value="no"' in html


def test_a_search_without_result_is_counted_once_a_session(content: int) -> None:
    one, other = member(), member()
    for client in (one, one, other):
        client.post("/faq/sans-reponse/?q=Xylophone+à+clés")
    assert list(MissedSearch.objects.values_list("words", "count")) == [("xylophone cles", 2)]


def test_without_javascript_the_page_itself_counts_it(content: int) -> None:
    assert member().get("/faq/?q=xylophone").status_code == 200
    assert member().get("/recherche/?q=xylophone").status_code == 200
    assert list(MissedSearch.objects.values_list("words", "count")) == [("xylophone", 2)]


def test_as_one_types_the_results_count_nothing(content: int) -> None:
    html = member().get("/faq/?q=xylo", headers={"HX-Request": "true"}).content.decode()
    assert MissedSearch.objects.count() == 0
    assert 'data-hx-post="/faq/sans-reponse/?q=xylo" data-hx-trigger="load delay:2s"' in html


@pytest.mark.parametrize(
    "typed",
    ["0612345678", "xylo 06 12 34 56 78", "xylo 1234.56", "xylo@exemple.fr", "solde", "", "%_'\""],
)
def test_numbers_addresses_and_what_is_found_are_not_kept(content: int, typed: str) -> None:
    member().post("/faq/sans-reponse/", QUERY_STRING=f"q={typed}".replace("%_", "%25_"))
    assert MissedSearch.objects.count() == 0


def test_a_flood_of_searches_stops(content: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faq_use, "MAX_MISSES", 1)
    client = member()
    for words in ("xylophone", "zygomatique"):
        client.post(f"/faq/sans-reponse/?q={words}")
    assert list(MissedSearch.objects.values_list("words", flat=True)) == ["xylophone"]


def test_after_a_year_it_is_forgotten_and_so_is_what_is_answered(content: int) -> None:
    question = FaqQuestion.objects.get(slug=SOLDE)
    today = timezone.localdate()
    old, recent = today - dt.timedelta(days=366), today - dt.timedelta(days=300)
    for day in (old, recent):
        FaqOpening.objects.create(question=question, day=day)
        vote = FaqVote.objects.create(question=question, useful=True)
        FaqVote.objects.filter(pk=vote.pk).update(at=timezone.now() - (today - day))
        MissedSearch.objects.create(words=f"xylophone {day.year}{day.month}", last_on=day)
    MissedSearch.objects.create(words="solde", last_on=today)
    file = FaqFile.objects.create(name="f.csv", by=UserFactory(role=Role.EDITOR))
    FaqFile.objects.update(uploaded_at=timezone.now() - dt.timedelta(days=31))
    for _ in range(2):
        tasks.purge_faq()
    kept = [FaqOpening.objects.get().day, MissedSearch.objects.get().last_on]
    assert (kept, FaqVote.objects.count()) == ([recent, recent], 1)
    assert not FaqFile.objects.filter(pk=file.pk).exists()


def data_of(html: str) -> list[dict[str, object]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    data = json.loads(found[0])
    assert (data["@context"], data["@type"]) == ("https://schema.org", "FAQPage")
    return list(data["mainEntity"])


def test_pages_say_to_machines_which_questions_they_answer(content: int) -> None:
    shown = data_of(Client().get("/faq/").content.decode())
    assert len(shown) == 28
    one = data_of(Client().get(f"/faq/{SOLDE}/").content.decode())
    assert [entry["name"] for entry in one] == ["Comment connaître le solde de la ligne\u00a0?"]
    answer = one[0]["acceptedAnswer"]
    assert isinstance(answer, dict)
    assert answer["text"].startswith("<p>En appelant le <b>950</b>")


def test_an_answer_cannot_end_the_data_of_its_page(content: int) -> None:
    theme = FaqTheme.objects.get(slug="usage")
    words = "</script><script>alert(1)</script>"
    FaqQuestion.objects.create(theme=theme, question=words, answer="<p>x</p>", slug="pirate")
    html = Client().get("/faq/pirate/").content.decode()
    assert [entry["name"] for entry in data_of(html)] == [words]
    assert "<script>alert" not in html


def staff(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def test_editors_see_what_was_searched_in_vain_and_write_from_there(content: int) -> None:
    today = timezone.localdate()
    MissedSearch.objects.create(words="xylophone cles", count=7, last_on=today)
    client = staff(Role.EDITOR)
    html = client.get("/gestion/faq/suivi/").content.decode()
    assert "<td>xylophone cles</td><td>7</td>" in html
    assert "/gestion/faq/questions/add/?mots=xylophone%20cles" in html
    form = client.get("/gestion/faq/questions/add/?mots=xylophone%20cles").content.decode()
    assert 'name="keywords" value="xylophone cles"' in form
    client.post("/gestion/faq/suivi/", {"pk": str(MissedSearch.objects.get().pk)})
    assert MissedSearch.objects.count() == 0


def test_editors_see_what_readers_say_those_that_help_least_first(content: int) -> None:
    solde = FaqQuestion.objects.get(slug=SOLDE)
    other = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    FaqVote.objects.create(question=other, useful=True)
    for useful, why in ((True, ""), (False, "Trop <long>"), (False, "")):
        FaqVote.objects.create(question=solde, useful=useful, why=why)
    FaqOpening.objects.create(question=solde, day=timezone.localdate(), count=12)
    client = staff(Role.MODERATOR)
    html = client.get("/gestion/faq/suivi/avis/").content.decode()
    rows = re.findall(r"</a></td><td>(\d+)</td><td>(\d+)</td><td>(\d+)&nbsp;%</td><td>(\d+)<", html)
    assert rows == [("1", "2", "33", "12"), ("1", "0", "100", "0")]
    said = client.get(f"/gestion/faq/suivi/avis/{solde.pk}/").content.decode()
    assert "Trop &lt;long&gt;" in said


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_lists_cost_the_same_whatever_they_hold(content: int) -> None:
    client = staff(Role.EDITOR)
    addresses = ("/gestion/faq/suivi/", "/gestion/faq/suivi/avis/")
    costs = []
    for questions in (FaqQuestion.objects.all()[:1], FaqQuestion.objects.all()[1:6]):
        for one in questions:
            FaqVote.objects.create(question=one, useful=True)
            MissedSearch.objects.create(words=one.slug, last_on=timezone.localdate())
        [client.get(address) for address in addresses]
        costs.append([queries_of(client, address) for address in addresses])
    assert costs[0] == costs[1]
