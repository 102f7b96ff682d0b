"""The keeper brings the log to the lake in time, keeps the ledger near it, forgets what both have, and says how it fares."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from daihou.book import lake
from daihou.book.intake import journal
from daihou.book.ledger.files import read_pointer
from daihou.runs.log import Parcel
from daihou.runs.log.flushing import marks_at, through
from daihou.runs.log.keeper import FLUSH_ROWS, NAME, Keeper
from daihou.runs.stream.figures import read
from runs.log.conftest import NOW, Sender, loan, payment, until

if TYPE_CHECKING:
    from daihou.book.home import Home


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


def kept(sender: Sender, **options: float) -> tuple[Keeper, Clock]:
    clock = Clock()
    return Keeper(sender.home, clock, **options), clock  # type: ignore[arg-type]


def test_rows_are_brought_when_they_have_waited_or_when_they_are_many(sender: Sender) -> None:
    sender.send("payments", payment(1))
    keeper, _ = kept(sender, flush_seconds=3600.0)
    keeper.look()
    assert through(sender.home, sender.log) == 0
    rows = sender.door.judged("payments", [payment(number) for number in range(2, FLUSH_ROWS + 2)], "api:1", NOW).facts
    sender.log.append([Parcel("payments", rows, "api:1")], 1.0)
    keeper.look()
    assert through(sender.home, sender.log) == FLUSH_ROWS + 1


def test_an_impatient_keeper_brings_at_once(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2, amount="much"))
    keeper, clock = kept(sender, flush_seconds=0.0)
    clock.now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    keeper.look()
    assert through(sender.home, sender.log) == 2
    (figures,) = read(sender.log, 0)
    assert (figures.name, figures.events, figures.batches, figures.refused, figures.lag) == (NAME, 2, 2, 1, 0)
    assert sum(figures.classes) == 2
    assert figures.busy_ms > 0


def test_a_keeper_that_finds_an_intake_at_work_comes_again(sender: Sender) -> None:
    sender.send("payments", payment(1))
    keeper, _ = kept(sender, flush_seconds=0.0)
    with journal.locked(sender.home):
        assert keeper.flush().busy
    assert keeper.flush().through == 1


def test_the_ledger_is_brought_up_to_the_lake(sender: Sender) -> None:
    sender.send("loans", loan(1))
    sender.send("payments", payment(1))
    keeper, _ = kept(sender, flush_seconds=0.0, ledger_seconds=3600.0)
    keeper.look()
    assert read_pointer(sender.home.ledger).generation == 0  # not yet
    keeper.ledger_seconds = 0.0
    keeper.look()
    pointer = read_pointer(sender.home.ledger)
    assert pointer.loans == 1
    assert set(marks_at(sender.home, ("loans", "payments"), pointer.lake).values()) == {2}
    keeper.look()
    assert read_pointer(sender.home.ledger).generation == pointer.generation  # nothing came since


def test_what_is_in_the_lake_and_the_ledger_is_forgotten_after_a_day(sender: Sender) -> None:
    sender.send("loans", loan(1))
    for number in range(5):
        sender.send("payments", payment(number))
    keeper, clock = kept(sender)
    clock.now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    keeper.flush()
    keeper.refresh()
    assert keeper.prune() == 0  # it may be wanted again
    clock.now += dt.timedelta(days=2)
    sender.send("payments", payment("new"))
    assert keeper.prune() == 6
    assert [one.first for one in sender.log.read(0)] == [7]
    assert (sender.log.last(), sender.log.pruned()) == (7, 6)
    assert keeper.flush().through == 7
    assert len(sender.rows("payments", "payment_id")) == 6


def test_what_the_ledger_has_not_got_is_kept_however_old(sender: Sender) -> None:
    sender.send("payments", payment(1))
    keeper, clock = kept(sender)
    keeper.flush()
    keeper.refresh()
    sender.send("payments", payment(2))
    keeper.flush()
    clock.now = dt.datetime.fromtimestamp(time.time(), dt.UTC) + dt.timedelta(days=9)
    assert keeper.prune() == 1
    keeper.refresh()
    assert keeper.prune() == 2


def test_small_files_of_the_register_are_put_together_and_nothing_else_changes(sender: Sender) -> None:
    for number in range(4):
        sender.send("payments", payment(number), payment(number, amount="much"))
        sender.flush()
    tables = ("deliveries", "quarantine", "payments")
    before = {table: lake.read(sender.home, table).read_all().sort_by("batch") for table in tables}
    old = lake.version(sender.home, "deliveries")
    assert lake.put_together(sender.home, "deliveries", many=5) == 0
    assert lake.put_together(sender.home, "deliveries", many=4) == lake.put_together(sender.home, "quarantine", 4) == 4
    assert len(lake.files(sender.home, "deliveries")) == len(lake.files(sender.home, "quarantine")) == 1
    assert {table: lake.read(sender.home, table).read_all().sort_by("batch") for table in tables} == before
    assert lake.read(sender.home, "deliveries", version=old).read_all().num_rows == 8
    assert (lake.last_batch(sender.home), through(sender.home, sender.log)) == (8, 8)
    sender.send("payments", payment(9))
    assert sender.flush().through == 9
    assert sender.rows("deliveries", "batch") == list(range(1, 10))
    assert Keeper(sender.home).put_together() == 0  # too few


def test_of_two_keepers_one_works_and_the_other_takes_over(sender: Sender) -> None:
    first, second = Keeper(sender.home, flush_seconds=0.0), Keeper(sender.home, flush_seconds=0.0)
    stops = threading.Event(), threading.Event()
    threads = [threading.Thread(target=one.run, args=(stop,)) for one, stop in zip((first, second), stops, strict=True)]
    threads[0].start()
    sender.send("payments", payment(1))
    until(lambda: sender.log.place("lake") == 1)
    threads[1].start()
    stops[0].set()
    threads[0].join(30)
    sender.send("payments", payment(2))
    until(lambda: sender.log.place("lake") == 2)
    stops[1].set()
    threads[1].join(30)
    assert not sender.log.store.rows("SELECT * FROM leases")


def test_the_process_ends_when_it_is_told_to(home: Home) -> None:
    Sender(home, home.path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAIHOU")}
    process = subprocess.Popen(
        [sys.executable, "-m", "daihou.runs.log.keeper"], env=environment | {"DAIHOU_HOME": str(home.path)}
    )
    log = Keeper(home).log
    until(lambda: bool(log.store.rows("SELECT * FROM leases")))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not log.store.rows("SELECT * FROM leases")
