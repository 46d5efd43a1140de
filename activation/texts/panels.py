"""A panel of Wagtail's that shows what the kept settings mean."""

from typing import Any

from wagtail.admin.panels import Panel


class ShownPanel(Panel):
    """Draw a template under a settings' fields, over what is kept; ``instance`` is the row."""

    def __init__(self, template: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.template = template

    def clone_kwargs(self) -> dict[str, Any]:
        """Return what makes this panel anew for a model."""
        return {**super().clone_kwargs(), "template": self.template}

    class BoundPanel(Panel.BoundPanel):
        """The panel of one row."""

        @property
        def template_name(self) -> str:
            """Return the template that was asked for."""
            name: str = self.panel.template
            return name

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the row as it is kept: what is typed is shown by the preview."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            kept = type(self.instance)._default_manager.get(pk=self.instance.pk)
            return {**context, "instance": kept}
