"""Printing back: one spelling for each tree, and no parenthesis too many."""

from __future__ import annotations

import pytest

from daihou.expressions import parse, text
from expressions.cast import COLUMNS


@pytest.mark.parametrize(
    "written",
    [
        "dpd >= 31 and dpd <= 90 and product in ('sme', 'sole')",
        "dpd = 1 or dpd = 2 and dpd = 3",
        "(dpd = 1 or dpd = 2) and not (dpd = 3 and dpd = 4)",
        "not first_payment_missed and not not on_balance",
        "not dpd not in (1, 2)",
        "dpd not between -1 and 2 and dpd is not null",
        "total_claim - overdue_amount * 2 - (total_claim + 1) > -0.5",
        "-(dpd + 1) * 2 < -dpd * -2 - -3 * dpd",
        "-(dpd * 2) < dpd - dpd * 2",
        "next_due_on between '2026-01-01' and matures_on",
        "received_at < '2026-02-28T00:00:00+00:00'",
        "overdue_amount < 45% * total_claim and paid_share >= 0.5%",
        "annual_rate - 110.25% > -5% and paid_share in (5%, 0.1) and paid_share not between 0% and 100%",
        "dpd > 50% * 60 and paid_share > 5% * 2 - 5%",
        "note = 'it''s\n\"so\"' and on_balance = false",
    ],
)
def test_a_canonical_text_is_printed_as_it_was_written(written: str) -> None:
    assert text(parse(written, COLUMNS)) == written


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("((dpd = 1) or ((dpd = 2) and (dpd = 3)))", "dpd = 1 or dpd = 2 and dpd = 3"),
        ("not (dpd = 1)", "not dpd = 1"),
        ("(dpd + (1)) - (dpd - 1) > (2 * 3)", "dpd + 1 - (dpd - 1) > 2 * 3"),
        ("dpd + (dpd + 1) > (1)", "dpd + dpd + 1 > 1"),
        ("(dpd * 2) * 3 > 1", "dpd * 2 * 3 > 1"),
        ("paid_share > 45.50% and 5%<annual_rate", "paid_share > 45.5% and annual_rate > 5%"),
    ],
)
def test_parentheses_that_change_nothing_are_left_out(written: str, printed: str) -> None:
    assert text(parse(written, COLUMNS)) == printed
