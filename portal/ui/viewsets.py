"""Bases of the back office's screens."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy


class ReadOnlyViewSet(ModelViewSet):
    """A list with its details: no form, whatever the permissions, for what services write.

    Wagtail adds its edit, copy and delete views to every list; those would be a second way past
    the rules of the services, open to superusers at least.
    """

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    exclude_form_fields = ()
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        """Offer the list, its live results and the details of a row."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path(f"inspect/<{self.pk_path_converter}:pk>/", self.inspect_view, name="inspect"),
        ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the buttons of views that are not there."""
        offered: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        missing = ("add", "edit", "copy", "delete", "history", "usage")
        return offered | {
            f"{name}_url_name": None for name in missing if f"{name}_url_name" in offered
        }

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the buttons of views that are not there."""
        offered: dict[str, Any] = super().get_inspect_view_kwargs(**kwargs)
        missing = ("edit", "copy", "delete", "history", "usage")
        return offered | {
            f"{name}_url_name": None for name in missing if f"{name}_url_name" in offered
        }


class PagesViewSet(ViewSet):
    """A list and pages of our own about a model, for those whose roles give its permissions.

    Subclasses name their ``model`` and build their addresses with ``construct_view``; views get
    the permission policy and the names of the list's addresses.
    """

    model: type[Model]
    add_to_admin_menu = True
    #: What the menu's entry is shown to.
    menu_permission = "view"

    @cached_property
    def permission_policy(self) -> ModelPermissionPolicy:
        """Return the policy of the model's permissions."""
        return ModelPermissionPolicy(self.model)

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        """Return an entry that is shown to those who may see the list."""
        policy, permission = self.permission_policy, self.menu_permission

        class PermittedMenuItem(MenuItem):
            """Shown to those who may see the list."""

            def is_shown(self, request: HttpRequest) -> bool:
                shown: bool = policy.user_has_permission(request.user, permission)
                return shown

        return PermittedMenuItem

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give each view the policy and the list's addresses."""
        common: dict[str, Any] = super().get_common_view_kwargs(
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
            index_results_url_name=self.get_url_name("index_results"),
            **kwargs,
        )
        return common
