"""Say which useful numbers the SMS of an activation gives."""

from typing import Any

from django.db import migrations, models

PURPOSES = {"950": "balance", "952": "top_up"}


def name_purposes(apps: Any, schema_editor: Any) -> None:
    numbers = apps.get_model("knowledge", "UsefulNumber").objects
    # A version that lacked the purpose would take it away when it is published.
    versions = apps.get_model("wagtailcore", "Revision").objects.filter(
        content_type__app_label="knowledge", content_type__model="usefulnumber"
    )
    for number, purpose in PURPOSES.items():
        for row in numbers.filter(number=number, provider="sfr"):
            numbers.filter(pk=row.pk).update(purpose=purpose)
            for version in versions.filter(object_id=str(row.pk)):
                version.content["purpose"] = purpose
                version.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0003_roles")]

    operations = [
        migrations.AddField(
            model_name="usefulnumber",
            name="purpose",
            field=models.CharField(
                blank=True,
                choices=[("balance", "Pour le solde"), ("top_up", "Pour recharger")],
                help_text="Le SMS d’activation donne ce numéro pour le solde, ou pour recharger.",
                max_length=10,
                verbose_name="dans les SMS",
            ),
        ),
        migrations.RunPython(name_purposes, migrations.RunPython.noop),
    ]
