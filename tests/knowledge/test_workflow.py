"""« Relecture », by the real screens: an éditeur submits, a modérateur publishes."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, TaskState
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    rich_text,
    streamfield,
)

from knowledge.models import FaqQuestion, GuidePage, UsefulNumber
from portal.accounts.roles import Role
from tests.factories import MembershipFactory, UserFactory

SUBMIT, PUBLISH = {"action-submit": "1"}, {"action-publish": "1"}
Commits = Callable[..., AbstractContextManager[Any]]


def browser_of(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


@pytest.fixture
def editor(content: int) -> Client:
    return browser_of(Role.EDITOR)


@pytest.fixture
def moderator(content: int) -> Client:
    return browser_of(Role.MODERATOR)


@pytest.fixture
def partner(content: int) -> Client:
    client = Client()
    client.force_login(MembershipFactory().user)
    return client


def number_form(**changes: str) -> dict[str, str]:
    fields = {
        "number": "950",
        "label": "pour consulter le solde",
        "provider": "sfr",
        "network": "",
        "cost": "",
        "hours": "",
        "position": "30",
        "go_live_at": "",
        "expire_at": "",
    }
    return fields | changes


def answer_form(question: FaqQuestion, answer: str) -> dict[str, str]:
    fields = {
        "question": question.question,
        "answer": rich_text(f"<p>{answer}</p>"),
        "theme": str(question.theme_id),
        "keywords": question.keywords,
        "slug": question.slug,
        "position": str(question.position),
        "go_live_at": "",
        "expire_at": "",
    }
    return nested_form_data(fields)


def guide_form(**changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Imprimer un guide",
        "slug": "imprimer-un-guide",
        "theme": "techniques",
        "summary": "Imprimer, et remettre à la personne.",
        "body": streamfield([("text", rich_text("<p>Ouvrez le guide, puis imprimez.</p>"))]),
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "comments": inline_formset([]),
    }
    return nested_form_data(fields | changes)


def edit_url(thing: Any) -> str:
    if isinstance(thing, Page):
        return reverse("wagtailadmin_pages:edit", args=[thing.pk])
    return reverse(thing.snippet_viewset.get_url_name("edit"), args=[thing.pk])


def approve(client: Client, thing: Any) -> int:
    """Approve what waits for ``thing``, as the button does; return the status of the answer."""
    state = TaskState.objects.get(status=TaskState.STATUS_IN_PROGRESS)
    if isinstance(thing, Page):
        args = [thing.pk, "approve", state.pk]
        url = reverse("wagtailadmin_pages:workflow_action", args=args)
    else:
        name = thing.snippet_viewset.get_url_name("workflow_action")
        url = reverse(name, args=[thing.pk, "approve", state.pk])
    return client.post(url).status_code


def test_a_useful_number_goes_from_the_editeur_to_the_partner(
    editor: Client,
    moderator: Client,
    partner: Client,
    django_capture_on_commit_callbacks: Commits,
) -> None:
    number = UsefulNumber.objects.get(number="950")
    assert "le tout nouveau solde" not in partner.get("/aide/").content.decode()
    form = number_form(label="pour le tout nouveau solde") | SUBMIT
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.post(edit_url(number), form).status_code == 302
    assert "le tout nouveau solde" not in partner.get("/aide/").content.decode()
    assert "950 pour le tout nouveau" in moderator.get("/gestion/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert approve(moderator, number) == 302
    assert "le tout nouveau solde" in partner.get("/aide/").content.decode()


def test_an_answer_goes_from_the_editeur_to_the_partner(
    editor: Client,
    moderator: Client,
    partner: Client,
    django_capture_on_commit_callbacks: Commits,
) -> None:
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    address = "/faq/a-quoi-sert-le-963/"
    partner.get(address)
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(edit_url(question), answer_form(question, "Une réponse neuve.") | SUBMIT)
    assert "Une réponse neuve." not in partner.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        approve(moderator, question)
    assert "Une réponse neuve." in partner.get(address).content.decode()
    assert "Une réponse <mark>neuve" in partner.get("/faq/?q=neuve").content.decode()


def test_a_guide_goes_from_the_editeur_to_the_partner(
    editor: Client,
    moderator: Client,
    partner: Client,
    django_capture_on_commit_callbacks: Commits,
) -> None:
    index = Page.objects.get(slug="ressources")
    url = reverse("wagtailadmin_pages:add", args=["knowledge", "guidepage", index.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.post(url, guide_form() | SUBMIT).status_code == 302
    guide = GuidePage.objects.get(slug="imprimer-un-guide")
    assert (guide.live, partner.get(guide.url).status_code) == (False, 404)
    assert editor.get(edit_url(guide)).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert approve(moderator, guide) == 302
    assert "puis imprimez" in partner.get(guide.url).content.decode()
    assert "Imprimer un guide" in partner.get("/ressources/").content.decode()


@pytest.mark.parametrize("kind", ["number", "question", "guide"])
def test_an_editeur_cannot_publish(editor: Client, kind: str) -> None:
    things = {
        "number": (UsefulNumber.objects.get(number="950"), number_form(label="autre chose")),
        "guide": (
            GuidePage.objects.get(slug="acheter-des-recharges"),
            guide_form(title="Autre chose", slug="acheter-des-recharges"),
        ),
    }
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    things["question"] = (question, answer_form(question, "Autre chose."))
    thing, form = things[kind]
    before = str(thing), thing.live_revision_id
    editor.post(edit_url(thing), form | PUBLISH)
    thing.refresh_from_db()
    assert (str(thing), thing.live_revision_id) == before
    html = editor.get(edit_url(thing)).content.decode()
    assert [f'name="{action}"' in html for action in ("action-submit", "action-publish")] == [
        True,
        False,
    ]


def test_an_editeur_cannot_approve(editor: Client) -> None:
    number = UsefulNumber.objects.get(number="950")
    editor.post(edit_url(number), number_form(label="autre chose") | SUBMIT)
    approve(editor, number)
    number.refresh_from_db()
    assert number.label == "pour consulter le solde en temps réel"
    assert TaskState.objects.get().status == TaskState.STATUS_IN_PROGRESS


def test_a_moderateur_publishes_at_once(moderator: Client) -> None:
    number = UsefulNumber.objects.get(number="950")
    moderator.post(edit_url(number), number_form(label="pour le solde") | PUBLISH)
    number.refresh_from_db()
    assert number.label == "pour le solde"


@pytest.mark.parametrize("role", [Role.PARTNER, Role.REFERENT, Role.OPERATOR, Role.ADMINISTRATOR])
def test_other_roles_write_nothing(content: int, role: Role) -> None:
    client = browser_of(role)
    number = UsefulNumber.objects.get(number="950")
    client.post(edit_url(number), number_form(label="autre chose") | PUBLISH)
    guide = GuidePage.objects.get(slug="acheter-des-recharges")
    client.post(edit_url(guide), guide_form(title="Autre chose") | PUBLISH)
    found = (UsefulNumber.objects.get(pk=number.pk).label, GuidePage.objects.get(pk=guide.pk).title)
    assert found == (number.label, guide.title)


@pytest.mark.parametrize("model", [UsefulNumber, FaqQuestion])
def test_previews_are_drawn(editor: Client, model: Any) -> None:
    thing = model.objects.order_by("pk").first()
    url = reverse(thing.snippet_viewset.get_url_name("preview_on_edit"), args=[thing.pk])
    form = (
        number_form(label="en aperçu") if model is UsefulNumber else answer_form(thing, "en aperçu")
    )
    assert editor.post(url, form).json()["is_valid"] is True
    assert "en aperçu" in editor.get(url).content.decode()


def test_a_guide_is_previewed_as_the_partner_will_see_it(editor: Client) -> None:
    guide = GuidePage.objects.get(slug="acheter-des-recharges")
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[guide.pk])
    form = guide_form(title="Titre en aperçu", slug="acheter-des-recharges")
    assert editor.post(url, form).json()["is_valid"] is True
    assert "<h1>Titre en aperçu</h1>" in editor.get(url).content.decode()


def test_hostile_rich_text_is_cleaned(moderator: Client, partner: Client) -> None:
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    hostile = '<p>Oui<script>alert(1)</script><a href="javascript:alert(2)">ici</a></p>'
    form = nested_form_data({"answer": rich_text(hostile)})
    moderator.post(edit_url(question), answer_form(question, "x") | form | PUBLISH)
    html = partner.get("/faq/a-quoi-sert-le-963/").content.decode().split("<main")[1]
    assert ["<script>alert" in html, "javascript:" in html] == [False, False]


def test_the_lists_of_editors_tell_drafts_from_what_is_published(editor: Client) -> None:
    FaqQuestion.objects.exclude(pk=FaqQuestion.objects.earliest("pk").pk).delete()
    FaqQuestion.objects.update(live=False)
    lists = ("faq/questions", "faq/themes", "numeros-utiles", "estimateur/usages")
    drawn = [editor.get(f"/gestion/{one}/").content.decode() for one in lists]
    told = [set(re.findall(r'class="w-status[^>]*>\s*(\w+)', html)) for html in drawn]
    assert told == [{"brouillon"}, {"publiée"}, {"publiée"}, {"publiée"}]
