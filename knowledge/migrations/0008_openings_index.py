"""One index for the openings of an answer, which holds their counts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_guide_video")]

    operations = [
        migrations.RemoveConstraint(model_name="faqopening", name="faq_opening_once_a_day"),
        migrations.AddConstraint(
            model_name="faqopening",
            constraint=models.UniqueConstraint(
                fields=("question", "day"), include=("count",), name="faq_opening_once_a_day"
            ),
        ),
        migrations.AlterField(
            model_name="faqopening",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="openings",
                to="knowledge.faqquestion",
            ),
        ),
    ]
