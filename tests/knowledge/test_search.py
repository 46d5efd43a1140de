"""The FAQ's search, as people type."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge import ranking, search
from knowledge.models import FaqPage, FaqQuestion, FaqTheme


def asked() -> dict[str, str]:
    """What is typed, and the beginning of the address of the answer that is meant."""
    lines = Path(__file__).with_name("asked.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("|") for line in lines if "|" in line)
    return {typed.strip(): wanted.strip() for typed, wanted in pairs}


ASKED = asked()


def test_the_table_has_sixty_queries_at_least() -> None:
    assert len(ASKED) >= 60


def test_what_people_type_finds_its_answer_in_the_first_three(content: int) -> None:
    found = {
        asked: [result.question.slug for result in search.find(asked, limit=3)] for asked in ASKED
    }
    missed = {
        asked: found[asked]
        for asked, wanted in ASKED.items()
        if not any(slug.startswith(wanted) for slug in found[asked])
    }
    assert missed == {}


def test_what_means_nothing_finds_nothing(content: int) -> None:
    for asked in ("", " ", "a", "le", "%_'\"\\", "' & | ! :* <->", "\x00", "zzzz", "xylophone"):
        assert search.find(asked, limit=30) == []
        assert Client().get("/faq/", {"q": asked}).status_code == 200


def test_a_very_long_question_is_cut(content: int) -> None:
    assert len(search.clean("solde " * 2000)) <= search.MAX_LENGTH
    assert len(search.words_of(" ".join(f"mot{n}" for n in range(50)))) == search.MAX_WORDS
    assert search.find("solde " * 2000, limit=1)[0].question.slug.startswith("comment-connaitre")


def question(theme: FaqTheme, words: str, **fields: object) -> FaqQuestion:
    one = FaqQuestion(theme=theme, question=words, answer="<p>Réponse.</p>", **fields)
    one.full_clean()
    one.save()
    return one


def test_every_letter_there_is_can_be_searched_for(content: int) -> None:
    letters = [chr(code) for code in range(0x110000) if chr(code).isalnum()]
    # One of each hundred, and whatever folds to something else than a letter.
    odd = [one for one in letters if not search.plain(one).isalnum()]
    chosen = [*letters[::100], *odd]
    for start in range(0, len(chosen), search.MAX_WORDS):
        search.find(" ".join(2 * one for one in chosen[start : start + search.MAX_WORDS]), limit=3)
        search.find(chosen[start], limit=3)


@pytest.fixture
def theme(db: None) -> FaqTheme:
    return FaqTheme.objects.create(name="Usage", slug="usage")


def test_only_published_questions_of_published_themes_are_found(theme: FaqTheme) -> None:
    hidden = FaqTheme.objects.create(name="Caché", slug="cache", live=False)
    question(theme, "Le solde publié")
    question(theme, "Le solde en brouillon", live=False)
    question(hidden, "Le solde d’un thème caché")
    found = [str(result.question) for result in search.find("solde", limit=9)]
    assert found == ["Le solde publié"]


def test_every_way_of_writing_keeps_the_index(theme: FaqTheme) -> None:
    one = question(theme, "Ancienne tournure")
    FaqQuestion.objects.filter(pk=one.pk).update(question="Nouvelle formulation")
    assert [len(search.find(word, limit=9)) for word in ("tournure", "formulation")] == [0, 1]


def test_the_words_that_were_meant_are_marked_and_the_rest_is_escaped() -> None:
    marked = search.highlight("Débloquée <b> & réglée", ["debloquer", "regle"])
    assert marked == ("<mark>Débloquée</mark> &lt;b&gt; &amp; <mark>réglée</mark>")


def test_the_number_of_queries_does_not_depend_on_the_results(
    content: int, django_assert_num_queries: CaptureQueriesContext
) -> None:
    for asked in ("iccid", "carte"):
        with django_assert_num_queries(2):
            assert len(search.find(asked, limit=30)) > 1


def test_the_search_stays_fast_with_five_thousand_questions(theme: FaqTheme) -> None:
    words = ("recharge", "carte", "solde", "numéro", "portabilité", "crédit", "ligne", "forfait")
    questions = (
        FaqQuestion(
            theme=theme,
            slug=f"q{n}",
            question=f"Question {n} sur {words[n % 8]} et {words[n // 8 % 8]} {n * 7919}",
            answer=f"<p>Réponse {n} {words[n // 64 % 8]}</p>",
        )
        for n in range(5000)
    )
    FaqQuestion.objects.bulk_create(questions, batch_size=1000)
    times = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_faqquestion")
        for asked in (["portablite"], ["7919"], ["carte", "forfait"]):
            plan = f"EXPLAIN (ANALYZE, FORMAT JSON) {ranking.query(ranking.FAQ)}"
            cursor.execute(plan, ranking.parameters(asked, limit=30))
            times.append(cursor.fetchone()[0][0]["Execution Time"])
    # Milliseconds, on a busy machine; ``make bench`` prints them on a quiet one.
    assert [time < 400 for time in times] == [True, True, True], times


def test_the_page_says_how_many_answers_and_links_each(content: int) -> None:
    html = Client().get("/faq/?q=iccid").content.decode()
    assert "2 réponses pour «&nbsp;iccid&nbsp;»" in html
    assert 'href="/faq/ou-trouver-le-numero-de-serie-iccid-de-la-carte-sim/"' in html
    assert "<mark>ICCID</mark>" in html


def test_htmx_is_answered_with_the_results_alone(content: int) -> None:
    part = Client().get("/faq/?q=iccid", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "2 réponses pour" in part.content.decode()
    whole = Client().get(
        "/faq/?q=iccid", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert "<html" in whole.content.decode()


def test_what_was_typed_is_escaped(content: int) -> None:
    html = Client().get("/faq/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
    assert FaqPage.objects.get().live
