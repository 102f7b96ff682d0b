"""A clock that jumps forward and back under the worker: no event is lost, nothing is said twice, and dates never go backwards."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from daihou.runs.log.log import open_log
from daihou.runs.stream.figures import read
from laws import live
from runs.log.conftest import until
from runs.stream.proof import EVENTS, NAME, child, ended, played_in, rebuilt, said_once, send, set_ahead, standing

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def test_a_clock_that_jumps_forward_and_back_loses_nothing_and_says_nothing_twice(
    evening: Path, tmp_path: Path
) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, log = played_in(home, 9), open_log(home)
    following = played.day + DAY
    working = child(home, played, done=False)
    send(home, played, EVENTS // 4)
    until(lambda: log.place(NAME) == log.last(), 120)
    today, turned = standing(log, played.day), log.last()
    set_ahead(home, DAY)
    until(
        lambda: any(one.minute * 60 >= (played.now + DAY).timestamp() for one in read(log, 0))
    )  # it looked at the clock
    for jump in (DAY, DAY - HOUR, dt.timedelta(0), -DAY, DAY):
        set_ahead(home, jump)
        send(home, played, EVENTS // 4, played.now + jump)
        until(lambda: log.place(NAME) == log.last(), 120)
    ended(working)
    dates = [as_of for (as_of,) in log.store.rows("SELECT as_of FROM signals ORDER BY seq")]
    assert set(dates) == {str(played.day), str(following)}
    assert all(one <= other for one, other in pairwise(dates))
    said_once(log)
    assert standing(log, played.day) == today
    then = played.now + DAY
    assert standing(log, following) == rebuilt(home, tmp_path / "copy", then, following, turned)


def test_started_again_under_a_clock_that_was_put_right_it_judges_the_right_date(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, log = played_in(home, 10), open_log(home)
    set_ahead(home, DAY)
    send(home, played, EVENTS // 2)
    assert child(home, played).wait(120) == 0
    wrong, turned = standing(log, played.day + DAY), log.last()
    set_ahead(home, dt.timedelta(0))
    send(home, played, EVENTS // 2)
    assert child(home, played).wait(120) == 0
    assert standing(log, played.day + DAY) == wrong
    assert standing(log, played.day) == rebuilt(home, tmp_path / "copy", played.now, played.day, turned)
    said_once(log)
