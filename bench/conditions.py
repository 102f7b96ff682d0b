"""Fifty conditions on loans for the bench of early warning: arrears, behaviour and their trend."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from daihou.warning.checked import check
from daihou.warning.rule import Rule, Text, Version

if TYPE_CHECKING:
    from daihou.warning.checked import Checked

CONDITIONS: Final = (
    "dpd >= 7 and max_dpd_12m < 30", "dpd >= 30", "dpd >= 60", "dpd >= 7", "dpd_change_1m > 20", "dpd_change_3m > 30",
    "dpd_change_6m > 30", "missed_streak >= 2", "missed_streak >= 3", "missed_12m >= 3", "missed_12m >= 2 and dpd > 0", "missed_24m >= 6",
    "repeated_arrears", "first_payment_missed", "late_days_3m > 30", "late_days_1m > 15", "late_days_12m > 60",
    "on_time_share_12m < 60%", "on_time_share_12m < 80% and months_on_book > 6", "paid_to_due_3m < 50%",
    "paid_to_due_3m < 80% and dpd > 0", "months_since_paid >= 2", "months_since_paid >= 3", "part_paid_12m >= 2",
    "part_paid_12m >= 3 and missed_streak >= 1", "utilisation > 90%", "utilisation > 95% and months_on_book > 3",
    "minimum_payer_share_12m > 60%", "max_dpd_6m >= 30 and dpd > 0", "max_dpd_12m >= 60", "unpaid_due_dates >= 2", "unpaid_due_dates >= 3",
    "overdue_amount > 5000", "overdue_amount > 10% * principal_outstanding", "overdue_principal > 1000 and dpd_principal > 15",
    "dpd_interest > 15", "extension_count >= 1", "days_to_maturity between 0 and 30 and dpd > 0", "days_to_maturity < 90 and missed_12m > 1",
    "longest_missed_streak_24m >= 3", "missed_months_24m >= 4", "missed_months_in_a_row_24m >= 2", "came_down_12m >= 3", "cleared_12m >= 3",
    "months_since_late <= 1 and dpd = 0", "months_since_missed <= 1", "annual_rate > 15% and dpd > 0",
    "principal_outstanding > 100000 and dpd > 0", "first_payment_max_dpd >= 7 and months_on_book < 6",
    "early_share_12m < 10% and on_time_streak < 3",
)  # fmt: skip


def rules() -> list[Checked]:
    """The conditions as rules that confirm at once and clear when they no longer hold."""
    said = Text("-", "-")
    found = []
    for number, condition in enumerate(CONDITIONS):
        version = Version(1, dt.date(1900, 1, 1), "bench", "yellow", condition, said, said)
        rule = Rule(f"R-{number:03d}", said, "arrears", "loan", (version,))
        found.append(check(rule, version, published=True))
    return found
