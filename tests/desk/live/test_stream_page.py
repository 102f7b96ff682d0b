"""The page of real time: nothing yet, a stream at work, silent or with an error, and a log that cannot be read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.live import faring
from daihou.runs.log.log import open_log
from daihou.runs.log.store import FILE
from daihou.runs.stream.figures import Figures, note
from desk.alerts.hands import browser, hands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

NOW = dt.datetime(2026, 3, 5, 10, 30, 20, tzinfo=dt.UTC)
MINUTE = int(NOW.timestamp() // 60)


@pytest.fixture
def client(db: None, tmp_path: Path) -> Iterator[Client]:
    with override_settings(HOME=open_home(tmp_path / "home", {})):
        yield browser(hands()["zhou"])


def noted(name: str, ago: int, **values: Any) -> None:
    figures = Figures(name, MINUTE - ago, **values)
    with open_log(settings.HOME).store.writing() as writing:
        note(writing, figures)


def told(name: str) -> faring.Process:
    found: list[faring.Process] = faring.context(NOW)["processes"]
    return next(one for one in found if one.name == name)


def test_before_the_first_event_the_page_says_what_will_fill_it(client: Client) -> None:
    response = client.get("/live/stream/")
    assert response.status_code == 200
    assert "No event has come yet" in response.content.decode()
    assert not (settings.HOME.path / FILE).exists(), "to look makes no log"


def test_rate_latency_lag_and_the_last_error_of_each_process(client: Client) -> None:
    slow = Figures("stream/0/1", MINUTE - 1, events=600, said=3, lag=7, busy_ms=6_000)
    slow.took(4, 590)
    slow.took(180, 10)
    with open_log(settings.HOME).store.writing() as writing:
        note(writing, slow)
    noted("stream/0/1", 30, events=100, error="a batch could not be judged")
    noted("stream/0/1", 90, events=5_000)
    noted("flush", 10, lag=12)
    stream = told("stream/0/1")
    assert (stream.events, stream.rate, stream.said, stream.lag) == (700, 10.0, 3, 7), "of the last hour alone"
    assert stream.percentiles == ("≤ 5 ms", "≤ 5 ms", "≤ 200 ms")
    assert (stream.error, stream.silent) == ("a batch could not be judged", False)
    points = stream.points["events"].split(",")
    assert (len(points), points[-2], points[-31], points[0]) == (60, "600", "100", "0")
    assert told("flush").silent
    with open_log(settings.HOME).store.writing() as writing:
        note(writing, Figures("flush", int(timezone.now().timestamp() // 60), error="the lake was busy"))
    page = client.get("/live/stream/").content.decode()
    assert "Bringing to the lake" in page
    assert "the lake was busy" in page


def test_a_stream_that_never_ran_is_said_so_where_events_wait(client: Client) -> None:
    noted("flush", 0)
    assert not faring.context(NOW)["streams"]
    open_log(settings.HOME)
    assert "The stream has not run" in client.get("/live/stream/").content.decode()


def test_a_log_that_cannot_be_read_is_said_with_what_to_do(client: Client) -> None:
    (settings.HOME.path / FILE).write_bytes(b"this is no database" * 100)
    response = client.get("/live/stream/now/")
    assert response.status_code == 200
    assert "Restore it from a backup" in response.content.decode()


def test_its_queries_do_not_grow_with_processes(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/live/stream/now/").status_code == 200
        return len(found)

    noted("flush", 0)
    few = queries()
    minute = int(timezone.now().timestamp() // 60)
    with open_log(settings.HOME).store.writing() as writing:
        for number in range(8):
            note(writing, Figures(f"stream/{number}/8", minute))
    assert queries() == few
    assert "Stream worker 8 of 8" in client.get("/live/stream/now/").content.decode()
