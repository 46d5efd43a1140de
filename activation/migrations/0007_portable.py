"""Walk over the requests with a portability, or without, in the order of the queue."""

from django.db import migrations, models

TO_DO = ["in_progress", "porting", "submitted", "transmitted"]


class Migration(migrations.Migration):
    dependencies = [("activation", "0006_submitted")]

    operations = [
        migrations.AddIndex(
            model_name="activationrequest",
            index=models.Index(
                fields=["portability", "deadline_at", "id"],
                condition=models.Q(state__in=TO_DO),
                name="activation_portable",
            ),
        )
    ]
