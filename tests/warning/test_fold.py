"""The fold: what confirms, clears and rests, day by day."""

from __future__ import annotations

import numpy as np
import pytest

from daihou.book.ledger.layout import NO_DAY
from daihou.warning.fold import MOVES, Manner, fold, nothing

ANSWERS = {".": 0, "x": 1, "?": 2, " ": 3}
"""False, true, unknown, not watched."""
SAID = {"": "-", "opened": "o", "cleared": "c", "ended": "e"}
ONCE = Manner(1, 0, 1)


def codes(answers: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array([[ANSWERS[one]] for one in answers], np.uint8)


def told(answers: str, manner: Manner = ONCE, clears: str | None = None, every: int = 1) -> str:
    """A letter a day: - nothing, o opened, c cleared, e ended; days lie `every` apart."""
    days = np.arange(1, 1 + every * len(answers), every, dtype=np.int32)
    moves = fold(days, codes(answers), None if clears is None else codes(clears), manner, nothing(1))
    return "".join(SAID[MOVES[move]] for move in moves[:, 0])


@pytest.mark.parametrize(
    ("answers", "manner", "expected"),
    [
        ("..xx..", ONCE, "--o-c-"),
        ("x.x.x", ONCE, "ococo"),
        ("xx.xxx", Manner(3, 0, 1), "-----o"),  # a false answer between begins anew
        ("x?x", Manner(2, 0, 1), "--o"),  # an unknown one does not
        ("x???x", Manner(2, 0, 1), "----o"),
        ("??????", ONCE, "------"),
        ("x..x..", Manner(1, 0, 2), "o-c" + "o-c"),
        ("x.x..", Manner(1, 0, 2), "o---c"),  # to hold again begins the clearing anew
        ("x.?.", Manner(1, 0, 2), "o--c"),
        ("x?", ONCE, "o-"),  # no data never lifts a signal
        ("x ", ONCE, "oe"),
        ("x x", ONCE, "oeo"),
        ("x x", Manner(2, 0, 1), "---"),  # who was not watched is forgotten
    ],
)
def test_a_signal_opens_and_ends_as_its_manner_says(answers: str, manner: Manner, expected: str) -> None:
    assert told(answers, manner) == expected


def test_a_signal_rests_from_the_day_the_last_one_closed() -> None:
    # Closed on day 11; 20 days are over on day 31.
    assert told("x.xxx", Manner(1, 20, 1), every=10) == "oc-o-"
    assert told("x.xxx", Manner(1, 21, 1), every=10) == "oc--o"
    assert told("x.x.x", Manner(1, 21, 1), every=10) == "oc--o"


def test_what_was_confirmed_while_it_rested_opens_on_the_day_rest_is_over() -> None:
    assert told("xx.xxx", Manner(2, 30, 1), every=10) == "-oc--o"


def test_whoever_left_the_watch_rests_no_more() -> None:
    assert told("x. x", Manner(1, 100, 1), every=10) == "oc-o"


def test_a_clear_condition_alone_clears() -> None:
    assert told("x....", ONCE, clears="...x.") == "o--c-"
    assert told("xxxx", ONCE, clears=".?x.") == "o-co"
    assert told("x...", Manner(1, 0, 2), clears=".x?x") == "o--c"
    assert told("x...", Manner(1, 0, 2), clears=".x.x") == "o---"


def test_memory_says_what_is_under_way() -> None:
    memory = nothing(4)
    holds = np.array([[1, 1, 0, 1], [1, 0, 2, 3]], np.uint8)
    fold(np.array([10, 20], np.int32), holds, None, ONCE, memory)
    assert memory.opened_on.tolist() == [10, NO_DAY, NO_DAY, NO_DAY]
    assert memory.closed_on.tolist() == [NO_DAY, 20, NO_DAY, NO_DAY]
    assert memory.idle.tolist() == [False, False, True, True]
