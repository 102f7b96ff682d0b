"""Episodes: which signals belong together, what each comes to, and which defaults were caught."""

from __future__ import annotations

import numpy as np
import pytest

from daihou.warning.episodes import JUDGED, judge
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, outcomes

DAYS = np.arange(0, 300, 30, dtype=np.int32)
"""Ten dates, thirty days apart; the last is day 270."""
LETTERS = {"R": AT_RISK, "D": IN_DEFAULT, "S": SETTLED, "L": LOST, "N": NOT_YET}


def told(
    standing: str, opened: str, horizon: int = 90, episode_days: int = 80
) -> tuple[list[str], list[tuple[int, int]]]:
    """The signals in words with their lead time, and the defaults as day and lead time, -1 where nothing warned."""
    stands = np.array([[LETTERS[one]] for one in standing], np.uint8)
    moves = np.array([[int(one == "o")] for one in opened], np.uint8)
    known = outcomes(DAYS, DAYS + horizon, stands, DAYS[:, None].copy())
    found = judge(moves, known, episode_days)
    said = [f"{JUDGED[one['judged']]} {one['lead_days']}".removesuffix(" -1") for one in found.episodes]
    assert [int(one["caught"]) for one in found.defaults] == [int(one["lead_days"] >= 0) for one in found.defaults]
    return said, [(int(one["on"]), int(one["lead_days"])) for one in found.defaults]


@pytest.mark.parametrize(
    ("standing", "opened", "signals", "defaults"),
    [
        # The default of day 90 lies on the last day of the first horizon, and beyond those before.
        ("RRRDDDDDDD", "o---------", ["right 90"], [(90, 90)]),
        ("RRRRDDDDDD", "o---------", ["wrong"], [(120, -1)]),
        ("RRRRDDDDDD", "oo--------", ["wrong", "repeat"], [(120, 90)]),  # a repeat warns in time, too
        ("RRRRDDDDDD", "o--o------", ["wrong", "right 30"], [(120, 30)]),  # 90 days later: an episode of its own
        ("RRRRRRRRRR", "o--o--o---", ["wrong", "wrong", "wrong"], []),
        ("RRRRRRRRRR", "o-o--o----", ["wrong", "repeat", "wrong"], []),
        ("RRRDDDDDDD", "---oo-----", ["late", "late"], [(90, -1)]),
        ("DDDDDDDDDD", "o---------", ["late"], []),
        ("NNRRRRRRRR", "--o-------", ["wrong"], []),
        # After a default a new story begins, however short the time.
        ("RRDRRDDDDD", "-o-o------", ["right 30", "right 60"], [(60, 30), (150, 60)]),
        ("RRDRDDDDDD", "oo--------", ["right 60", "repeat"], [(60, 60), (120, -1)]),
        # The horizon is over on day 270 at the latest for signals up to day 180, the seventh date.
        ("RRRRRRRRRR", "------o---", ["wrong"], []),
        ("RRRRRRRRRR", "-------o--", ["censored"], []),
        ("RRRRRRRRDD", "-------o--", ["censored"], [(240, 30)]),  # right already, and not counted before the others; its default is caught
        ("RRRRRRRRSS", "-------o--", ["censored"], []),
        # Repaid is wrong, out of sight is neither.
        ("RRRSSSSSSS", "-o--------", ["wrong"], []),
        ("RRRLLLLLLL", "-o--------", ["censored"], []),
        ("RRRRRRLLLL", "-o--------", ["wrong"], []),  # sold after its horizon
        ("RRRLLSSSSS", "--o-------", ["wrong"], []),
        ("RRRLDDDDDD", "--o-------", ["right 60"], [(120, 60)]),
    ],
)  # fmt: skip
def test_signals_and_defaults_are_judged_by_what_came_after(
    standing: str, opened: str, signals: list[str], defaults: list[tuple[int, int]]
) -> None:
    assert told(standing, opened) == (signals, defaults)


def test_an_episode_ends_with_its_days() -> None:
    assert told("RRRRRRRRRR", "ooo-------", episode_days=60)[0] == ["wrong", "repeat", "wrong"]
    assert told("RRRRRRRRRR", "ooo-------", episode_days=61)[0] == ["wrong", "repeat", "repeat"]


def test_moves_other_than_openings_are_no_signals() -> None:
    stands = np.full((10, 2), AT_RISK, np.uint8)
    moves = np.zeros((10, 2), np.uint8)
    moves[3:5, 1] = (2, 3)
    found = judge(moves, outcomes(DAYS, DAYS + 90, stands, np.zeros((10, 2), np.int32)), 180)
    assert (len(found.episodes), len(found.defaults)) == (0, 0)
