"""Until when a guarantor can be held: worked cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from collection.test_limitation import POLICY, day, event
from daihou.collection.guaranteed import Duty, Extension, Guarantee, guarantee_period

MATURES = day("2024-08-31")


def stands(*events: Any, as_of: str = "2025-06-01", **duty: Any) -> Guarantee:
    return guarantee_period(POLICY, Duty(**{"matures_on": MATURES, "form": "joint", **duty}), events, day(as_of), "CN")


def test_six_months_from_maturity_where_nothing_is_agreed() -> None:
    assert stands().ends_on == day("2025-02-28")
    assert not stands(as_of="2025-02-28").lapsed
    assert stands(as_of="2025-03-01").lapsed


@pytest.mark.parametrize(
    ("agreed", "ends"), [("2026-08-31", "2026-08-31"), ("2024-08-31", "2025-02-28"), ("2024-01-01", "2025-02-28")]
)
def test_an_agreed_end_holds_unless_it_is_no_later_than_maturity(agreed: str, ends: str) -> None:
    assert stands(agreed_until=day(agreed)).ends_on == day(ends)


def test_a_joint_guarantee_is_kept_by_a_demand_on_the_guarantor_in_time() -> None:
    kept = stands(
        event("demand_served", "2025-02-28", to="guarantor"), event("demand_served", "2025-01-10", to="guarantor")
    )
    assert kept.kept_by is not None
    assert (kept.kept_by.on, kept.lapsed) == (day("2025-01-10"), False)
    assert stands(event("demand_served", "2025-03-01", to="guarantor")).lapsed
    assert stands(event("demand_served", "2025-01-10")).lapsed
    assert stands(event("demand_served", "2024-08-01", to="guarantor")).lapsed


def test_a_general_guarantee_is_kept_by_a_suit_against_the_debtor_alone_and_an_unclear_one_is_general() -> None:
    for form in ("general", None):
        assert stands(event("demand_served", "2025-01-10", to="guarantor"), form=form).lapsed
        assert not stands(event("suit", "2025-01-10"), form=form).lapsed
        assert stands(form=form).form == "general"


def test_nothing_begins_it_anew() -> None:
    assert stands(event("payment", "2025-02-01"), event("obstacle", "2025-01-01", "2025-02-20")).ends_on == day(
        "2025-02-28"
    )


def test_an_extension_without_consent_in_writing_leaves_the_old_maturity() -> None:
    later = dt.date(2025, 8, 31)
    without = Extension(day("2024-06-01"), later, consented=False)
    assert stands(extensions=(without,)).ends_on == day("2025-02-28")
    agreed = Extension(day("2024-06-01"), later, consented=True)
    assert stands(extensions=(agreed,)).ends_on == day("2026-02-28")
    assert (
        stands(extensions=(agreed, Extension(day("2024-07-01"), day("2026-08-31"), consented=False))).matures_on
        == later
    )


def test_it_runs_from_the_day_the_debt_was_called_due() -> None:
    assert stands(accelerated_on=day("2024-03-15")).ends_on == day("2024-09-18")
