"""Each role does exactly its part of what is written: every act, tried by everybody."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site, TaskState, Workflow
from wagtail.test.utils.form_data import nested_form_data, streamfield

from knowledge.models import GuidePage
from portal.accounts.roles import Role
from portal.pages.models import Licence, MenuSettings, Picture, PublisherSettings
from tests.factories import UserFactory
from tests.knowledge.test_workflow import PUBLISH, SUBMIT, approve, edit_url, guide_form
from tests.pages.people import browser_of
from tests.pages.test_library import picture_form, png

WRITES = {"create", "submit", "upload", "preview"}
PUBLISHES = {"approve", "publish", "unpublish", "lock", "delete", "picture", "redirect", "menus"}
PARTS = {
    Role.EDITOR: WRITES,
    Role.MODERATOR: WRITES | PUBLISHES,
    Role.ADMINISTRATOR: {"publisher"},
    Role.REFERENT: set(),
    Role.OPERATOR: set(),
    Role.PARTNER: set(),
}


def guide(slug: str) -> GuidePage:
    return GuidePage.objects.get(slug=slug)


def page_act(client: Client, name: str, page: Page, **form: str) -> None:
    client.post(reverse(f"wagtailadmin_pages:{name}", args=[page.pk]), form)


def create(client: Client) -> bool:
    index = Page.objects.get(slug="ressources")
    url = reverse("wagtailadmin_pages:add", args=["knowledge", "guidepage", index.pk])
    client.post(url, guide_form())
    return GuidePage.objects.filter(slug="imprimer-un-guide", live=False).exists()


def submit(client: Client) -> bool:
    page = guide("acheter-des-recharges")
    client.post(edit_url(page), guide_form(slug=page.slug, title="Soumis") | SUBMIT)
    return bool(page.workflow_in_progress)


def accept(client: Client) -> bool:
    TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).delete()
    page = guide("activer-une-carte-sim")
    page.title = "Approuvé"
    page.save_revision()
    Workflow.objects.get(name="Relecture").start(page, UserFactory(role=Role.EDITOR))
    approve(client, page)
    return guide("activer-une-carte-sim").title == "Approuvé"


def publish(client: Client) -> bool:
    page = guide("gerer-son-compte")
    client.post(edit_url(page), guide_form(slug=page.slug, title="Publié") | PUBLISH)
    return guide("gerer-son-compte").title == "Publié"


def unpublish(client: Client) -> bool:
    page_act(client, "unpublish", Page.objects.get(slug="accessibilite"))
    return not Page.objects.get(slug="accessibilite").live


def lock(client: Client) -> bool:
    page_act(client, "lock", Page.objects.get(slug="faq"))
    return bool(Page.objects.get(slug="faq").locked)


def delete(client: Client) -> bool:
    page_act(client, "delete", guide("comprendre-les-besoins"))
    return not GuidePage.objects.filter(slug="comprendre-les-besoins").exists()


def preview(client: Client) -> bool:
    page = guide("choisir-une-recharge")
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    answer = client.post(url, guide_form(slug=page.slug))
    return answer.status_code == 200 and answer.json()["is_valid"]


def upload(client: Client) -> bool:
    client.post("/gestion/images/add/", picture_form())
    return Picture.objects.filter(title="Carte SIM").exists()


def change_picture(client: Client) -> bool:
    picture = Picture.objects.create(
        title="D’un autre",
        description="Rien.",
        licence=Licence.OWN,
        file=SimpleUploadedFile("autre.png", png()),
    )
    form = picture_form(title="Changée", file="")
    client.post(f"/gestion/images/{picture.pk}/", form)
    return Picture.objects.get(pk=picture.pk).title == "Changée"


def redirect(client: Client) -> bool:
    form = {"old_path": "/vieux", "site": "", "is_permanent": "on", "redirect_link": ""}
    faq = Page.objects.get(slug="faq")
    client.post("/gestion/redirects/add/", form | {"redirect_page": str(faq.pk)})
    return Redirect.objects.filter(old_path="/vieux").exists()


def menus(client: Client) -> bool:
    link = {"label": "La FAQ", "page": "", "address": "/faq/"}
    form = nested_form_data({"footer": streamfield([("link", link)])})
    client.post(f"/gestion/settings/pages/menusettings/{Site.objects.get().pk}/", form)
    return [link.label for row in MenuSettings.objects.all() for link in row.links()] == ["La FAQ"]


def publisher(client: Client) -> bool:
    form = {"name": "Nom neuf", "legal_form": "Association", "email": "a@example.org"}
    client.post(f"/gestion/settings/pages/publishersettings/{Site.objects.get().pk}/", form)
    return PublisherSettings.objects.filter(name="Nom neuf").exists()


ACTS = {
    "create": create,
    "submit": submit,
    "approve": accept,
    "publish": publish,
    "unpublish": unpublish,
    "lock": lock,
    "delete": delete,
    "preview": preview,
    "upload": upload,
    "picture": change_picture,
    "redirect": redirect,
    "menus": menus,
    "publisher": publisher,
}


@pytest.mark.parametrize("role", PARTS)
def test_each_role_does_exactly_its_part(
    content: int, role: Role, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = browser_of(role)
    done = {name for name, act in ACTS.items() if act(client)}
    assert done == PARTS[role]


def test_an_editeur_may_take_back_a_page_that_was_never_published(content: int) -> None:
    client = browser_of(Role.EDITOR)
    assert create(client)
    page_act(client, "delete", guide("imprimer-un-guide"))
    assert not GuidePage.objects.filter(slug="imprimer-un-guide").exists()


def test_a_locked_page_takes_nothing_from_an_editeur(content: int) -> None:
    page = guide("acheter-des-recharges")
    page_act(browser_of(Role.MODERATOR), "lock", page)
    assert not submit(browser_of(Role.EDITOR))
