"""The index of the whole site, the roles' permissions, and the number that gives the RIO."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

TRIGGER = """
CREATE FUNCTION knowledge_entry_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_text := lower(unaccent(NEW.title));
    NEW.search_vector := setweight(to_tsvector('french_unaccent', NEW.title), 'A')
        || setweight(to_tsvector('french_unaccent', NEW.body), 'C');
    RETURN NEW;
END
$$;
CREATE TRIGGER knowledge_entry_index BEFORE INSERT OR UPDATE ON knowledge_searchentry
    FOR EACH ROW EXECUTE FUNCTION knowledge_entry_index();
"""

# As for the FAQ, migration 0002.
RESEMBLING = """
SELECT similarity('', '');
CREATE FUNCTION knowledge_entry_resembling(words text[]) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SET pg_trgm.word_similarity_threshold = 0.4 AS $$
    SELECT DISTINCT q.id FROM unnest(words) AS word
    JOIN knowledge_searchentry q ON word <% q.search_text
$$;
"""


def grant_roles(apps: Any, schema_editor: Any) -> None:
    both = [
        "knowledge.view_faqvote",
        "knowledge.view_missedsearch",
        "knowledge.delete_missedsearch",
    ]
    grant(apps, both, Role.EDITOR, Role.MODERATOR)


def name_purpose(apps: Any, schema_editor: Any) -> None:
    numbers = apps.get_model("knowledge", "UsefulNumber").objects
    # A version that lacked the purpose would take it away when it is published.
    versions = apps.get_model("wagtailcore", "Revision").objects.filter(
        content_type__app_label="knowledge", content_type__model="usefulnumber"
    )
    for row in numbers.filter(number="3179", purpose=""):
        numbers.filter(pk=row.pk).update(purpose="rio")
        for version in versions.filter(object_id=str(row.pk)):
            version.content["purpose"] = "rio"
            version.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_faq_use"), ("accounts", "0002_roles")]

    operations = [
        migrations.RunSQL(
            TRIGGER,
            "DROP TRIGGER knowledge_entry_index ON knowledge_searchentry;"
            "DROP FUNCTION knowledge_entry_index();",
        ),
        migrations.RunSQL(RESEMBLING, "DROP FUNCTION knowledge_entry_resembling(text[])"),
        migrations.RunPython(grant_roles, migrations.RunPython.noop),
        migrations.RunPython(name_purpose, migrations.RunPython.noop),
    ]
