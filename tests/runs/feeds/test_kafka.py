"""Every message's rows once in the log, whatever happens to feeds, brokers and the log. What is killed is really killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from daihou.book.errors import DaihouError
from daihou.book.intake import Blinder
from daihou.runs.feeds import kafka, offsets
from daihou.runs.feeds.patience import patient
from daihou.runs.log.pressure import Pressure
from daihou.runs.stream import figures
from runs.feeds.conftest import GROUPS, NOW, once, payment, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.runs.feeds.kafka import Feed
    from kafka_brokers import Cluster
    from runs.feeds.conftest import Read

    Feeds = Callable[..., Feed]

SOAK = os.environ.get("DAIHOU_SOAK") == "1"
TESTS = Path(__file__).resolve().parents[2]
MOST_WAITING = 20_000
"""Messages that wait in the brokers: of many more they would forget the oldest."""
STEPS = ("judging", "appending", "writing", "appended", "told")


@contextmanager
def running(*feeds: Feed) -> Iterator[None]:
    """Feeds in threads of their own, until the block ends."""
    stop = threading.Event()
    threads = [threading.Thread(target=feed.run, args=(stop,)) for feed in feeds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def started(held: Read, source: str, *words: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
    return subprocess.Popen(
        [sys.executable, "-m", "runs.feeds.feeder", str(held.home.path), source, *words],
        cwd=TESTS,
        env=environment | {"PYTHONPATH": str(TESTS)},
    )


def numbers(first: int, last: int) -> dict[str, int]:
    """Payments that came once each."""
    return {f"P{number:06d}": 1 for number in range(first, last)}


def test_a_feed_begins_where_the_log_stands_whatever_its_group_committed(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-resume")
    send(cluster, "k-resume", *(payment(number) for number in range(10)))
    once(feed("k-resume", "?table=payments"))
    for committed in (0, 15):
        group = f"ahead{committed}"
        other = Consumer({"bootstrap.servers": cluster.address, "group.id": group})
        other.commit(offsets=[TopicPartition("k-resume", 0, committed)], asynchronous=False)
        other.close()
        before = sum(held.keys().values())
        send(cluster, "k-resume", *(payment(number) for number in range(before, before + 10)))
        once(feed("k-resume", f"?table=payments&group={group}"))
    assert held.keys() == numbers(0, 30)
    assert offsets.stands(held.door.log, ["k-resume"])["k-resume", 0] == offsets.Stand(30, 30, 0)


def test_what_a_group_has_committed_is_there_for_tools_that_show_the_lag(cluster: Cluster, feed: Feeds) -> None:
    cluster.topic("k-lag")
    send(cluster, "k-lag", *(payment(number) for number in range(5)))
    once(feed("k-lag", "?table=payments&group=seen"))
    tool = Consumer({"bootstrap.servers": cluster.address, "group.id": "seen"})
    assert tool.committed([TopicPartition("k-lag", 0)])[0].offset == 5
    tool.close()


def test_two_feeds_that_know_nothing_of_one_another_bring_each_message_once(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-twice", 2)
    pair = [feed("k-twice", "?table=payments") for _ in range(2)]
    with running(*pair):
        for begin in range(0, 600, 20):
            send(
                cluster, "k-twice", *(payment(number) for number in range(begin, begin + 20)), partition=begin // 20 % 2
            )
        until(lambda: len(held.keys()) == 600)
    assert held.keys() == numbers(0, 600)
    assert sum(one.came.rows for one in pair) == 600


def test_feeds_of_a_group_share_the_partitions_and_one_takes_over_from_another(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-share", 4)
    settings = held.home.path / "quick.properties"
    settings.write_text("session.timeout.ms=2000\nheartbeat.interval.ms=200\n")
    query = f"?table=payments&group=share{next(GROUPS)}&settings={settings}"
    said: list[str] = []
    first = feed("k-share", query, tell=lambda en, _zh: said.append(en))
    with running(first):
        until(lambda: len(said) == 1)
        second = started(held, f"kafka://{cluster.address}/k-share{query}")
        until(lambda: said[-1].count("k-share") == 2)
        for part in range(4):
            send(cluster, "k-share", *(payment(part * 100 + number) for number in range(100)), partition=part)
        until(lambda: len(held.keys()) == 400)
        assert first.came.rows == 200
        second.kill()
        second.wait()
        for part in range(4):
            send(cluster, "k-share", *(payment(400 + part * 100 + number) for number in range(100)), partition=part)
        until(lambda: len(held.keys()) == 800)
    assert held.keys() == numbers(0, 800)
    assert said[-1].count("k-share") == 4


def test_killed_at_any_step_nothing_is_lost_or_comes_twice(cluster: Cluster, held: Read) -> None:
    cluster.topic("k-kill", 2)
    sent = 0

    def more() -> str:
        nonlocal sent
        send(cluster, "k-kill", *(payment(number) for number in range(sent, sent + 100)), partition=sent // 100 % 2)
        sent += 100
        return f"kafka://{cluster.address}/k-kill?table=payments&group=g{next(GROUPS)}"

    for step in STEPS * (3 if SOAK else 1):
        assert started(held, more(), step, "1").wait(60) == -signal.SIGKILL
    last = started(held, more())
    until(lambda: len(held.keys()) == sent)
    more()
    until(lambda: len(held.keys()) == sent)
    last.terminate()
    assert last.wait(10) == 0
    assert held.keys() == numbers(0, sent)


def test_killed_at_random_moments_under_load_nothing_is_lost_or_comes_twice(cluster: Cluster, held: Read) -> None:
    cluster.topic("k-random", 3)
    chance = random.Random(8)  # noqa: S311 - when to kill is no secret
    kills = 50 if SOAK else 3
    sent = 0
    done = threading.Event()

    def produce() -> None:
        nonlocal sent
        producer = Producer({"bootstrap.servers": cluster.address, "log_level": 0})
        while not done.is_set():
            if sent - held.door.log.last() < MOST_WAITING:
                send_some(producer, "k-random", sent, 200)
                sent += 200
            time.sleep(0.05)
        assert producer.flush(20) == 0

    producing = threading.Thread(target=produce)
    producing.start()
    for _ in range(kills):
        process = started(held, f"kafka://{cluster.address}/k-random?table=payments&group=g{next(GROUPS)}")
        was = held.door.log.last()
        until(lambda was=was: held.door.log.last() > was)  # type: ignore[misc]  # a lambda's default has no type
        time.sleep(chance.random() * 0.5)
        process.kill()
        process.wait()
    done.set()
    producing.join()
    last = started(held, f"kafka://{cluster.address}/k-random?table=payments&group=g{next(GROUPS)}")
    until(lambda: held.door.log.last() >= sent)
    last.terminate()
    last.wait(10)
    assert held.keys() == numbers(0, sent)


def send_some(producer: Producer, topic: str, first: int, count: int) -> None:
    for number in range(first, first + count):
        producer.produce(topic, json.dumps(payment(number)), partition=number % 3)
    producer.poll(0)


def test_brokers_that_are_gone_for_a_while_are_waited_for(cluster: Cluster, held: Read, feed: Feeds) -> None:
    cluster.topic("k-gone")
    said: list[str] = []
    with running(feed("k-gone", "?table=payments", tell=lambda en, _zh: said.append(en))):
        send(cluster, "k-gone", *(payment(number) for number in range(10)))
        until(lambda: len(held.keys()) == 10)
        cluster.down()
        until(lambda: any(text.startswith("Kafka: ") for text in said))
        time.sleep(60 if SOAK else 1)
        cluster.up()
        send(cluster, "k-gone", *(payment(number) for number in range(10, 20)))
        until(lambda: len(held.keys()) == 20, 60)
    assert held.keys() == numbers(0, 20)
    assert said[-1] == "Kafka answers again."


def test_a_feed_that_is_to_end_says_when_no_broker_answers_and_what_topics_there_are(
    cluster: Cluster, feed: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daihou.runs.feeds.brokers.REACH_SECONDS", 1.0)
    cluster.topic("k-there")
    with pytest.raises(DaihouError, match="There is no topic k-nowhere") as refused:
        once(feed("k-nowhere"))
    assert "k-there" in refused.value.remedy
    nobody = feed("k-there")
    object.__setattr__(nobody.address, "brokers", "127.0.0.1:1")
    with pytest.raises(DaihouError, match="do not answer"):
        once(nobody)


def test_messages_that_no_longer_exist_are_counted_and_the_feed_goes_on(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-lost")
    send(cluster, "k-lost", *(payment(number) for number in range(10)))
    once(feed("k-lost", "?table=payments"))
    send(
        cluster, "k-lost", *(payment(number, channel="c" * 100_000) for number in range(10, 100))
    )  # 9 MB: more than is kept
    said: list[str] = []
    came = once(feed("k-lost", "?table=payments", tell=lambda en, _zh: said.append(en))).came
    assert came.lost > 0
    assert came.lost + came.messages == 90
    assert any(f"{came.lost:,} messages before" in text for text in said)
    stand = offsets.stands(held.door.log, ["k-lost"])["k-lost", 0]
    assert (stand.next, stand.lost) == (100, came.lost)
    assert any("no longer exist" in one.error for one in figures.read(held.door.log, 0))


def test_a_topic_that_ends_before_what_was_read_is_read_from_its_beginning(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-anew")
    send(cluster, "k-anew", *(payment(number) for number in range(10)))
    with held.door.log.store.writing() as connection:
        connection.execute("INSERT INTO offsets VALUES ('k-anew', 0, 5000, 5000, 0)")
    said: list[str] = []
    came = once(feed("k-anew", "?table=payments", tell=lambda en, _zh: said.append(en))).came
    assert (came.rows, came.lost) == (10, 0)
    assert any("seems to be a new one" in text for text in said)


def test_nothing_is_read_while_the_log_is_full(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("k-full")
    full = threading.Event()
    said: list[str] = []

    def stands() -> Pressure:
        return Pressure("full" if full.is_set() else "ok", 60, 0, 0, 0)

    with running(feed("k-full", "?table=payments", pressure=stands, tell=lambda en, _zh: said.append(en))):
        send(cluster, "k-full", *(payment(number) for number in range(10)))
        until(lambda: len(held.keys()) == 10)
        full.set()
        until(lambda: said[-1].startswith("Too many rows wait"))
        send(cluster, "k-full", *(payment(number) for number in range(10, 30)))
        time.sleep(1)
        assert held.door.log.last() == 10
        full.clear()
        until(lambda: len(held.keys()) == 30)
    assert held.keys() == numbers(0, 30)


def test_a_log_that_is_behind_is_given_a_batch_at_a_time(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("k-slow")
    send(cluster, "k-slow", *(payment(number) for number in range(12_000)))
    began = time.time()
    with running(feed("k-slow", "?table=payments", pressure=lambda: Pressure("slow", 1, 0, 0, 0))):
        until(lambda: held.door.log.last() == 12_000, 60)
    moments = [one.accepted_at for one in held.door.log.read(0, 20_000)]
    assert len(moments) >= 3
    assert all(
        moment >= began + turn for turn, moment in enumerate(moments)
    )  # however slow: each a second after its forerunner's turn


def test_a_log_that_cannot_be_written_is_waited_for(
    cluster: Cluster, feed: Feeds, held: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daihou.runs.log.store.PATIENCE_SECONDS", 0.1)
    cluster.topic("k-busy")
    said: list[str] = []
    with running(feed("k-busy", "?table=payments", tell=lambda en, _zh: said.append(en))):
        send(cluster, "k-busy", *(payment(number) for number in range(10)))
        until(lambda: len(held.keys()) == 10)
        with held.door.log.store.writing():
            send(cluster, "k-busy", *(payment(number) for number in range(10, 20)))
            until(lambda: "locked" in said[-1])
        until(lambda: len(held.keys()) == 20)
    assert held.keys() == numbers(0, 20)
    assert any("locked" in one.error for one in figures.read(held.door.log, 0))


def test_a_key_that_cannot_be_read_is_waited_for_and_no_message_blamed(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-key")
    failures = iter(range(2))
    said: list[str] = []

    def token(_text: str) -> str:
        if next(failures, None) is not None:
            raise RuntimeError
        return "ab" * 16

    blinder = Blinder(token, {})
    booked = {
        "txn_id": "T1",
        "account_id": "A1",
        "booked_at": "2026-01-02T09:00:00+08:00",
        "amount": "-5.00",
        "counterparty": "x",
    }
    send(cluster, "k-key", booked)
    source = feed(
        "k-key", "?table=transactions", blinder=patient(lambda _day: blinder), tell=lambda en, _zh: said.append(en)
    )
    with running(source):
        until(lambda: held.door.log.last() == 1)
    assert [row["counterparty_token"] for row in held.rows("transactions")] == ["ab" * 16]
    assert held.refused() == []
    assert sum("cannot be blinded now" in text for text in said) == 2


def test_a_day_that_is_closed_between_judging_and_writing_is_judged_again(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-closed")
    send(cluster, "k-closed", payment(1))

    def step(name: str) -> None:
        if name == "appending":
            held.door.log.close_day(NOW.date())

    once(feed("k-closed", "?table=payments", step=step))
    assert [str(row["known_on"]) for row in held.rows()] == ["2026-01-06"]


def test_what_came_is_told_by_the_minute_however_many_feeds_there_are(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("k-told", 2)
    minute = lambda: 60_000_000.0  # noqa: E731 - a clock that stands
    for begin in (0, 100):
        send(cluster, "k-told", *(payment(number) for number in range(begin, begin + 100)), partition=begin // 100)
        once(feed("k-told", "?table=payments", wall=minute))
    send(cluster, "k-told", b"poison")
    once(feed("k-told", "?table=payments", wall=minute))
    (told,) = figures.read(held.door.log, 0)
    assert (told.name, told.minute, told.events, told.refused, told.lag) == ("kafka/k-told", 1_000_000, 200, 1, 0)
    assert sum(told.classes) == 201


def test_a_single_message_does_not_wait_for_others(
    cluster: Cluster, feed: Feeds, held: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Counted(Consumer):
        def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
            asked.append(num_messages if timeout == kafka.LOOK_SECONDS else 0)
            return super().consume(num_messages, timeout)

    monkeypatch.setattr("daihou.runs.feeds.brokers.Consumer", Counted)
    cluster.topic("k-lone")
    with running(feed("k-lone", "?table=payments")):
        for number in range(3):
            send(cluster, "k-lone", payment(number))
            until(lambda number=number: held.door.log.last() == number + 1)  # type: ignore[misc]  # a lambda's default has no type
    assert set(asked) <= {0, 1}  # what is waited for is one
    assert 1 in asked
