from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ordering", "0001_initial")]

    # Numbers go on from those of the deck's history (n°42198), so that both read alike.
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE ordering_order_number START 42200",
            "DROP SEQUENCE ordering_order_number",
        )
    ]
