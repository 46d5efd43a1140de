"""Base of the back office's lists."""

from typing import Any

from django.urls import URLPattern, path
from wagtail.admin.viewsets.model import ModelViewSet


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
