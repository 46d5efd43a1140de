"""The FAQ's search index, written by PostgreSQL itself whatever saves a question."""

from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION french_unaccent (COPY = french);
ALTER TEXT SEARCH CONFIGURATION french_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
"""

TRIGGER = """
CREATE FUNCTION knowledge_faq_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_text := lower(unaccent(NEW.question || ' ' || NEW.keywords));
    NEW.search_vector :=
        setweight(to_tsvector('french_unaccent', NEW.question || ' ' || NEW.keywords), 'A')
        || setweight(
            to_tsvector(
                'french_unaccent',
                regexp_replace(NEW.answer, '<[^>]*>|&[a-z#0-9]+;', ' ', 'g')
            ),
            'C'
        );
    RETURN NEW;
END
$$;
CREATE TRIGGER knowledge_faq_index BEFORE INSERT OR UPDATE ON knowledge_faqquestion
    FOR EACH ROW EXECUTE FUNCTION knowledge_faq_index();
"""

# `<%` uses the trigram index; its threshold is a setting of the session, hence the function.
# 0.3 and not the default 0.6: « rehcarge » and « recharge » share 5 of their 13 trigrams.
# `similarity` loads the library that knows the setting.
RESEMBLING = """
SELECT similarity('', '');
CREATE FUNCTION knowledge_faq_resembling(words text[]) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SET pg_trgm.word_similarity_threshold = 0.3 AS $$
    SELECT DISTINCT q.id FROM unnest(words) AS word
    JOIN knowledge_faqquestion q ON word <% q.search_text
    WHERE q.live
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION french_unaccent"),
        migrations.RunSQL(
            TRIGGER,
            "DROP TRIGGER knowledge_faq_index ON knowledge_faqquestion;"
            "DROP FUNCTION knowledge_faq_index();",
        ),
        migrations.RunSQL(RESEMBLING, "DROP FUNCTION knowledge_faq_resembling(text[])"),
    ]
