"""Find the requests of a period: the figures read a dozen weeks of years."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activation", "0005_callbacks")]

    operations = [
        migrations.AddIndex(
            model_name="activationrequest",
            index=models.Index(fields=["submitted_at"], name="activation_submitted"),
        )
    ]
