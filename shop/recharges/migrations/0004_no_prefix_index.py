from django.db import migrations


class Migration(migrations.Migration):
    """Drop the index that Django makes for ``LIKE``: nobody looks a fingerprint up by its start.

    It is as large as the table's unique index, and each order and import had to write it.
    """

    dependencies = [("recharges", "0003_stock")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS recharges_rechargecode_fingerprint_b4c696ac_like",
            migrations.RunSQL.noop,
        )
    ]
