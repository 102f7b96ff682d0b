"""Signals as programs read them: open on a date, said over a span of dates, and told by the stream."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings

from daihou.runs import store
from daihou.runs.log.log import open_log
from daihou.runs.stream import told as stream

if TYPE_CHECKING:
    from api.reading.conftest import Reader

pytestmark = pytest.mark.django_db
Book = list[tuple[dt.date, dt.date]]


def wrote(table: str, pair: tuple[dt.date, dt.date]) -> pl.DataFrame:
    """The rows that a run wrote."""
    return pl.DataFrame(pl.from_arrow(store.read(settings.HOME, table, *pair)))


def test_what_is_open_is_what_the_rules_remember(manager: Reader, book: Book) -> None:
    memory = wrote("rule_memory", book[-1]).filter(pl.col("opened_on").is_not_null(), ~pl.col("shadow"))
    found = manager.all("/signals?limit=23")
    assert sorted(row["signal_id"] for row in found) == sorted(memory["signal_id"])
    assert [row["signal_id"] for row in found] == sorted(row["signal_id"] for row in found)


def test_a_signal_says_why_in_both_languages(manager: Reader, book: Book) -> None:
    row = next(row for row in manager.all("/signals") if row["subject"] == "loan" and row["evidence"])
    assert row["message"]["en"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in row["message"]["zh"])
    assert row["balance"] is None or "." in row["balance"]


def test_signals_in_reach_alone_are_told(branch: Reader, book: Book) -> None:
    rows = branch.all("/signals")
    assert rows
    assert {row["org_id"] for row in rows} == {"B01"}


def test_a_filter_leaves_what_it_names(manager: Reader, book: Book) -> None:
    every = manager.all("/signals")
    red = manager.all("/signals?level=red")
    assert [row["signal_id"] for row in red] == [row["signal_id"] for row in every if row["level"] == "red"]
    assert manager.get("/signals?level=purple").status_code == 400
    assert manager.get("/signals?colour=red").status_code == 400


def test_what_nights_said_is_told_once_each_in_order_of_the_dates(manager: Reader, book: Book) -> None:
    said = pl.concat([wrote("signals", pair) for pair in book]).filter(~pl.col("shadow"))
    found = manager.all(f"/signals/transitions?since={book[0][0]}&until={book[-1][0]}&limit=17")
    assert len(found) == len(said) > 17
    keys = [(row["as_of"], row["signal_id"]) for row in found]
    assert keys == sorted(keys)
    assert {row["transition"] for row in found} == set(said["transition"])


def test_one_transition_a_day_and_signal(book: Book) -> None:
    """The page goes on behind a date and a signal: two rows of one would be lost between pages."""
    said = pl.concat([wrote("signals", pair) for pair in book])
    assert said.select("as_of", "signal_id").is_duplicated().sum() == 0


def saying(signal_id: str, org_id: str) -> stream.Saying:
    """What the stream says of a loan of an org."""
    row = {
        "rule_id": "R-001", "version": 1, "shadow": False, "subject": "loan", "subject_id": f"L{signal_id}", "borrower_id": "C1", "org_id": org_id,
        "officer_id": "O1", "currency": "CNY", "balance": 123_450, "level": "yellow", "opened_on": "2026-03-31", "condition": "dpd > 30",
        "evidence": '{"dpd": 45, "overdue_amount": 100}',
    }  # fmt: skip
    return stream.Saying(dt.date(2026, 3, 31), signal_id, "opened", row)


def test_the_stream_is_heard_from_a_number_on_in_reach_alone(manager: Reader, branch: Reader, book: Book) -> None:
    log = open_log(settings.HOME)
    begin = stream.last(log)
    with log.store.writing() as connection:
        stream.say(
            connection, [saying(f"s{n}", "B01" if n % 2 else "B02") for n in range(6)], 7, time.time(), time.time()
        )
    told = manager.get(f"/signals/told?after={begin}&limit=4").json()
    assert [row["signal_id"] for row in told["data"]] == ["s0", "s1", "s2", "s3"]
    rest = manager.get(f"/signals/told?after={told['next']}").json()
    assert [row["signal_id"] for row in rest["data"]] == ["s4", "s5"]
    assert manager.get(f"/signals/told?after={rest['next']}").json()["data"] == []
    row = rest["data"][0]
    assert (row["balance"], row["evidence"]) == ("1234.50", {"dpd": 45, "overdue_amount": "1.00"})
    own = branch.get(f"/signals/told?after={begin}&limit=2").json()
    assert [row["signal_id"] for row in own["data"]] == ["s1", "s3"]
    assert [row["signal_id"] for row in branch.get(f"/signals/told?after={own['next']}").json()["data"]] == ["s5"]


def test_a_watch_within_the_day_says_why_in_both_languages(manager: Reader, book: Book) -> None:
    log = open_log(settings.HOME)
    begin = stream.last(log)
    one = saying("w1", "B01")
    evidence = {
        "amount": 123_450,
        "currency": "CNY",
        "due_on": "2026-03-31",
        "failures": 2,
        "reversals": 0,
        "until_at": "2026-04-01T00:00:00+08:00",
    }
    row = {**one.row, "rule_id": "B-101", "condition": "due_today", "evidence": json.dumps(evidence)}
    with log.store.writing() as connection:
        stream.say(connection, [replace(one, row=row)], 8, time.time(), time.time())
    (told,) = manager.data(f"/signals/told?after={begin}")
    assert told["evidence"]["amount"] == "1234.50"
    assert "1,234.50" in told["message"]["en"]
    assert "扣款失败2次" in told["message"]["zh"]


def test_a_page_asks_the_database_as_often_however_long_it_is(manager: Reader, book: Book, queries: Any) -> None:
    manager.get("/signals?limit=1")
    with queries(6):
        manager.data("/signals?limit=500")
