"""The terms of a loan on a date: from the version in force on it and known by then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from books.harbour import END, LATER
from books.standing import standing
from daihou.book.ledger.ledger import refresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

    Told = Callable[..., None]

NAMES = ("facility_id", "partner_id", "disbursed_on", "matures_on", "loan_amount", "months_on_book", "term_months", "annual_rate", "own_share")  # fmt: skip
VERSIONS = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,facility_id,partner_id,own_share,annual_rate,effective_on,known_on
T1,B1,shop,800.00,2026-01-31,2027-01-31,CNY,F-1,P-1,0.3,0.0435,,2026-05-01
T1,B1,shop,800.00,2026-01-31,2027-07-31,CNY,F-2,P-2,0.3,0.0525,2026-04-01,2026-05-02
"""


def terms(home: Home, loan: str, as_of: date, known_on: date) -> tuple[Any, ...]:
    row = standing(home, refresh(home, lambda *_: None), as_of, known_on)[loan]
    return tuple(row[name] for name in NAMES)


def test_they_are_those_of_the_version_in_force_and_known(home: Home, told: Told) -> None:
    told(home, loans=VERSIONS)
    first = ("F-1", "P-1", date(2026, 1, 31), date(2027, 1, 31), 80000)
    agreed = (12, Decimal("0.0435"), Decimal("0.3"))
    assert terms(home, "T1", date(2026, 2, 1), LATER) == (*first, 1, *agreed)
    assert terms(home, "T1", END, date(2026, 5, 1)) == (*first, 3, *agreed)
    assert terms(home, "T1", END, LATER) == (
        "F-2", "P-2", date(2026, 1, 31), date(2027, 7, 31), 80000, 3, 18, Decimal("0.0525"), Decimal("0.3"),
    )  # fmt: skip


def test_a_card_has_no_term_and_a_loan_not_paid_out_no_age(branch: Home) -> None:
    assert terms(branch, "C1", END, END) == (None, None, date(2025, 12, 1), None, 500000, 4, None, None, Decimal(1))
    assert terms(branch, "F1", END, END) == (
        None,
        None,
        date(2026, 5, 15),
        date(2026, 8, 15),
        8000,
        None,
        3,
        None,
        Decimal(1),
    )
    assert terms(branch, "J1", END, END)[4:6] == (1_000_000, 6)
