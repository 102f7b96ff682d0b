"""Senders are told to slow down, or that nothing is taken in, by what waits and by the room that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daihou.runs.log.flushing import pressure
from daihou.runs.log.pressure import (
    FULL_FREE,
    FULL_ROWS,
    MOST_SECONDS,
    ROWS_A_SECOND,
    SLOW_FREE,
    SLOW_ROWS,
    decided,
    look,
)
from runs.log.conftest import payment

if TYPE_CHECKING:
    from runs.log.conftest import Sender

ROOM = 100 << 30


@pytest.mark.parametrize(
    ("waiting", "free", "state", "seconds"),
    [
        (0, ROOM, "ok", 0),
        (SLOW_ROWS - 1, SLOW_FREE, "ok", 0),
        (SLOW_ROWS, ROOM, "slow", 1),
        (SLOW_ROWS + 10 * ROWS_A_SECOND, ROOM, "slow", 10),
        (FULL_ROWS, ROOM, "full", MOST_SECONDS),
        (0, SLOW_FREE - 1, "slow", 1),
        (0, FULL_FREE - 1, "full", MOST_SECONDS),
    ],
)
def test_what_senders_are_told(waiting: int, free: int, state: str, seconds: int) -> None:
    assert decided(waiting, free) == (state, seconds)


def test_rows_wait_until_they_are_in_the_lake(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2))
    before = look(sender.home, sender.log)
    assert (before.waiting, before.size > 0, before.free > 0) == (2, True, True)
    sender.flush()
    assert look(sender.home, sender.log).waiting == 0


def test_it_is_looked_at_once_a_second_whoever_asks(sender: Sender) -> None:
    first = pressure(sender.home, sender.log)
    sender.send("payments", payment(1))
    assert pressure(sender.home, sender.log) is first
