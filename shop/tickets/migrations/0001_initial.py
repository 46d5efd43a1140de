import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("structures", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TicketSettings",
            fields=[
                (
                    "structure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ticket_settings",
                        serialize=False,
                        to="structures.structure",
                        verbose_name="structure",
                    ),
                ),
                (
                    "code_in_qr",
                    models.BooleanField(
                        default=False, verbose_name="numéro de recharge dans le QR code"
                    ),
                ),
            ],
            options={
                "verbose_name": "réglage des tickets",
                "verbose_name_plural": "réglages des tickets",
                "default_permissions": (),
            },
        ),
    ]
