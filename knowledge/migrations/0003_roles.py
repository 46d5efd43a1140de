"""Who may write what: an éditeur drafts and submits, a modérateur publishes."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

SNIPPETS = ("usefulnumber", "faqtheme", "faqquestion")


def grant_roles(apps: Any, schema_editor: Any) -> None:
    def each(*actions: str) -> list[str]:
        return [f"knowledge.{action}_{model}" for model in SNIPPETS for action in actions]

    grant(apps, each("add", "change", "view"), Role.EDITOR, Role.MODERATOR)
    grant(apps, each("delete", "publish", "lock", "unlock"), Role.MODERATOR)


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_search"), ("accounts", "0002_roles")]

    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
