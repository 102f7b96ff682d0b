"""Live precision: Wilson's interval by hand, and what is said of a rule beside its promise."""

from __future__ import annotations

import pytest

from daihou.warning.precision import precision, verdict


def test_the_interval_of_6_right_in_10_is_wilsons() -> None:
    # z = 1.959964: z² / n = 0.384146; middle (0.6 + 0.192073) / 1.384146; half 1.959964·√(0.024 + 0.384146/40) / 1.384146
    found = precision(6, 4, 0.95)
    assert found.share == 0.6
    assert found.low == pytest.approx(0.31267, abs=1e-5)
    assert found.high == pytest.approx(0.83182, abs=1e-5)


def test_never_wrong_is_not_certain_to_be_right() -> None:
    found = precision(20, 0, 0.95)
    assert (found.share, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(20 / (20 + 1.959964**2), abs=1e-6)
    assert precision(0, 20, 0.95).low == 0.0


def test_without_a_conclusion_nothing_is_said() -> None:
    assert precision(0, 0, 0.95).share is None
    assert verdict(precision(0, 0, 0.95), 0.5, 20, 0.05) == "few"


@pytest.mark.parametrize(
    ("right", "wrong", "promised", "said"),
    [
        (8, 11, 0.63, "few"),  # 19 conclusions, 20 are asked
        (8, 12, None, "unpromised"),
        (12, 8, 0.63, "kept"),
        (10, 40, 0.63, "decayed"),  # 20 %, at most 33 %
        (10, 40, 0.37, "kept"),  # 33.04 % is not more than 5 points below 37 %
        (10, 40, 0.39, "decayed"),
        (45, 5, 0.60, "better"),  # 90 %, at least 78.6 %
    ],
)
def test_a_rule_has_decayed_where_even_the_upper_end_misses_the_promise(
    right: int, wrong: int, promised: float | None, said: str
) -> None:
    assert verdict(precision(right, wrong, 0.95), promised, 20, 0.05) == said
