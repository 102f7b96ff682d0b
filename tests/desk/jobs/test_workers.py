"""Workers as processes of their own: killed in mid-run, beside each other, stopped."""

from __future__ import annotations

import datetime as dt
import os
import signal
from typing import TYPE_CHECKING

from daihou.book.home import open_home
from daihou.runs import store

if TYPE_CHECKING:
    from desk.desks import Desk

Book = list[tuple[dt.date, dt.date]]
ENDED = ("done", "warned", "failed", "cancelled")


def history(book: Book, days: int) -> dict[str, str]:
    last = book[-1][0]
    return {"from": str(last - dt.timedelta(days=days)), "to": str(last), "step": "day", "known_on": str(last)}


def test_a_job_goes_on_with_the_next_worker_when_its_own_is_killed(desk: Desk, book: Book) -> None:
    number = desk.ask("history", history(book, 40))
    first = desk.worker()
    desk.until(number, lambda _: desk.job(number, "pid")[0] is not None)
    first.send_signal(signal.SIGKILL)
    first.wait()
    orphan = desk.job(number, "pid")[0]
    desk.query("UPDATE jobs_job SET beat_at = ? WHERE id = ?", "2026-01-01 00:00:00", number)  # fifteen seconds go by
    desk.worker()
    status = desk.until(number, lambda status: status in ENDED)
    attempts, code, output = desk.job(number, "attempts", "exit_code", "output")
    assert (status, attempts) == ("done" if code == 0 else "warned", 2), output
    assert len({day for day, _ in store.pairs(open_home(desk.home, {}))}) >= 40
    try:
        os.kill(orphan, 0)
    except ProcessLookupError:
        return
    raise AssertionError("what the dead worker left still runs")


def test_two_workers_share_the_queue_and_run_each_job_once(desk: Desk, book: Book) -> None:
    numbers = [desk.ask("run", {"as_of": str(book[-1][0] - dt.timedelta(days=n))}) for n in (1, 2, 3)]
    desk.worker(), desk.worker()
    for number in numbers:
        assert desk.until(number, lambda status: status in ENDED) in ("done", "warned"), desk.job(number, "output")
    assert [desk.job(number, "attempts")[0] for number in numbers] == [1, 1, 1]


def test_a_worker_stops_in_good_order_with_its_command(desk: Desk, book: Book) -> None:
    number = desk.ask("history", history(book, 400))
    worker = desk.worker()
    desk.until(number, lambda _: desk.job(number, "stage")[0] == "measure")
    worker.terminate()
    assert worker.wait(10) == 0
    assert desk.job(number, "status", "attempts", "worker") == ("queued", 0, "")
