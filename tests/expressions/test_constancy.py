"""Conditions that decide nothing are found, and those that do are left alone."""

from __future__ import annotations

import pytest

from daihou.book.errors import DaihouError
from daihou.expressions import Field, always, columns, conjuncts, parse, refuse_constant
from daihou.expressions.constancy import GRID
from daihou.expressions.grid import grid
from expressions.cast import COLUMNS

CHANGES = columns(
    (
        *COLUMNS.values(),
        Field("change", "days", "Change", "变化", signed=True),
        Field("change_before", "days", "Change before", "前期变化", signed=True),
    )
)
MANY = (
    "dpd != 1 or missed_12m != 2 or months_since_late != 3 or overdue_amount != 5 or annual_rate != 6% or paid_share != 70% "
    "or product != 'sme' or region != 'Ningbo' or next_due_on != '2026-01-31' or not on_balance"
)
WARNS = "missed_12m >= 60 and overdue_amount > 50% * total_claim and change <= -8"
CLEARS = "not (missed_12m >= 60 and overdue_amount > 50% * total_claim) or change > -4"
TIED = "dpd + max_dpd_12m + 1 < 400 and change < dpd and change + max_dpd_12m != 17 and change_before < change and change > 5"
"""Four columns tied to each other, with more telling values than are tried."""


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("dpd >= 0", True),
        ("dpd > -5", True),
        ("change >= 0", None),
        ("change >= 0 or change < 0", True),
        ("dpd > 5 or dpd <= 5", True),
        ("dpd > 5 or dpd < 5", None),
        ("dpd = dpd", True),
        ("dpd > dpd", False),
        ("not (dpd < 0)", True),
        ("dpd > max_dpd_12m", None),
        ("dpd > max_dpd_12m or dpd <= max_dpd_12m", True),
        ("dpd > max_dpd_12m and max_dpd_12m > dpd", False),
        ("dpd > 5 and dpd < 3", False),
        ("dpd > 5 and dpd < 6", False),
        ("dpd > 5 and dpd < 7", None),
        ("dpd > 5.4 and dpd < 5.6", False),
        ("dpd * 2 = 7", False),
        ("dpd > 2000000000", None),
        ("dpd > 5 and overdue_amount > 100 and dpd < 3", False),
        ("dpd is null", None),
        ("dpd is not null", None),
        ("dpd is null or dpd is not null", True),
        ("dpd is null and dpd > 3", False),
        ("dpd >= 0 or dpd is null", True),
        ("dpd > 0 or dpd is null", None),
        ("product in ('sme', 'sole', 'auto')", True),
        ("product in ('sme', 'sole')", None),
        ("product = 'sme' and product = 'sole'", False),
        ("product = region", None),
        ("region != 'a' and region != 'b'", None),
        ("region = 'a' or region != 'a'", True),
        ("note > 'a' and note < 'a0'", None),
        ("first_payment_missed or not first_payment_missed", True),
        ("first_payment_missed and on_balance", None),
        ("next_due_on > '2026-01-01' and next_due_on < '2026-01-03'", None),
        ("next_due_on > '2026-01-01' and next_due_on < '2026-01-02'", False),
        ("next_due_on <= matures_on or next_due_on > matures_on", True),
        ("received_at > '2026-01-01' and received_at < '2026-01-02'", None),
        ("overdue_amount >= 50% * overdue_amount", True),
        ("overdue_amount < 45% * total_claim", None),
        ("overdue_amount = 0.005", None),
        ("total_claim - overdue_amount between 100.5 and 100.5", None),
        ("total_claim * 3 - overdue_amount * 2 = 7", None),
        ("annual_rate > 4.1% and annual_rate < 4.1000001%", False),
        ("annual_rate > 4.1% and annual_rate < 4.100002%", None),
        ("paid_share >= 0%", True),
        ("paid_share > 0.3 and paid_share < 0.30000001", None),
        ("paid_share + 0.1 > 0.3 and paid_share + 0.1 <= 0.3", False),
        ("rank * overdue_amount > 1000", None),
        ("rank * rank >= 0", True),
        (MANY, None),
        (MANY.replace("!=", "=").replace(" or ", " and "), None),
        (f"{MANY} or dpd >= 0", True),
        (f"{WARNS} and ({CLEARS})", False),
        (f"{WARNS} and not ({CLEARS})", None),
        (TIED, None),
        (f"{TIED} and dpd > 9 and dpd < 8", False),
        (" or ".join(f"dpd = {day}" for day in range(300)), None),
    ],
)
def test_whether_a_condition_depends_on_the_data(written: str, holds: bool | None) -> None:
    assert always(parse(written, CHANGES)) is holds


def test_a_condition_that_decides_nothing_is_refused_where_it_does_so() -> None:
    def refused(written: str) -> DaihouError:
        with pytest.raises(DaihouError) as caught:
            refuse_constant(written, parse(written, COLUMNS))
        return caught.value

    error = refused("overdue_amount > 5 or dpd >= 0")
    assert error.message == "The condition always holds, whatever the data are."
    assert error.place == "…dpd >= 0"
    assert error.zh[0] == "无论数据如何，该条件恒为真。"
    error = refused("overdue_amount > 5 and (dpd > 5 and dpd < 3 or dpd * 2 = 7)")
    assert error.message == "The condition can never hold, whatever the data are."
    assert error.place == "…dpd > 5 and dpd < 3 or dpd * 2 = 7)"
    assert error.zh[0] == "无论数据如何，该条件都不可能成立。"
    assert refused("dpd > 5 and dpd < 3").place == "dpd > 5 and dpd < 3"


def test_a_condition_that_decides_something_passes() -> None:
    refuse_constant("dpd > 5", parse("dpd > 5", COLUMNS))


def test_more_combinations_than_are_tried_are_judged_by_their_parts() -> None:
    tied = parse(TIED, CHANGES)
    assert grid(conjuncts(tied), GRID) is None
    assert grid(conjuncts(tied)[3:4], GRID) is not None
