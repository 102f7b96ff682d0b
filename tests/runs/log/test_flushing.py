"""The log comes to the lake: every accepted row once and in order, settled as a file is, with marks that say how far."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.home import Home
from daihou.book.intake import journal
from daihou.runs.log import Parcel, log
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import bring_what_waits, flush, marks, marks_at, through
from daihou.runs.log.log import LostLogError, open_log
from daihou.runs.log.store import FILE
from runs.log.conftest import NOW, TODAY, loan, payment

if TYPE_CHECKING:
    from pathlib import Path

    from runs.log.conftest import Sender


def test_rows_come_to_the_lake_once_in_order_and_can_be_traced_to_their_places(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2))
    sender.send("loans", loan(1))
    sender.send("payments", payment(3))
    done = sender.flush()
    assert (done.through, done.rows, done.batches) == (4, 4, 2)
    assert {name: one.new for name, one in done.tables.items()} == {"loans": 1, "payments": 3}
    assert sender.rows("payments", "payment_id", "batch", "row") == [("P1", 2, 1), ("P2", 2, 2), ("P3", 2, 4)]
    assert sender.rows("deliveries", "batch", "table", "file", "rows", "new") == [
        (1, "loans", "log 3-3", 1, 1),
        (2, "payments", "log 1-4", 3, 3),
    ]  # a row stands at the first place of its batch and its number, less one
    assert not any(sender.home.staging.iterdir())


def test_a_second_flush_finds_nothing_and_commits_nothing(sender: Sender) -> None:
    sender.send("payments", payment(1))
    sender.flush()
    before = lake.versions(sender.home, ("payments", "deliveries", "quarantine"))
    assert sender.flush().rows == 0
    assert lake.versions(sender.home, ("payments", "deliveries", "quarantine")) == before


def test_what_the_door_refused_and_what_the_lake_refuses_is_in_quarantine_each_with_its_reason(sender: Sender) -> None:
    sender.send("loans", loan(1))
    sender.send("payments", payment(1), payment(2, amount="much"), source="api:7")
    sender.send("payments", payment(1, amount="2.00"))
    done = sender.flush()
    assert done.tables["payments"].quarantined == 2
    found = sender.rows("quarantine", "table", "file", "row", "line", "column", "reason", "batch")
    assert found == [
        ("payments", "log 2-4", 3, 4, "payment_id", "duplicate_key", 2),  # its place in the log is its line
        ("payments", "api:7", 1, 2, "amount", "not_a_number", 3),  # the second row of what api:7 sent
    ]
    assert sender.refused() == [(4, "duplicate_key")]
    assert sender.rows("deliveries", "batch", "table", "quarantined") == [
        (1, "loans", 0),
        (2, "payments", 1),
        (3, "payments", 1),
    ]
    assert {row.count('"payment_id":"P1"') for row in sender.rows("quarantine", "raw")} == {0, 1}


def test_what_is_no_row_of_any_table_goes_to_quarantine_too(sender: Sender) -> None:
    refused = sender.door.judged("payments", [payment(1, amount="much")], "kafka:facts", NOW).rejects
    for name in ("nonsense", ""):
        table = refused.set_column(refused.schema.get_field_index("table"), "table", [[name]])
        sender.log.append([Parcel("quarantine", table.cast(refused.schema), "kafka:facts")], 1.0)
    assert sender.flush().quarantined == 2
    assert sender.rows("quarantine", "table", "file") == [("nonsense", "kafka:facts"), ("", "kafka:facts")]
    assert sender.rows("deliveries", "batch", "table") == [(1, "nonsense"), (2, "")]


def test_the_same_rows_posted_twice_are_in_the_lake_once(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2))
    sender.send("payments", payment(2))
    sender.flush()
    sender.send("payments", payment(1))
    assert sender.flush().tables["payments"].unchanged == 1
    assert sender.rows("payments", "payment_id") == ["P1", "P2"]
    assert sender.rows("deliveries", "rows", "new", "unchanged") == [(3, 2, 1), (1, 0, 1)]


def test_a_stretch_that_the_lake_refuses_whole_moves_the_mark_and_leaves_the_table_alone(sender: Sender) -> None:
    sender.send("payments", payment(1))
    sender.flush()
    before = lake.version(sender.home, "payments")
    sender.send("payments", payment(1, amount="2.00"))
    assert sender.flush().through == 2
    assert lake.version(sender.home, "payments") == before
    assert marks(sender.home, "payments") == through(sender.home, sender.log) == 2
    assert sender.flush().rows == 0


def test_a_table_all_of_whose_rows_were_refused_is_still_one_that_nothing_was_sent_of(sender: Sender) -> None:
    sender.send("loans", loan(1, "JPY"))
    sender.send("payments", payment(1, amount="1.50"))
    sender.flush()
    assert sender.refused() == [(2, "too_many_decimals")]
    assert lake.version(sender.home, "payments") is None
    assert marks(sender.home, "payments") == 2


def test_a_payment_is_judged_by_the_loans_that_came_before_it_even_in_one_flush(sender: Sender) -> None:
    for number, amount in enumerate(("1.50", "1.005")):
        sender.send("payments", payment(f"before{number}", "L1", amount))
    sender.send("loans", loan(1, "JPY"))
    for number, amount in enumerate(("1.50", "2")):
        sender.send("payments", payment(f"after{number}", "L1", amount))
    sender.flush()
    assert sender.refused() == [(2, "currency_unknown"), (4, "too_many_decimals")]
    assert sender.rows("payments", "payment_id") == ["Pbefore0", "Pafter1"]


def test_an_event_of_a_loan_not_known_yet_waits_in_the_lake_as_one_in_a_file_does(sender: Sender) -> None:
    sender.send("payments", payment(1, "L9"))
    sender.flush()
    assert sender.rows("payments", "payment_id") == ["P1"]
    assert sender.rows("deliveries", "waiting") == [1]


def test_files_and_flushes_take_turns_and_batches_have_no_holes(sender: Sender) -> None:
    sender.send("payments", payment(1))
    sender.flush()
    assert sender.file("payments", [payment(2), payment(1)]).unchanged == 1
    sender.send("payments", payment(3), payment(2, amount="5.00"))
    sender.send("loans", loan(1))
    sender.flush()
    assert sender.file("payments", [payment(3)]).new == 0
    assert sender.rows("payments", "payment_id") == ["P1", "P2", "P3"]
    assert sender.rows("deliveries", "batch") == [1, 2, 3, 4, 5]
    assert sender.refused() == [(3, "duplicate_key")]
    assert lake.last_batch(sender.home) == 5
    assert marks(sender.home, "payments") == 4


def test_a_mark_says_what_a_table_held_at_a_version(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2))
    sender.flush()
    first = lake.version(sender.home, "payments")
    sender.send("loans", loan(1))
    sender.flush()
    assert marks(sender.home, "payments", first) == 3  # nothing of it came since
    sender.send("payments", payment(3))
    sender.flush()
    assert marks(sender.home, "payments", first) == 2
    assert marks(sender.home, "payments") == 4
    before = {"loans": 0, "payments": first or 0}
    assert marks_at(sender.home, ("loans", "payments", "draws"), before) == {"loans": 0, "payments": 2, "draws": 4}


def test_a_table_that_was_not_there_when_a_ledger_was_built_holds_nothing(sender: Sender) -> None:
    sender.send("loans", loan(1))
    sender.flush()
    there = lake.versions(sender.home, ("loans", "payments"))
    sender.send("payments", payment(1))
    sender.flush()
    assert marks_at(sender.home, ("loans", "payments"), there) == {"loans": 2, "payments": 0}


def test_long_logs_come_in_stretches(sender: Sender) -> None:
    for number in range(10):
        sender.send("payments", payment(number))
    steps: list[str] = []
    assert sender.flush(steps.append, most=4).batches == 3
    assert steps.count("registering") == 3
    assert sender.rows("payments", "payment_id") == [f"P{number}" for number in range(10)]
    assert sender.rows("deliveries", "file") == ["log 1-4", "log 5-8", "log 9-10"]


def test_rows_of_an_older_contract_are_cast_to_the_present_one(sender: Sender) -> None:
    rows = sender.door.judged("payments", [payment(1)], "api:1", NOW).facts
    older = rows.drop_columns(["channel", "seq"]).append_column("given_up", pa.array(["x"]))
    sender.log.append([Parcel("payments", older, "api:1")], 1.0)
    sender.send("payments", payment(2, channel="bank"))
    sender.flush()
    assert sender.rows("payments", "payment_id", "channel", "seq") == [("P1", None, None), ("P2", "bank", None)]


def test_a_flush_during_an_intake_is_busy_and_does_nothing(sender: Sender) -> None:
    sender.send("payments", payment(1))
    with journal.locked(sender.home):
        assert sender.flush().busy
        bring_what_waits(sender.home, TODAY)
    assert through(sender.home, sender.log) == 0
    assert not sender.flush().busy


def test_an_intake_and_a_run_wait_for_the_end_of_a_flush(sender: Sender) -> None:
    sender.send("payments", payment(1))
    begun, go_on = threading.Event(), threading.Event()

    def step(name: str) -> None:
        if name == "deciding":
            begun.set()
            assert go_on.wait(30)

    flushing = threading.Thread(target=sender.flush, args=(step,))
    flushing.start()
    assert begun.wait(30)
    with pytest.raises(journal.BusyError), journal.locked(sender.home, patience=0.05):
        pass
    assert sender.flush().busy  # of two flushers one is busy
    threading.Timer(0.2, go_on.set).start()
    assert sender.file("payments", [payment(2)]).batch == 2
    flushing.join()
    assert sender.rows("payments", "payment_id", "batch") == [("P1", 1), ("P2", 2)]


def test_a_refusal_noted_before_a_kill_is_noted_anew_by_what_is_decided_then(sender: Sender) -> None:
    sender.send("payments", payment(1))
    sender.flush()
    sender.send("payments", payment(2))
    sender.send("payments", payment(1, amount="9.00"))

    def step(name: str) -> None:
        if name == "deciding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sender.flush(step)
    assert sender.refused() == [(3, "duplicate_key")]
    assert sender.file("payments", [payment(2, amount="7.00")]).new == 1
    sender.flush()
    assert sender.refused() == [(2, "duplicate_key"), (3, "duplicate_key")]


def test_moments_of_refusals_only_grow_so_that_who_asks_for_new_ones_misses_none(sender: Sender) -> None:
    sender.send("payments", payment(1))
    for amount in ("2.00", "3.00", "4.00"):
        sender.send("payments", payment(1, amount=amount))
        flush(sender.home, NOW - dt.timedelta(hours=int(amount[0])), TODAY)  # a clock that goes back
    moments = [at for (at,) in sender.log.store.rows("SELECT at FROM refused ORDER BY place")]
    assert moments == sorted(set(moments))
    assert len(moments) == 3


def test_a_log_that_was_replaced_by_an_empty_one_is_found_out(sender: Sender) -> None:
    sender.send("payments", payment(1), payment(2))
    sender.flush()
    with sender.log.store.writing() as connection:
        connection.execute("DELETE FROM parcels")
        connection.execute("UPDATE ends SET last = 0")
    with pytest.raises(LostLogError, match="it was replaced") as caught:
        sender.flush()
    assert FILE in str(caught.value.place)


def test_a_log_that_is_gone_is_not_made_anew_unless_that_is_asked_for_and_then_begins_behind_the_lake(
    sender: Sender,
) -> None:
    sender.send("payments", payment(1), payment(2))
    sender.flush()
    for path in sender.home.path.glob(f"{FILE}*"):
        path.rename(path.with_name(f"away-{path.name}"))
    elsewhere = Home(sender.home.path, sender.home.settings)
    log._opened.cache_clear()
    with pytest.raises(LostLogError, match="up to row 2"):
        open_log(elsewhere)
    assert not (sender.home.path / FILE).exists()
    (sender.home.path / FILE).touch()
    assert open_log(elsewhere).last() == 2
    Door(elsewhere).take("payments", [payment(3)], "api:core", NOW)
    assert flush(elsewhere, NOW, TODAY).tables["payments"].new == 1


def test_a_log_whose_making_was_broken_off_begins_where_it_should(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    with closing(sqlite3.connect(path)) as begun:
        begun.execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size
    assert log.Log(path, lambda: 500).last() == 500


def test_rows_that_are_in_neither_are_found_out(sender: Sender) -> None:
    for number in range(3):
        sender.send("payments", payment(number))
    with sender.log.store.writing() as connection:
        connection.execute("DELETE FROM parcels WHERE first = 1")
    with pytest.raises(LostLogError, match="rows from 1 to 1"):
        sender.flush()
    assert lake.version(sender.home, "payments") is None


def test_rows_of_a_table_that_this_version_does_not_know_stop_the_flush_and_are_not_lost(sender: Sender) -> None:
    rows = sender.door.judged("payments", [payment(1)], "api:1", NOW).facts
    sender.log.append([Parcel("novelties", rows, "api:1")], 1.0)
    with pytest.raises(DaihouError, match="no table 'novelties'"):
        sender.flush()
    assert (through(sender.home, sender.log), sender.log.last()) == (0, 1)


def test_old_versions_of_a_table_stay_readable_however_many_flushes_come_and_go(sender: Sender) -> None:
    sender.send("payments", payment(0))
    sender.flush()
    table = lake.delta(sender.home, "payments")
    assert table is not None
    table.alter.set_table_properties({"delta.checkpointInterval": "3"})  # as a hundred flushes would
    first = table.version()
    folder = sender.home.lake / "payments" / "_delta_log"
    for number in range(1, 6):
        for entry in folder.iterdir():
            os.utime(entry, (1, 1))  # older than any time for which logs are usually kept
        sender.send("payments", payment(number))
        sender.flush()
    assert list(folder.glob("*.checkpoint.parquet"))
    assert lake.read(sender.home, "payments", ["payment_id"], first).read_all().num_rows == 1
    assert marks(sender.home, "payments", first) == 1
    assert marks(sender.home, "payments") == 6
