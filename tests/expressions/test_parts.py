"""What a condition names."""

from __future__ import annotations

from daihou.expressions import columns_named, parse
from expressions.cast import COLUMNS


def test_columns_are_named_once_in_the_order_of_their_first_mention() -> None:
    written = (
        "not (total_claim - 2 * overdue_amount > 0 or dpd in (1, 2)) and first_payment_missed "
        "and max_dpd_12m between dpd and dpd + 1 and overdue_amount is null"
    )
    names = [field.name for field in columns_named(parse(written, COLUMNS))]
    assert names == ["total_claim", "overdue_amount", "dpd", "first_payment_missed", "max_dpd_12m"]
