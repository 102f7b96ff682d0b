"""Which row of a borrower counts: by hand, with a change known ahead, a correction known late, and one never heard of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.runs.borrowers import customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

BORROWERS = """\
borrower_id,kind,industry,size,group_id,effective_on,known_on
K,company,retail,small,G1,,2026-01-10
K,company,mining,medium,G2,2026-04-01,2026-03-15
K,company,steel,medium,G2,2026-04-01,2026-05-10
P,person,,,,,2026-02-01
"""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(borrowers=BORROWERS)


def answered(home: Home, as_of: date, known_on: date) -> dict[str, dict[str, Any]]:
    found = customer.read(home, lake.versions(home, ["borrowers"]))
    assert found is not None
    return {row.pop("borrower_id"): row for row in found.on(as_of, known_on).to_dicts()}


def test_every_column_by_hand(home: Home) -> None:
    assert answered(home, date(2026, 4, 30), date(2026, 4, 30)) == {
        "K": {"borrower_kind": "company", "industry": "mining", "size": "medium", "group_id": "G2"},
        "P": {"borrower_kind": "person", "industry": None, "size": None, "group_id": None},
    }


@pytest.mark.parametrize(
    ("as_of", "known_on", "industry"),
    [
        (date(2026, 3, 31), date(2026, 3, 31), "retail"),  # known ahead, not yet in force
        (date(2026, 4, 1), date(2026, 4, 1), "mining"),
        (date(2026, 4, 1), date(2026, 3, 14), "retail"),  # in force, not yet known
        (date(2026, 4, 1), date(2026, 5, 10), "steel"),  # corrected
        (date(2026, 4, 30), date(2026, 5, 9), "mining"),
        (date(2025, 6, 1), date(2026, 5, 10), "retail"),  # the first holds from ever
    ],
)
def test_the_row_in_force_as_known_then_counts(home: Home, as_of: date, known_on: date, industry: str) -> None:
    assert answered(home, as_of, known_on)["K"]["industry"] == industry


def test_whoever_is_not_known_yet_has_no_row(home: Home) -> None:
    assert set(answered(home, date(2026, 4, 1), date(2026, 1, 31))) == {"K"}


def test_without_the_table_there_is_nothing_to_ask(told_of: Callable[..., Home]) -> None:
    home = told_of()
    assert customer.read(home, lake.versions(home, ["borrowers"])) is None
