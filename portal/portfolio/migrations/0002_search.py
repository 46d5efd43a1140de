from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# `unaccent` is not immutable only because a dictionary may be replaced; ours is not.
FUNCTION = """
CREATE FUNCTION portfolio_words(name text, city text, postcode text, siret text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        lower(public.unaccent('public.unaccent'::regdictionary,
            name || ' ' || city || ' ' || postcode || ' ' || siret)),
        '[^a-z0-9]+', ' ', 'g')
$$
"""
INDEX = """
CREATE INDEX portfolio_words ON structures_structure
USING gin (portfolio_words(name, city, postcode, siret) gin_trgm_ops)
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial"), ("structures", "0003_portfolio")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION portfolio_words(text, text, text, text)"),
        migrations.RunSQL(INDEX, "DROP INDEX portfolio_words"),
    ]
