"""Jobs of models: training and validation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_rules")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("run", "Run"),
                    ("history", "History"),
                    ("intake", "Intake"),
                    ("export", "Export"),
                    ("rules-suggest", "Threshold"),
                    ("rules-backtest", "Backtest"),
                    ("models-train", "Training of a model"),
                    ("models-validate", "Validation of a model"),
                ],
                max_length=20,
            ),
        ),
    ]
