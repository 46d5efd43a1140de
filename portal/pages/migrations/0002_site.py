"""The site's first page, the workflow « Relecture » and what each role may do to pages.

Wagtail's own welcome page, groups and workflow make room for ours.
"""

from typing import Any

from django.db import migrations
from django.db.models import Q

from portal.accounts.roles import Role, grant

PAGE_PERMISSIONS = {
    Role.EDITOR: ("add_page", "change_page"),
    Role.MODERATOR: (
        "add_page",
        "change_page",
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    ),
}
COLLECTION_PERMISSIONS = {
    "wagtailimages.image": {
        Role.EDITOR: ("add", "choose"),
        Role.MODERATOR: ("add", "change", "choose"),
    },
    "wagtaildocs.document": {
        Role.EDITOR: ("add", "choose"),
        Role.MODERATOR: ("add", "change", "choose"),
    },
}


def replace_welcome_page(apps: Any, schema_editor: Any) -> None:
    """Put an empty home page where Wagtail's welcome page was, and the site on it."""
    page_rows = apps.get_model("wagtailcore", "Page").objects
    home = apps.get_model("pages", "HomePage")
    sites = apps.get_model("wagtailcore", "Site").objects
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="pages", model="homepage"
    )
    root = page_rows.get(depth=1)
    sites.all().delete()
    page_rows.filter(depth=2, slug="home").delete()
    page = home.objects.create(
        title="Accueil",
        draft_title="Accueil",
        slug="home",
        content_type=content_type,
        locale=apps.get_model("wagtailcore", "Locale").objects.get(),
        path=f"{root.path}0001",
        depth=2,
        numchild=0,
        url_path="/home/",
        live=True,
    )
    root.numchild = page_rows.filter(depth=2).count()
    root.save(update_fields=["numchild"])
    sites.create(
        hostname="localhost",
        port=80,
        site_name="L’Espace Recharges",
        root_page_id=page.pk,
        is_default_site=True,
    )


def replace_groups(apps: Any, schema_editor: Any) -> None:
    """Take Wagtail's groups away and give our roles what they need."""
    groups = apps.get_model("auth", "Group").objects
    groups.filter(name__in=("Editors", "Moderators")).delete()
    grants = apps.get_model("wagtailcore", "GroupPagePermission").objects
    root = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    for role, codenames in PAGE_PERMISSIONS.items():
        for codename in codenames:
            grants.create(
                group=groups.get(name=str(role)),
                page=root,
                permission=_permission(apps, "wagtailcore.page", codename),
            )
    collection = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    grants = apps.get_model("wagtailcore", "GroupCollectionPermission").objects
    # Wagtail's migrations let whoever enters the back office choose images: not our référents.
    grants.all().delete()
    chooses = apps.get_model("auth", "Permission").objects.filter(codename__startswith="choose_")
    for group in groups.all():
        group.permissions.remove(*chooses)
    for model, by_role in COLLECTION_PERMISSIONS.items():
        name = model.partition(".")[2]
        for role, actions in by_role.items():
            for action in actions:
                grants.create(
                    group=groups.get(name=str(role)),
                    collection=collection,
                    permission=_permission(apps, model, f"{action}_{name}"),
                )
    grant(
        apps,
        [f"wagtailredirects.{action}_redirect" for action in ("add", "change", "delete")],
        Role.MODERATOR,
    )
    grant(apps, ["pages.change_publishersettings"], Role.ADMINISTRATOR)


def _permission(apps: Any, model: str, codename: str) -> Any:
    app_label, _, name = model.partition(".")
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=name
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename}"}
    )
    return permission


def create_workflow(apps: Any, schema_editor: Any) -> None:
    """Everything that an éditeur writes passes « Relecture », by a modérateur."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    workflows = apps.get_model("wagtailcore", "Workflow").objects
    tasks = apps.get_model("wagtailcore", "GroupApprovalTask").objects
    old = Q(name__in=("Moderators approval", "Editors approval"))
    workflows.filter(old).delete()
    tasks.filter(old).delete()
    task_type, _ = content_types.get_or_create(app_label="wagtailcore", model="groupapprovaltask")
    task = tasks.create(name="Relecture par un modérateur", content_type=task_type, active=True)
    task.groups.add(apps.get_model("auth", "Group").objects.get(name=str(Role.MODERATOR)))
    workflow = workflows.create(name="Relecture", active=True)
    apps.get_model("wagtailcore", "WorkflowTask").objects.create(
        workflow=workflow, task=task, sort_order=0
    )
    apps.get_model("wagtailcore", "WorkflowPage").objects.create(
        workflow=workflow, page=apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    )
    for model in ("usefulnumber", "faqtheme", "faqquestion"):
        content_type, _ = content_types.get_or_create(app_label="knowledge", model=model)
        apps.get_model("wagtailcore", "WorkflowContentType").objects.create(
            workflow=workflow, content_type=content_type
        )


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_initial"),
        ("knowledge", "0003_roles"),
        ("accounts", "0002_roles"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [
        migrations.RunPython(replace_welcome_page, migrations.RunPython.noop),
        migrations.RunPython(replace_groups, migrations.RunPython.noop),
        migrations.RunPython(create_workflow, migrations.RunPython.noop),
    ]
