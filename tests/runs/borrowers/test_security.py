"""What stands behind loans, told by hand: by their own collateral and by that of their facility, in force on the day as known by then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.runs.borrowers import security

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

SECURITIES = """\
security_id,kind,loan_id,facility_id,registered_on,expires_on,insured_to,effective_on,known_on
S1,house,L1,,2024-01-10,2034-01-10,2026-06-30,2024-01-05,2024-01-05
S1,house,L1,,2024-01-10,2034-01-10,2027-06-30,2026-06-20,2026-06-22
S2,plant,L1,,,2026-05-01,,2025-01-05,2025-01-05
S3,stock,,F1,,,,2025-03-01,2025-03-01
S4,house,L5,,,,,2026-07-01,2026-05-01
"""
VALUATIONS = """\
security_id,valued_on,amount,known_on
S1,2025-01-01,900.00,2025-01-02
S1,2026-01-01,950.00,2026-01-02
S1,2026-09-01,990.00,2026-09-01
"""
GUARANTEES = """\
guarantee_id,guarantor_id,loan_id,facility_id,form,period_end,effective_on,known_on
G1,X,,F1,joint,,2025-03-01,2025-03-01
G2,Y,L4,,joint,2026-05-30,2025-03-01,2025-03-01
"""
PARTIES = """\
loan_id,borrower_id,role,effective_on,known_on
L5,Z,guarantor,2025-03-01,2025-03-01
L1,Z,co_borrower,2025-03-01,2025-03-01
"""
ON = date(2026, 5, 31)
LOANS = pl.DataFrame(
    {"loan_id": ["L1", "L2", "L3", "L4", "L5"], "facility_id": [None, "F1", "F1", None, None]},
    schema={"loan_id": pl.String, "facility_id": pl.String},
)


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(securities=SECURITIES, valuations=VALUATIONS, guarantees=GUARANTEES, parties=PARTIES)


def behind(home: Home, as_of: date = ON, known_on: date = ON) -> dict[str, dict[str, Any]]:
    return {row.pop("loan_id"): row for row in security.behind(home, LOANS, as_of, known_on).to_dicts()}


def test_the_nearest_end_and_the_oldest_last_value_count(home: Home) -> None:
    told = behind(home)["L1"]
    # S1 was valued on 1 January; S2 never, and counts from the day it was given.
    assert told == {
        "secured": True,
        "insured_days": 30,
        "registered_days": -30,
        "valued_days": 511,
        "guaranteed": False,
    }


def test_collateral_and_guarantees_of_a_facility_stand_behind_each_loan_of_it(home: Home) -> None:
    told = behind(home)
    assert told["L2"] == told["L3"] == {
        "secured": True, "insured_days": None, "registered_days": None, "valued_days": 456, "guaranteed": True,
    }  # fmt: skip


def test_a_guarantee_ends_with_its_period_and_a_party_guarantees_too(home: Home) -> None:
    assert not behind(home)["L4"]["guaranteed"]
    assert behind(home, date(2026, 5, 30), ON)["L4"]["guaranteed"]
    assert behind(home)["L5"]["guaranteed"]


def test_what_is_not_in_force_yet_or_not_known_yet_does_not_count(home: Home) -> None:
    assert not behind(home)["L5"]["secured"]
    later = date(2026, 7, 1)
    assert behind(home, later, later)["L5"]["secured"]
    assert behind(home, date(2026, 6, 21), date(2026, 6, 21))["L1"]["insured_days"] == 9
    assert behind(home, date(2026, 6, 21), date(2026, 6, 22))["L1"]["insured_days"] == 374


def test_where_nothing_was_ever_sent_nothing_stands_behind(told_of: Callable[..., Home]) -> None:
    told = behind(told_of())["L1"]
    assert told == {"secured": False, "insured_days": None, "registered_days": None, "valued_days": None, "guaranteed": False}  # fmt: skip
