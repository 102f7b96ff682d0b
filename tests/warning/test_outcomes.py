"""What became of subjects: when defaults begin, and what counts as standing in default."""

from __future__ import annotations

import numpy as np
import pytest

from daihou.book.ledger.layout import FOREVER
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, in_default, known, outcomes

DAYS = np.array([100, 130, 160, 190], np.int32)
LETTERS = {"R": AT_RISK, "D": IN_DEFAULT, "S": SETTLED, "L": LOST, "N": NOT_YET}


def standing(story: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array([[LETTERS[one]] for one in story], np.uint8)


def ahead(story: str, since: tuple[int, ...] = (100, 130, 160, 190)) -> list[int | None]:
    """The day of the next default after each date."""
    found = outcomes(DAYS, DAYS + 60, standing(story), np.array([[day] for day in since], np.int32))
    return [None if day == FOREVER else int(day) for day in found.next_default[:, 0]]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("RRRR", [None, None, None, None]),
        ("RRDD", [160, 160, None, None]),
        ("DDRR", [None, None, None, None]),  # it was in default when first seen
        ("NDDR", [None, None, None, None]),
        ("DRRD", [190, 190, 190, None]),
        ("RDRD", [130, 190, 190, None]),
        ("RLLD", [190, 190, 190, None]),  # written off, then in default
        ("RRSS", [None, None, None, None]),
    ],
)
def test_a_default_begins_where_a_subject_is_in_default_that_was_not(story: str, expected: list[int | None]) -> None:
    assert ahead(story) == expected


def test_a_default_begins_on_the_day_that_is_known_though_never_before_the_date_before() -> None:
    assert ahead("RRDD", (100, 130, 141, 141)) == [141, 141, None, None]
    assert ahead("RRDD", (100, 130, 120, 120)) == [131, 131, None, None]


def test_a_subject_is_known_from_the_first_date_at_risk() -> None:
    found = outcomes(
        DAYS, DAYS + 60, np.hstack([standing("NNRR"), standing("DDDD"), standing("RSSS")]), np.zeros((4, 3), np.int32)
    )
    assert found.first_known.tolist() == [2, 4, 0]
    assert found.last == 190


def test_live_and_written_off_subjects_are_in_default_where_the_condition_is_true() -> None:
    stands = np.array([AT_RISK, LOST, SETTLED, NOT_YET, AT_RISK, AT_RISK], np.uint8)
    bad = np.array([1, 1, 1, 1, 0, 2], np.uint8)
    assert in_default(stands, bad).tolist() == [IN_DEFAULT, IN_DEFAULT, SETTLED, NOT_YET, AT_RISK, AT_RISK]
    assert known(bad)
    assert not known(np.array([2, 2], np.uint8))
