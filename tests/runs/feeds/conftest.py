"""Brokers, a home, and a feed from the one to the other."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pytest
from confluent_kafka import Producer

from daihou.book.home import Home, open_home
from daihou.runs.feeds.address import parse
from daihou.runs.feeds.kafka import Feed
from daihou.runs.log.door import Door
from kafka_brokers import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUPS: Final = count()
NOW: Final = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Brokers for all tests: each takes topics of its own."""
    with Cluster() as brokers:
        yield brokers


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home", {})


def payment(number: int, **further: Any) -> dict[str, Any]:
    """A payment as a core system would send it."""
    return {
        "payment_id": f"P{number:06d}",
        "loan_id": f"L{number % 50}",
        "paid_on": "2026-01-02",
        "amount": "12.50",
    } | further


def send(cluster: Cluster, topic: str, *values: Any, partition: int = 0, headers: Any = None) -> None:
    """Messages on a topic: bytes as they are, anything else as JSON."""
    producer = Producer(
        {"bootstrap.servers": cluster.address, "log_level": 0, "queue.buffering.max.messages": 1_000_000}
    )
    for value in values:
        body = value if isinstance(value, bytes) or value is None else json.dumps(value, ensure_ascii=False).encode()
        producer.produce(topic, body, partition=partition, headers=headers)
        producer.poll(0)
    assert producer.flush(20) == 0


@dataclass
class Read:
    """What a log holds."""

    home: Home
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(self.home)

    def rows(self, table: str = "payments") -> list[dict[str, Any]]:
        """The rows of a table, in order."""
        held = self.door.log.read(0, 10_000_000)
        return [row for one in held if one.table == table for row in one.rows().to_pylist()]

    def keys(self, table: str = "payments", key: str = "payment_id") -> Counter[str]:
        """How often each key came."""
        return Counter(row[key] for row in self.rows(table))

    def refused(self) -> list[tuple[str, int, str, str]]:
        """File, line, table and reason of what is in quarantine."""
        return [(row["file"], row["line"], row["table"], row["reason"]) for row in self.rows("quarantine")]


@pytest.fixture
def held(home: Home) -> Read:
    return Read(home)


@pytest.fixture
def feed(home: Home, cluster: Cluster) -> Callable[..., Feed]:
    """Makes a feed of topics, with a query behind them."""

    def made(topics: str, query: str = "", **further: Any) -> Feed:
        door = Door(home, further.pop("blinder", None))
        group = f"g{next(GROUPS)}"  # the mock lets a group that was left wait for seconds
        query = query if "group=" in query else f"{query}{'&' if query else '?'}group={group}"
        return Feed(door, parse(f"kafka://{cluster.address}/{topics}{query}"), lambda: NOW, **further)

    return made


def once(feed: Feed) -> Feed:
    """Let a feed bring all that waits."""
    feed.run(threading.Event(), once=True)
    return feed
