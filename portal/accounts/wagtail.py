"""People in the back office: administrators invite, change and disable them, over our services.

Wagtail's own screens would let an administrator choose somebody's password, make superusers and
change their own roles; and its bulk actions write past the rules (`portal.accounts.urls` closes
them).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.users.views import users as views

from portal.accounts import services
from portal.accounts.forms import PersonEditForm, PersonForm
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.ui.errors import DomainError


class PeoplePolicy(ModelPermissionPolicy):
    """The model's permissions; superusers are shown to superusers only."""

    def user_has_permission_for_instance(self, user: User, action: str, instance: User) -> bool:
        """Refuse everything on a superuser's account to those who are none."""
        if instance.is_superuser and not user.is_superuser:
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


def role_names(user: User) -> str:
    """Return the roles of ``user`` in words, from prefetched groups."""
    names = {str(role) for role in Role}
    return ", ".join(sorted(group.name for group in user.groups.all() if group.name in names))


class PeopleFilterSet(views.UserFilterSet):
    """State, last login and role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out what our people do not have."""
        super().__init__(*args, **kwargs)
        del self.filters["is_superuser"]
        self.filters["group"].label = "Rôle"
        self.filters["group"].extra["queryset"] = Group.objects.filter(name__in=list(Role))

    class Meta(views.UserFilterSet.Meta):
        """The same model."""


class IndexView(views.IndexView):
    """People, with their roles."""

    page_title = "Personnes"
    add_item_label = "Inviter une personne"

    @property
    def columns(self) -> list[Column]:
        """Return name, address, roles, state and last login; no box to tick."""
        return [
            self._get_title_column_class(TitleColumn)(
                "name",
                accessor=str,
                label="Nom",
                sort_key="name",
                get_url=self.get_edit_url,
            ),
            Column("email", label="Adresse e-mail", sort_key="email"),
            Column("roles", accessor=role_names, label="Rôles"),
            BooleanColumn("is_active", label="Actif", sort_key="is_active"),
            DateColumn("last_login", label="Dernière connexion", sort_key="last_login"),
        ]

    def get_base_queryset(self) -> "QuerySet[User]":
        """Return the people whom the visitor may manage."""
        people: QuerySet[User] = super().get_base_queryset().prefetch_related("groups")
        return people if self.request.user.is_superuser else people.filter(is_superuser=False)


class CreateView(views.CreateView):
    """Invite: a link to choose a password leaves by e-mail."""

    page_title = "Inviter une personne"
    submit_button_label = "Envoyer l’invitation"
    success_message = "L’invitation de %(object)s est partie."

    def save_instance(self) -> User:
        """Invite the person."""
        user = services.invite(by=self.request.user, **self.form.cleaned_data)
        log(instance=user, action="wagtail.create", content_changed=True)
        return user


class EditView(views.EditView):
    """Change a person: each thing by its own rule."""

    success_message = "Les informations de %(object)s sont enregistrées."
    error_message = "Il y a quelque chose à corriger."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse an account that the visitor may not manage: Wagtail asks of the model only."""
        if not self.user_has_permission_for_instance("change", self.object):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @property
    def header_more_buttons(self) -> list[Button]:
        """Add what is done after a confirmation, where it makes sense."""
        buttons: list[Button] = super().header_more_buttons
        person = self.object
        wanted = {
            "inviter": person.is_active and not person.has_usable_password(),
            "retirer-double-authentification": person != self.request.user
            and is_mfa_enabled(person),
        }
        return buttons + [
            Button(
                ACTS[act].title,
                url=reverse("wagtailusers_users:act", args=[person.pk, act]),
                icon_name="mail" if act == "inviter" else "lock-open",
                priority=5,
            )
            for act, shown in wanted.items()
            if shown
        ]

    def save_instance(self) -> User:
        """Apply what changed through the services."""
        changed, data = set(self.form.changed_data), self.form.cleaned_data
        by = self.request.user
        # As it stands in the database: validating the form has written on the form's own.
        user = User.objects.select_for_update().get(pk=self.object.pk)
        details = ("first_name", "last_name", "phone")
        if changed.intersection(details):
            services.change_details(by=by, user=user, **{name: data[name] for name in details})
        if "email" in changed:
            services.change_email(by=by, user=user, email=data["email"])
        if "roles" in changed:
            services.set_roles(by=by, user=user, roles=data["roles"])
        if "is_active" in changed:
            change_state = services.enable if data["is_active"] else services.disable
            change_state(by=by, user=user)
        self.has_content_changes = bool(changed)
        log(instance=user, action="wagtail.edit", content_changed=bool(changed))
        return user


@dataclass(frozen=True)
class Act:
    """Something done to a person after a confirmation."""

    service: Callable[..., None]
    title: str
    question: str
    done: str


ACTS = {
    "inviter": Act(
        service=services.reinvite,
        title="Renvoyer l’invitation",
        question="Un nouveau lien partira par e-mail. Celui d’avant ne marchera plus.",
        done="Une nouvelle invitation est partie.",
    ),
    "retirer-double-authentification": Act(
        service=services.remove_second_factor,
        title="Retirer la double authentification",
        question=(
            "Pour une personne qui a perdu son téléphone et ses codes de secours. Assurez-vous de "
            "vive voix que c’est bien elle qui le demande. Elle sera prévenue par e-mail."
        ),
        done="La double authentification est retirée.",
    ),
}


def act_on_person(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Ask, then do it.

    Raises:
        Http404: no such person or act.
        PermissionDenied: the visitor may not manage people.
    """
    by = request.user
    if not isinstance(by, User) or not by.has_perm("accounts.change_user"):
        raise PermissionDenied
    if act not in ACTS:
        raise Http404
    user = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        context = {"person": user, "act": ACTS[act]}
        return render(request, "account/backoffice/confirm.html", context)
    try:
        ACTS[act].service(by=by, user=user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, ACTS[act].done)
    return redirect("wagtailusers_users:edit", user.pk)


class UserViewSet(views.UserViewSet):
    """« Personnes », in the settings menu."""

    menu_label = "Personnes"
    ordering = ("last_name", "first_name")
    copy_view_enabled = False
    permission_policy = PeoplePolicy(User)
    filterset_class = PeopleFilterSet
    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    create_template_name = "wagtailadmin/generic/create.html"
    edit_template_name = "wagtailadmin/generic/edit.html"

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        """Return our forms: no password, no superuser."""
        return PersonEditForm if for_update else PersonForm

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add what is done after a confirmation."""
        return [*super().get_urlpatterns(), path("<int:pk>/<slug:act>/", act_on_person, name="act")]
