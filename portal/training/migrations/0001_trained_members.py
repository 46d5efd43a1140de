"""Who was a member before training was kept here orders already: they are trained."""

from django.db import migrations
from django.db.models import F


def train(apps, schema_editor):
    """Date their training from the day they came."""
    members = apps.get_model("structures", "Membership").objects
    members.filter(trained_at=None, training_waived_by=None).update(trained_at=F("created_at"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [("structures", "0003_portfolio")]

    operations = [migrations.RunPython(train, migrations.RunPython.noop)]
