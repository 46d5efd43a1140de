from typing import Any

from django.db import migrations

OFFER_NAME = "Dotation gratuite"


def create_offer(apps: Any, schema_editor: Any) -> None:
    condition = apps.get_model("offer", "Condition").objects.create(
        proxy_class="shop.quotas.offers.FreeQuotaCondition"
    )
    benefit = apps.get_model("offer", "Benefit").objects.create(
        proxy_class="shop.quotas.offers.FreeQuotaBenefit"
    )
    apps.get_model("offer", "ConditionalOffer").objects.create(
        name=OFFER_NAME,
        slug="dotation-gratuite",
        description="Articles gratuits dans la limite de la dotation de la structure.",
        offer_type="User",
        max_basket_applications=1,
        condition=condition,
        benefit=benefit,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0001_initial"),
        ("offer", "0013_range_excluded_categories"),
    ]

    operations = [migrations.RunPython(create_offer, migrations.RunPython.noop)]
