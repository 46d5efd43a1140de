"""Who may write the usages, and that they pass « Relecture » like the rest."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant


def grant_roles(apps: Any, schema_editor: Any) -> None:
    def each(*actions: str) -> list[str]:
        return [f"estimator.{action}_datausage" for action in actions]

    grant(apps, each("add", "change", "view"), Role.EDITOR, Role.MODERATOR)
    grant(apps, each("delete", "publish", "lock", "unlock"), Role.MODERATOR)


def join_workflow(apps: Any, schema_editor: Any) -> None:
    workflow = apps.get_model("wagtailcore", "Workflow").objects.filter(name="Relecture").first()
    if workflow is None:
        return
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="estimator", model="datausage"
    )
    apps.get_model("wagtailcore", "WorkflowContentType").objects.get_or_create(
        content_type=content_type, defaults={"workflow": workflow}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("estimator", "0001_initial"),
        ("accounts", "0002_roles"),
        ("pages", "0002_site"),
    ]

    operations = [
        migrations.RunPython(grant_roles, migrations.RunPython.noop),
        migrations.RunPython(join_workflow, migrations.RunPython.noop),
    ]
