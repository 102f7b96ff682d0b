"""Results of a backtest where little is known: what is told where nothing stands to be divided by, and chunks of any size add up to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from daihou.warning.backtest import DAYS_OF_MONTH, results
from daihou.warning.episodes import opened
from daihou.warning.fold import OPENED, TRUE, UNKNOWN, UNWATCHED
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, outcomes
from daihou.warning.verdicts import Described, Verdicts

if TYPE_CHECKING:
    from daihou.warning.backtest import Results

DAYS = np.array([0, 30, 60, 90], np.int32)
# Subjects A to D: A and B default on day 60 and 90, owing 5.00 and 3.00; C and D never do.
STANDING = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]], np.uint8)
BALANCE = np.array([[500, 300, 100, 100]] * 4, np.int64)
# Rule 1 names A and C on day 30, rule 2 A on day 0 and B on day 60.
MOVES = [np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)]
MOVES[0][1, [0, 2]] = OPENED
MOVES[1][0, 0] = MOVES[1][2, 1] = OPENED
HOLDS = [np.full((4, 4), TRUE, np.uint8), np.full((4, 4), TRUE, np.uint8)]
HOLDS[1][:2, 3] = UNKNOWN
HOLDS[1][3, 3] = UNWATCHED
OFFICERS, GROUPS = ["lin", "zhou"], ["north", "south"]


def told(chunks: list[slice], fewest: int = 1) -> Results:
    """The results of the two rules over the subjects, taken in parts, the first by one worker and the others by another."""
    assert (AT_RISK, IN_DEFAULT) == (0, 1)
    workers = [Verdicts(2, 4, {"live": [0, 1]}) for _ in range(2)]
    for number, part in enumerate(chunks):
        officer = np.array([0, 1, 1, -1], np.int32)[part]
        group = np.array([0, 0, 1, 1], np.int32)[part]
        watched = np.ones((4, 4), np.bool_)
        watched[3, 3] = False

        def of(codes: Any) -> Any:
            return lambda _date, subject: codes[subject]

        known = outcomes(DAYS, DAYS + 30, STANDING[:, part], np.repeat(DAYS[:, None], 4, 1)[:, part])
        workers[min(number, 1)].take(
            part.start, [one[:, part] for one in HOLDS], [opened(one[:, part]) for one in MOVES], known,
            Described(watched[:, part], BALANCE[:, part], of(officer), of(group)), 180,
        )  # fmt: skip
    workers[1].add(workers[0])
    return results("loan", workers[1], DAYS, DAYS + 30, [("R-1", 1), ("R-2", 3)], OFFICERS, GROUPS, fewest)


def test_figures_are_those_by_hand() -> None:
    found = told([slice(0, 4)])
    assert found.subjects == 4
    assert found.months == pytest.approx(90 / DAYS_OF_MONTH)
    one, two = found.rules
    # A from day 30 to 60 is right, C wrong. Of rule 2 A is wrong: day 60 lies beyond its horizon; B is right on the last day.
    assert (one.result.right, one.result.wrong, one.result.caught, one.result.lead_days) == (1, 1, 1, (30, 30, 30))
    assert (two.result.right, two.result.wrong, two.result.backlog, two.result.alerts) == (1, 1, 1, 1)
    assert (one.result.recall_balance, two.result.recall_balance) == (500 / 800, 300 / 800)
    assert (one.alone, two.alone) == (1, 1)
    assert (one.overlaps, two.overlaps) == ((("R-2 v3", 0.5),), (("R-1 v1", 0.5),))
    assert (one.unknown_share, two.unknown_share) == (
        0,
        2 / 15,
    )  # of four subjects on four dates one was not watched once
    assert one.result.alerts_per_1000_a_month == pytest.approx(1000 * 2 / found.months / (11 / 3))
    # Rule 1 is wrong of C on day 30. Horizons are over up to day 60: of what begins on day 90 nothing could be known to be wrong.
    assert one.result.false_a_month == pytest.approx(1 / (60 / DAYS_OF_MONTH))
    (live,) = found.sets
    # A on day 0 begins the episode that A on day 30 belongs to; C and B are alone.
    assert (live.result.right, live.result.wrong, live.result.repeats, live.result.caught) == (1, 2, 1, 2)
    assert [name for name, _ in live.officers] == ["zhou"]  # B and C; A's was there when the span began
    assert dict(live.officers)["zhou"] == pytest.approx(2 / found.months)
    assert {name: (one.defaults, one.signals) for name, one in live.groups} == {"north": (2, 3), "south": (0, 1)}


@pytest.mark.parametrize(
    "chunks", [[slice(0, 1), slice(1, 4)], [slice(2, 4), slice(0, 2)], [slice(place, place + 1) for place in range(4)]]
)
def test_chunks_add_up_to_the_whole_in_any_order(chunks: list[slice]) -> None:
    assert told(chunks) == told([slice(0, 4)])


def test_with_too_few_defaults_counts_stand_and_ratios_do_not() -> None:
    one = told([slice(0, 4)], fewest=3).rules[0]
    assert (one.result.right, one.result.wrong, one.result.defaults, one.result.caught, one.alone) == (1, 1, 2, 1, 1)
    assert (one.result.precision, one.result.recall, one.result.recall_balance, one.result.lead_days) == (None,) * 4
    assert (one.result.false_a_month, one.alone_share) == (None, None)
    assert one.result.alerts_a_month is not None


def test_over_nobody_nothing_is_told() -> None:
    verdicts = Verdicts(1, 4, {"live": [0]})
    (one,) = results("loan", verdicts, DAYS, DAYS + 30, [("R-1", 1)], [], [], 1).rules
    assert (one.result.signals, one.result.alerts, one.result.defaults) == (0, 0, 0)
    assert (one.result.alerts_per_1000_a_month, one.unknown_share, one.result.recall, one.result.precision) == (
        None,
    ) * 4
    assert one.result.leads == (0,) * 5
