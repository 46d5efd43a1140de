"""How much internet a product holds, known of the deck's one."""

from decimal import Decimal
from typing import Any

from django.db import migrations, models

DATA = {"internet-mobile-8-go": Decimal(8)}


def fill(apps: Any, schema_editor: Any) -> None:
    terms = apps.get_model("products", "ProductTerms").objects
    for upc, data in DATA.items():
        terms.filter(product__upc=upc, data_go__isnull=True).update(data_go=data)


class Migration(migrations.Migration):
    dependencies = [("products", "0005_roles")]

    operations = [
        migrations.AddField(
            model_name="productterms",
            name="data_go",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="En Go. Vide\u00a0: la recharge n’est pas faite pour internet.",
                max_digits=6,
                null=True,
                verbose_name="internet compris",
            ),
        ),
        migrations.AddConstraint(
            model_name="productterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("data_go__isnull", True), ("data_go__gt", 0), _connector="OR"),
                name="products_data_positive",
                violation_error_message="Internet compris\u00a0: plus de zéro, ou rien.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
