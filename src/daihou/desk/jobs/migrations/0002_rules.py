"""Jobs of rules: thresholds and backtests. Their kinds have longer names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

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
                ],
                max_length=20,
            ),
        ),
    ]
