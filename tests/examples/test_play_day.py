"""A day played: cut from a book, sent by HTTP and by Kafka, and found again in the log; of what it does to loans, the stream speaks."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from examples.play_day import book as cut
from examples.play_day import play, prepare
from examples.play_day.senders import Sent
from examples.play_day.sources import SHORT_LOANS, short_loans

from api.live import entered, served
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.runs.log import open_log
from daihou.runs.nightly import run
from daihou.runs.stream import told
from daihou.runs.stream.worker import Worker
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from once import once

if TYPE_CHECKING:
    from daihou.book.home import Home

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "short_loans"
DAY = dt.date(2026, 6, 15)


TODAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 22, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated book cut at a day."""

    def build(folder: Path) -> None:
        simulate(shipped("online"), 1_500, 8, 1, folder / "book", lambda *_: None)
        prepare.main([str(folder / "book"), str(folder / "day"), "--day", f"{DAY}", "--today", f"{TODAY}"])

    return once(tmp_path_factory, "play", build)


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Home:
    """A home that knows the book up to the evening before."""
    home = open_home(tmp_path / "home", {})
    for name in ("borrowers", "loans", "instalments", "payments"):
        deliver(home, [prepared / "day" / "history" / f"{name}.parquet"], name, today=TODAY)
    yesterday = TODAY - dt.timedelta(days=1)
    run(home, yesterday, yesterday, lambda *_: None)
    return home


def test_a_book_is_cut_so_that_nothing_is_lost_and_the_day_is_today(prepared: Path) -> None:
    events = list(cut.read(prepared / "day"))
    payments = pl.read_parquet(list((prepared / "book").glob("payments-*.parquet")))
    before = pl.read_parquet(prepared / "day" / "history" / "payments.parquet")
    sent = [one.row for one in events if one.table == "payments"]
    assert before.height == payments.filter(pl.col("known_on") < DAY).height
    assert len(sent) == payments.filter(pl.col("known_on") == DAY).height > 0
    assert {row["paid_on"] for row in sent} == {f"{TODAY}"}
    assert sum(Decimal(row["amount"]) for row in sent) == payments.filter(pl.col("known_on") == DAY)["amount"].sum()
    assert [one.second for one in events] == sorted(one.second for one in events)
    assert all("known_on" not in one.row for one in events)


def test_a_day_through_kafka_is_in_the_log_once_and_the_stream_speaks_of_it(
    prepared: Path, home: Home, tmp_path: Path
) -> None:
    events = [
        one for one in cut.read(prepared / "day") if one.table != "transactions"
    ]  # these need a vault, which takes long to make
    cut.write(tmp_path / "day", {}, events)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
    environment |= {"DAIHOU_HOME": str(home.path), "DAIHOU_LANG": "en", "DAIHOU_NOW": NOW.isoformat()}
    words = ["-m", "examples.play_day.play", str(tmp_path / "day"), "--to", "kafka", "--rate", "0", "--wait", "0"]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert f"sent: {len(events):,} rows" in done.stdout
    assert f"feed: messages {len(events)}, rows {len(events)}, quarantined 0" in done.stdout
    log = open_log(home)
    held = [row["payment_id"] for one in log.read(0) if one.table == "payments" for row in one.rows().to_pylist()]
    assert sorted(held) == sorted(one.row["payment_id"] for one in events if one.table == "payments")
    Worker(home, clock=lambda: NOW).run(threading.Event(), until_done=True)
    said = told.read(log, 0, 10_000)
    assert said
    assert next(iter(play.said(log, 0))) == f"the stream said: {len(said):,} transitions"


def test_a_day_by_http_is_accepted_and_what_came_of_it_is_told(
    prepared: Path, tmp_path: Path, capsys: Any, monkeypatch: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path / "desk" / "home"
    path.mkdir(parents=True)
    monkeypatch.setenv("DAIHOU_TOKEN", entered(tmp_path_factory, path)["DAIHOU_TOKEN"])
    monkeypatch.delenv("DAIHOU_HOME")
    with served(path) as web:
        play.main([str(prepared / "day"), "--to", web.address, "--rate", "0", "--batch", "50", "--events", "60"])
    out = capsys.readouterr().out
    assert "sent: 60 rows" in out
    assert "accepted: 60, refused: 0, told to wait: 0" in out
    assert "places in the log: 1 to 60" in out
    assert open_log(open_home(path)).last() == 60


def test_a_rate_is_kept(prepared: Path) -> None:
    class Counts:
        """Sends nothing."""

        def __init__(self) -> None:
            self.sent = Sent()

        def send(self, table: str, rows: Any) -> None:
            self.sent.rows[table] += len(rows)

        def close(self) -> None: ...

    counts = Counts()
    began = dt.datetime.now(dt.UTC)
    play.play(iter(list(cut.read(prepared / "day"))[:20]), counts, 40.0, 1)
    assert sum(counts.sent.rows.values()) == 20
    assert (dt.datetime.now(dt.UTC) - began).total_seconds() >= 19 / 40


def test_short_loans_are_a_book_whose_money_ties(tmp_path: Path) -> None:
    head = "customerid,systemloanid,approveddate,loanamount,totaldue,termdays,closeddate,firstduedate,firstrepaiddate"
    rows = [
        "c1,11,2017-05-01 08:10:20.0,10000.0,11500.5,60,2017-06-29 16:00:00.0,2017-05-30 00:00:00.0,2017-05-29 09:00:00.0",
        "c1,12,2017-07-01 10:00:00.0,10000.0,13000.0,30,2017-07-20 00:00:00.0,2017-07-31 00:00:00.0,2017-07-20 00:00:00.0",
    ]
    (tmp_path / SHORT_LOANS).write_text("\n".join([head, *rows]) + "\n")
    tables = short_loans(tmp_path).tables
    plan = tables["instalments"].sort("loan_id", "seq")
    assert plan.select("loan_id", "seq", "due_on", "principal", "interest").rows() == [
        ("N11", 1, dt.date(2017, 5, 30), Decimal("5000.00"), Decimal("750.25")),
        ("N11", 2, dt.date(2017, 6, 29), Decimal("5000.00"), Decimal("750.25")),
        ("N12", 1, dt.date(2017, 7, 31), Decimal("10000.00"), Decimal("3000.00")),
    ]
    paid = tables["payments"].sort("payment_id")
    assert paid.select("payment_id", "paid_on", "amount").rows() == [
        ("N11-1", dt.date(2017, 5, 29), Decimal("5750.25")),
        ("N11-2", dt.date(2017, 6, 29), Decimal("5750.25")),
        ("N12-2", dt.date(2017, 7, 20), Decimal("13000.00")),
    ]
    assert tables["borrowers"].rows() == [("c1", "person", dt.date(2017, 5, 1), dt.time(8, 10, 20))]


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the short loans are not in ../shared/data/short_loans beside the checkout"
)
def test_the_real_short_loans_are_cut_and_taken_in(tmp_path: Path, capsys: Any) -> None:
    prepare.main([str(DATA), str(tmp_path / "day"), "--day", "2017-06-28", "--today", "2026-07-01"])
    assert "589 events" in capsys.readouterr().out
    history = {path.stem: pl.read_parquet(path) for path in (tmp_path / "day" / "history").iterdir()}
    assert {name: table.height for name, table in history.items()} == {
        "borrowers": 3896,
        "loans": 17375,
        "instalments": 18419,
        "payments": 15804,
    }
    assert all(
        re.fullmatch(r"\d+\.\d\d", one.row["amount"]) for one in cut.read(tmp_path / "day") if one.table == "payments"
    )
    home = open_home(tmp_path / "home", {})
    report = deliver(home, [tmp_path / "day" / "history" / "payments.parquet"], "payments", today=dt.date(2026, 7, 1))
    assert report.quarantined == {}
