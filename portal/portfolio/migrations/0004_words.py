from django.db import migrations

# Beside the model: PostgreSQL keeps it, nothing of ours writes it, and the search alone reads it.
# Computing the words at each search took 30 microseconds a structure.
ADD = """
DROP INDEX portfolio_words;
ALTER TABLE structures_structure
    ADD COLUMN words text GENERATED ALWAYS AS (portfolio_words(name, city, postcode, siret)) STORED;
CREATE INDEX portfolio_words ON structures_structure USING gin (words gin_trgm_ops)
"""
DROP = """
ALTER TABLE structures_structure DROP COLUMN words;
CREATE INDEX portfolio_words ON structures_structure
USING gin (portfolio_words(name, city, postcode, siret) gin_trgm_ops)
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_roles")]

    operations = [migrations.RunSQL(ADD, DROP)]
